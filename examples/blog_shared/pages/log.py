"""The security log: what of it is asked for, its table and its chart."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bastide import (
    MOST_COUNTED,
    Account,
    EventFilter,
    EventKind,
    EventLog,
    InvalidInput,
    Outcome,
    Page,
    account_key,
    parse_page,
    parse_query,
)
from blog_shared.chart import Series, draw
from blog_shared.events import VOCABULARY
from blog_shared.present import Address, count, pager
from blog_shared.views.log import Chart, ChartRow, EventRow, LogForm, LogPage, Option, OptionGroup

FIELDS = ("kind", "outcome", "user", "address", "from", "to", "page")
PAGE_SIZE = 25
CHART_DAYS = 30
MOST_CHART_DAYS = 92
MAX_NAME_LENGTH = 254
DAY = timedelta(days=1)
SIGN_INS = (EventKind.LOGIN_SUCCESS, EventKind.FACTOR_SUCCESS)
REFUSALS = tuple(kind for kind in EventKind if kind.rpartition(":")[2] in {"failure", "refused", "denied"})
LOCKS = (EventKind.LOCKED,)
ROWS = (("Sign-ins", "sign-ins", SIGN_INS), ("Refusals", "refusals", REFUSALS), ("Locks", "locks", LOCKS))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """What the address asks for.

    Attributes:
        sent: the fields that are filled in, as sent.
        wanted: the same as a filter; None when the name is nobody's.
        first: first day; None for any.
        last: last day; None for any.
    """

    sent: Mapping[str, str]
    wanted: EventFilter | None
    first: date | None
    last: date | None
    page: Page


def parse_log(
    presented: Mapping[str, Sequence[str]], *, find_account: Callable[[str], Account | None]
) -> LogQuery:
    """Return what the address asks for; an empty field counts as none.

    Raises:
        InvalidInput: a field or a value that is not declared, or one sent twice.
    """
    asked = parse_query(presented, declared=FIELDS)
    fields = {name: asked.get(name, "") for name in FIELDS}
    sent = {name: fields[name] for name in FIELDS if fields[name] and name != "page"}
    first, last = _day("from", fields["from"]), _day("to", fields["to"])
    if first is not None and last is not None and last < first:
        raise InvalidInput("to", "undeclared")
    name = fields["user"]
    if len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise InvalidInput("user", "characters")
    account = find_account(account_key(name)) if name else None
    wanted = EventFilter(
        kinds=_kinds(fields["kind"]),
        outcome=_outcome(fields["outcome"]),
        account=None if account is None else account.id,
        address=_address(fields["address"]),
        since=None if first is None else _midnight(first),
        until=None if last is None else _midnight(last) + DAY,
    )
    return LogQuery(
        sent=sent, wanted=None if name and account is None else wanted, first=first, last=last,
        page=parse_page(fields["page"] or None, size=PAGE_SIZE, last=MOST_COUNTED // PAGE_SIZE),
    )  # fmt: skip


def log_page(
    address: Address, query: LogQuery, rows: tuple[EventRow, ...], total: int, chart: Chart
) -> LogPage:
    """Return the page; the links of its pager keep what was asked for."""
    is_cut = total > MOST_COUNTED
    cut = f"{MOST_COUNTED:,}+ events; the newest {MOST_COUNTED:,} are listed, a filter reaches the others"
    return LogPage(
        form=_form(address, query.sent),
        summary=cut if is_cut else count(total, "event", "events"),
        rows=rows,
        chart=chart,
        pager=pager(
            query.page, min(total, MOST_COUNTED), address, "admin.log", things="events", **query.sent
        ),
    )


def chart(
    log: EventLog,
    today: date,
    *,
    first: date | None = None,
    last: date | None = None,
    is_small: bool = False,
) -> Chart:
    """Return sign-ins, refusals and locks per day, of the span asked for or else of the last 30 days."""
    end = min(last or today, today)
    start = max(first or end - (CHART_DAYS - 1) * DAY, end - (MOST_CHART_DAYS - 1) * DAY)
    start = min(start, end)
    days = tuple(start + place * DAY for place in range((end - start).days + 1))
    counted = log.count_events(
        {kind for _, _, kinds in ROWS for kind in kinds},
        since=_midnight(start), until=_midnight(end) + DAY, bucket=DAY,
    )  # fmt: skip
    series = tuple(
        Series(
            name=name, style=style,
            numbers=tuple(sum(counted.get((_midnight(day), kind), 0) for kind in kinds) for day in days),
        )
        for name, style, kinds in ROWS
    )  # fmt: skip
    title = f"Sign-ins, refusals and locks per day, {start:%Y-%m-%d} to {end:%Y-%m-%d}"
    return Chart(
        title=title,
        drawing=draw(days, series, title=title, height=28 if is_small else 64),
        columns=tuple(entry.name for entry in series),
        rows=tuple(
            ChartRow(day=f"{day:%Y-%m-%d}", numbers=tuple(f"{entry.numbers[place]:,}" for entry in series))
            for place, day in enumerate(days)
        ),
    )


def _form(address: Address, sent: Mapping[str, str]) -> LogForm:
    def option(value: str, label: str, field: str) -> Option:
        return Option(value=value, label=label, is_selected=sent.get(field, "") == value)

    return LogForm(
        url=address("admin.log"),
        kinds=tuple(
            OptionGroup(
                label=word,
                options=(
                    option(word, f"every {word} event", "kind"),
                    *(option(kind, kind, "kind") for kind in kinds),
                ),
            )
            for word, kinds in VOCABULARY.groups.items()
        ),
        outcomes=tuple(option(outcome, outcome, "outcome") for outcome in Outcome),
        user=sent.get("user", ""),
        address=sent.get("address", ""),
        first=sent.get("from", ""),
        last=sent.get("to", ""),
        is_filled=bool(sent),
    )


def _kinds(text: str) -> frozenset[str]:
    if not text:
        return frozenset()
    if text in VOCABULARY.groups:
        return frozenset(VOCABULARY.groups[text])
    if text in VOCABULARY.kinds:
        return frozenset({text})
    raise InvalidInput("kind", "undeclared")


def _outcome(text: str) -> Outcome | None:
    if text and text not in set(Outcome):
        raise InvalidInput("outcome", "undeclared")
    return Outcome(text) if text else None


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip())) if text else ""
    except ValueError:
        raise InvalidInput("address", "undeclared") from None


def _day(field: str, text: str) -> date | None:
    """Return the day; only what a date field sends (``2026-03-01``), from 1970 to 2999."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date() if text else None  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        raise InvalidInput(field, "undeclared") from None
    if day is not None and (not 1970 <= day.year < 3000 or day.isoformat() != text):  # noqa: PLR2004
        raise InvalidInput(field, "undeclared")
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
