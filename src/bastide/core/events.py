"""The security log: what happened, in a documented vocabulary, safe to print."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from bastide.core.client import Client
from bastide.core.clock import Clock
from bastide.core.principal import AccountId

MAX_TEXT_LENGTH: Final = 200


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
    NOTICE_UNDELIVERED = "account:notice:undelivered"
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
    UNEXPECTED_ERROR = "system:error:unexpected"
    STORE_UNAVAILABLE = "system:store:unavailable"


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


class EventSink(Protocol):
    """Where events go. An implementation keeps each event or raises ``StoreUnavailable``."""

    def append_event(self, event: Event) -> None:
        """Keep ``event``."""


class EventLog(EventSink, Protocol):
    """An event sink that can be read."""

    def list_events(self, *, kind: str, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """Return a page of events, newest first, and how many there are.

        Args:
            kind: only events of this kind; empty for all.
            offset: rows to skip.
            limit: most rows to return.
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
