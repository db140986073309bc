"""The security log: what happened, in a documented vocabulary, safe to print."""

import json
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from bastide.core.chain import Chain, ChainEnds, ChainRow, Record
from bastide.core.client import Client
from bastide.core.clock import Clock
from bastide.core.moments import EPOCH, from_micros, to_micros
from bastide.core.principal import AccountId

MAX_TEXT_LENGTH: Final = 200
# A list of events is counted and paged to here; who looks further back asks for less.
MOST_COUNTED: Final = 1_000


class EventKind(StrEnum):
    """The vocabulary: ``subject:action:outcome``."""

    LOGIN_SUCCESS = "account:login:success"
    LOGIN_FAILURE = "account:login:failure"
    LOGIN_REFUSED = "account:login:refused"
    LOGOUT = "account:logout:success"
    CONFIRM_SUCCESS = "account:confirm:success"
    CONFIRM_FAILURE = "account:confirm:failure"
    CONFIRM_REFUSED = "account:confirm:refused"
    FACTOR_NEEDED = "account:factor:needed"
    FACTOR_SUCCESS = "account:factor:success"
    FACTOR_FAILURE = "account:factor:failure"
    FACTOR_REFUSED = "account:factor:refused"
    FACTOR_ADDED = "account:factor:added"
    FACTOR_REMOVED = "account:factor:removed"
    PASSKEY_RENAMED = "account:passkey:renamed"
    PASSKEY_COUNTER_REFUSED = "account:passkey:counter_refused"
    BACKUP_CODES_RENEWED = "account:factor:codes_renewed"
    LINK_FAILURE = "account:link:failure"
    LINK_REFUSED = "account:link:refused"
    LOCKED = "account:lock:set"
    UNLOCKED = "account:lock:lifted"
    REGISTRATION_REQUESTED = "account:registration:requested"
    ACCOUNT_CREATED = "account:registration:success"
    INVITATION_ISSUED = "account:invitation:issued"
    PASSWORD_CHANGED = "account:password:changed"  # noqa: S105 -- a name
    PASSWORD_REHASHED = "account:password:rehashed"  # noqa: S105 -- a name
    RESET_REQUESTED = "account:reset:requested"
    PASSWORD_RESET = "account:password:reset"  # noqa: S105 -- a name
    BREACH_CHECK_UNAVAILABLE = "account:password:breach_check_unavailable"
    ACCOUNT_DISABLED = "account:status:disabled"
    ACCOUNT_ENABLED = "account:status:enabled"
    ROLE_GRANTED = "account:role:granted"
    ROLE_REVOKED = "account:role:revoked"
    EMAIL_CHANGE_REQUESTED = "account:email:change_requested"
    EMAIL_CHANGED = "account:email:changed"
    SESSIONS_ENDED = "session:end:requested"
    SESSION_REFUSED = "session:resume:refused"
    SESSION_AGENT_CHANGED = "session:agent:changed"
    ACCESS_DENIED = "access:check:denied"
    CSRF_REFUSED = "request:csrf:refused"
    HOST_REFUSED = "request:host:refused"
    TRANSPORT_REFUSED = "request:transport:refused"
    INPUT_REFUSED = "request:input:refused"
    RATE_REFUSED = "request:rate:refused"
    SPAM_QUEUED = "request:spam:queued"
    CSP_VIOLATION = "browser:csp:violation"
    CONTENT_MODERATED = "content:moderation:decided"
    MAIL_DELAYED = "system:mail:delayed"
    MAIL_ABANDONED = "system:mail:abandoned"
    LOG_PURGED = "system:log:purged"
    LOG_BROKEN = "system:log:broken"
    LOG_UNREADABLE = "system:log:unreadable"
    UNEXPECTED_ERROR = "system:error:unexpected"
    STORE_UNAVAILABLE = "system:store:unavailable"


class EventGroup(StrEnum):
    """The first word of a kind: what it is about."""

    ACCOUNT = "account"
    SESSION = "session"
    ACCESS = "access"
    REQUEST = "request"
    BROWSER = "browser"
    CONTENT = "content"
    SYSTEM = "system"

    @property
    def kinds(self) -> frozenset[EventKind]:
        """The kinds of this group."""
        return frozenset(kind for kind in EventKind if kind.startswith(f"{self}:"))


