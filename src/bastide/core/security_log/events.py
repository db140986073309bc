"""The security log: what happened, in a documented vocabulary, safe to print."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bastide.core.foundation import EPOCH, AccountId, from_micros, to_micros
from bastide.core.security_log.app_kinds import read_kind
from bastide.core.security_log.chain import Record
from bastide.core.security_log.vocabulary import EventKind, Outcome

MAX_TEXT_LENGTH: Final = 200
# Six characters for each of those; the stores' columns hold 1,300.
MAX_ESCAPED_LENGTH: Final = 1200
# A list of events is counted and paged to here; who looks further back asks for less.
MOST_COUNTED: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the security log.

    Attributes:
        kind: what happened; as read back, a member of the library's kinds or the text of any other.
        outcome: how it ended.
        at: when, aware UTC.
        actor: account id of who acted, as text; empty for strangers.
        target: what was acted on (``account:7``, ``post:12``), never a secret.
        session: first 16 hex digits of the session's digest; never the id.
        address: the caller's address.
        route: the route's name.
        request_id: ties the row to the error page and to the server's log.
        detail: short facts such as a reason; values are neutralised on the way in.
    """

    kind: str
    outcome: Outcome
    at: datetime
    actor: str = ""
    target: str = ""
    session: str = ""
    address: str = ""
    route: str = ""
    request_id: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("actor", "target", "session", "address", "route", "request_id"):
            object.__setattr__(self, name, neutralise(getattr(self, name)))
        safe = {neutralise(key): neutralise(value) for key, value in self.detail.items()}
        object.__setattr__(self, "detail", safe)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events are asked for: those that fit everything that is set.

    Attributes:
        kinds: any of these; empty for all, ``EventGroup.kinds`` or one of ``Vocabulary.groups`` for a group.
        outcome: how it ended.
        account: the account that acted, or that was acted on.
        address: the caller's address, in full.
        since: not before this time, aware.
        until: before this time, aware.
    """

    kinds: frozenset[str] = frozenset()
    outcome: Outcome | None = None
    account: AccountId | None = None
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes that may fit."""
        return tuple(Outcome) if self.outcome is None else (self.outcome,)

    def admits(self, event: Event) -> bool:
        """Tell whether the event fits."""
        return (
            (not self.kinds or event.kind in self.kinds)
            and self.outcome in {None, event.outcome}
            and (self.account is None or is_about(event, self.account))
            and self.address in {"", event.address}
            and (self.since is None or event.at >= self.since)
            and (self.until is None or event.at < self.until)
        )


def account_target(account_id: AccountId) -> str:
    """Return how events, rates and tickets name an account."""
    return f"account:{account_id}"


def is_about(event: Event, account_id: AccountId) -> bool:
    """Tell whether the account acted in the event, or was acted on."""
    return event.actor == str(account_id) or event.target == account_target(account_id)


def to_json(event: Event) -> str:
    """Return the event as one line of JSON."""
    return json.dumps(
        {
            "at": event.at.isoformat(timespec="microseconds"),
            "kind": event.kind,
            "outcome": event.outcome,
            "actor": event.actor,
            "target": event.target,
            "session": event.session,
            "address": event.address,
            "route": event.route,
            "request_id": event.request_id,
            "detail": dict(event.detail),
        }
    )


def to_record(event: Event) -> Record:
    """Return the event as every store keeps it."""
    return Record(
        at=to_micros(event.at), kind=str(event.kind), outcome=str(event.outcome), actor=event.actor,
        target=event.target, session=event.session, address=event.address, route=event.route,
        request_id=event.request_id, detail=json.dumps(dict(event.detail), ensure_ascii=False),
    )  # fmt: skip


def from_record(record: Record) -> Event:
    """Return the event of a row; a row that somebody changed beyond reading is shown as just that."""
    try:
        return Event(
            kind=read_kind(record.kind), outcome=Outcome(record.outcome), at=from_micros(record.at),
            actor=record.actor, target=record.target, session=record.session, address=record.address,
            route=record.route, request_id=record.request_id, detail=json.loads(record.detail),
        )  # fmt: skip
    except (AttributeError, OverflowError, TypeError, ValueError):
        return Event(kind=EventKind.LOG_UNREADABLE, outcome=Outcome.NOTED, at=EPOCH)


def neutralise(text: str) -> str:
    r"""Return ``text`` on one line, printable and short, so that it cannot forge log lines.

    Controls, line and paragraph separators, bidirectional and other format characters and
    lone surrogates become ``\uXXXX``; more than 200 characters, or 1,200 once written out, are cut
    and marked.

    Threat: CR/LF, terminal escapes and right-to-left overrides in names (V16.4.1).
    """
    if text.isascii() and text.isprintable() and len(text) <= MAX_TEXT_LENGTH:
        return text
    escaped = "".join(
        f"\\u{ord(char):04x}"
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        else char
        for char in text[:MAX_TEXT_LENGTH]
    )
    is_whole = len(text) <= MAX_TEXT_LENGTH and len(escaped) <= MAX_ESCAPED_LENGTH
    return escaped if is_whole else escaped[:MAX_ESCAPED_LENGTH] + "…"
