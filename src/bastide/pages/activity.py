"""The page on which people see what happened to their account, and the last of it on the account page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bastide.core.foundation import EPOCH, UNKNOWN_ADDRESS, AccountId, minute_text, network_of
from bastide.core.inputs import parse_page, parse_query
from bastide.core.security_log import MOST_COUNTED, Event, EventFilter, EventKind, Outcome, account_target
from bastide.pages.context import ActivityPage, ActivityView
from bastide.pages.messages import MESSAGES as T
from bastide.pages.sentences import EVENT_SENTENCES
from bastide.pages.visits import Missing, Page, Result, Visit

PAGE_SIZE: Final = 25
LATEST: Final = 5
LOOKED_BACK: Final = 50
SIGN_INS: Final = frozenset({EventKind.LOGIN_SUCCESS, EventKind.FACTOR_SUCCESS})
_ALARMING: Final = frozenset({Outcome.FAILURE, Outcome.REFUSED})


def activity(visit: Visit) -> Result:
    """List the signed-in person's own events, newest first (L2).

    Whose they are comes from the session alone; the address may name a page and nothing else.

    Raises:
        InvalidInput: any other parameter, or a page past the last that is counted.
    """
    account_id = visit.exchange.principal.account_id
    asked = parse_query(visit.query, declared=("page",))
    page = parse_page(asked.get("page") or None, size=PAGE_SIZE, last=MOST_COUNTED // PAGE_SIZE)
    if account_id is None:
        return Missing()
    events, total = _list(visit, account_id, offset=page.offset, limit=page.size)
    last = max(1, -(-min(total, MOST_COUNTED) // page.size))

    def link(number: int) -> str:
        return f"{visit.url('activity')}?page={number}"

    view = ActivityPage(
        events=tuple(_view(visit, event, account_id, seen=None) for event in events),
        summary=T.page_text(number=page.number, last=last) if last > 1 else "",
        newer_url=link(min(page.number - 1, last)) if page.number > 1 else "",
        older_url=link(page.number + 1) if page.number < last else "",
    )
    return Page(template="activity", context={"activity": view})


def latest(visit: Visit, account_id: AccountId) -> ActivityPage:
    """Return the last few events of the account, and which of them came after the sign-in before this one."""
    events, _ = _list(visit, account_id, offset=0, limit=LOOKED_BACK)
    seen = _previous_sign_in(visit, account_id, events)
    return ActivityPage(events=tuple(_view(visit, event, account_id, seen) for event in events[:LATEST]))


def _list(visit: Visit, account_id: AccountId, *, offset: int, limit: int) -> tuple[Sequence[Event], int]:
    services = visit.exchange.services
    shown = frozenset({*EVENT_SENTENCES, *services.vocabulary.sentences})
    wanted = EventFilter(kinds=shown, account=account_id)
    found, total = services.stores.events.list_events(wanted, offset=offset, limit=limit)
    # A row that was changed beyond reading is for administrators.
    return [event for event in found if event.kind in shown], total


def _previous_sign_in(visit: Visit, account_id: AccountId, events: Sequence[Event]) -> datetime | None:
    """Return when the owner last signed in before this session began, or 1970 where that is far back.

    It is looked for among the newest events only: behind ten thousand failures, a search of its own for it
    would read them all.
    """
    exchange = visit.exchange
    active = exchange.active
    own = exchange.services.sessions.list_live(account_id)
    began = next((entry.created_at for entry in own if active and entry.digest == active.digest), None)
    if began is None:
        return None
    sign_ins = (event.at for event in events if event.kind in SIGN_INS and event.at < began)
    return next(sign_ins, EPOCH if len(events) == LOOKED_BACK else None)


def _view(visit: Visit, event: Event, account_id: AccountId, seen: datetime | None) -> ActivityView:
    """Return one event as its owner may know it.

    Where somebody else acted on the account, who it was and from where is theirs to know; where the owner
    acted on another account, which one.
    """
    is_own_act = event.actor in {"", str(account_id)}
    is_elsewhere = event.target.startswith("account:") and event.target != account_target(account_id)
    network = network_of(event.address)
    own_sentences = visit.exchange.services.vocabulary.sentences
    return ActivityView(
        text=T.activity_other if is_elsewhere else T.event_text(event.kind, own_sentences),
        role="" if is_elsewhere else event.detail.get("role", ""),
        at=minute_text(event.at),
        machine=event.at.isoformat(timespec="seconds"),
        browser=event.detail.get("agent", "") if is_own_act else "",
        network=network if is_own_act and network != UNKNOWN_ADDRESS else "",
        is_alarming=event.outcome in _ALARMING,
        is_new=seen is not None and event.at > seen,
    )