class Outcome(StrEnum):
    """How the attempted action ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    REFUSED = "refused"
    NOTED = "noted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the security log.

    Attributes:
        kind: what happened.
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

    kind: EventKind
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
        kinds: any of these; empty for all, ``EventGroup.kinds`` for a group.
        outcome: how it ended.
        account: the account that acted, or that was acted on.
        address: the caller's address, in full.
        since: not before this time, aware.
        until: before this time, aware.
    """

    kinds: frozenset[EventKind] = frozenset()
    outcome: Outcome | None = None
    account: AccountId | None = None
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def kinds_and_outcomes(self) -> list[tuple[EventKind, Outcome]]:
        """Every pair of kind and outcome that may fit."""
        outcomes = Outcome if self.outcome is None else (self.outcome,)
        return [(kind, outcome) for kind in sorted(self.kinds or EventKind) for outcome in outcomes]

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
    """Return how events name an account that was acted on."""
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
            kind=EventKind(record.kind), outcome=Outcome(record.outcome), at=from_micros(record.at),
            actor=record.actor, target=record.target, session=record.session, address=record.address,
            route=record.route, request_id=record.request_id, detail=json.loads(record.detail),
        )  # fmt: skip
    except (AttributeError, OverflowError, TypeError, ValueError):
        return Event(kind=EventKind.LOG_UNREADABLE, outcome=Outcome.NOTED, at=EPOCH)


class EventSink(Protocol):
    """Where events go. An implementation keeps each event or raises ``StoreUnavailable``."""

    def append_event(self, event: Event) -> None:
        """Keep ``event``."""


class EventLog(Protocol):
    """Keeps the log as a chain. Rows are numbered from 1 without gaps; the newest one's link is the head."""

    def append_event(self, event: Event, chain: Chain) -> None:
        """Keep the event as the next row of the chain: row and head together, or neither.

        The head is read under a lock that holds until both are written, so that no two rows build on one.
        """

    def read_chain(self, *, start: int, limit: int) -> Sequence[ChainRow]:
        """Return rows from number ``start`` on as they are stored, oldest first, at most ``limit``."""

    def chain_ends(self) -> ChainEnds:
        """Return both ends as they are stored."""

    def drop_events(self, *, before: datetime, chain: Chain) -> int:
        """Drop the oldest rows up to the first that is not older than ``before``; return how many.

        The base moves with them, in one transaction.
        """

    def list_events(self, wanted: EventFilter, *, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """Return a page of the wanted events, newest first, and how many there are.

        The counting ends one past ``MOST_COUNTED``: no larger number is returned, and it means that there
        are more. Kinds, outcomes and days are found by an index; within an account or an address they are
        picked from its events.

        Args:
            wanted: which events.
            offset: rows to skip.
            limit: most rows to return.
        """

    def count_events(
        self, kinds: Collection[EventKind], *, since: datetime, until: datetime, bucket: timedelta
    ) -> Mapping[tuple[datetime, EventKind], int]:
        """Return how many events of each kind fell into each bucket; buckets without any are left out.

        Args:
            kinds: which kinds.
            since: not before this time, aware.
            until: before this time, aware.
            bucket: length of a bucket, counted from 1970 in UTC; ``timedelta(days=1)`` gives days.
        """


class Recorder:
    """Writes events with the caller's facts filled in."""

    def __init__(self, *, sink: EventSink, clock: Clock) -> None:
        self._sink = sink
        self._clock = clock

    def now(self) -> datetime:
        """Return the time that the next event would carry."""
        return self._clock.now()

    def record(
        self,
        kind: EventKind,
        outcome: Outcome,
        client: Client,
        /,
        *,
        actor: AccountId | None = None,
        target: str = "",
        session_digest: bytes = b"",
        **detail: str,
    ) -> None:
        """Append one event, now.

        Args:
            kind: what happened.
            outcome: how it ended.
            client: the caller.
            actor: the account that acted, or None for a stranger.
            target: what was acted on (``account:7``).
            session_digest: digest of the session; 16 hex digits of it are kept.
            detail: short facts, never secrets.
        """
        self._sink.append_event(
            Event(
                kind=kind,
                outcome=outcome,
                at=self._clock.now(),
                actor="" if actor is None else str(actor),
                target=target,
                session=session_digest.hex()[:16],
                address=client.address,
                route=client.route,
                request_id=client.request_id,
                detail=detail,
            )
        )


def neutralise(text: str) -> str:
    r"""Return ``text`` on one line, printable and short, so that it cannot forge log lines.

    Controls, line and paragraph separators, bidirectional and other format characters and
    lone surrogates become ``\uXXXX``; more than 200 characters are cut and marked.

    Threat: CR/LF, terminal escapes and right-to-left overrides in names (V16.4.1).
    """
    if text.isascii() and text.isprintable() and len(text) <= MAX_TEXT_LENGTH:
        return text
    shown = text[:MAX_TEXT_LENGTH]
    escaped = "".join(
        f"\\u{ord(char):04x}"
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        else char
        for char in shown
    )
    return escaped + "…" if len(text) > MAX_TEXT_LENGTH else escaped
