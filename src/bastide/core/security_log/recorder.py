"""Writes what happened, now and with the caller's facts, to wherever events go."""

from datetime import datetime

from bastide.core.foundation import AccountId, Client, Clock
from bastide.core.security_log.app_kinds import LIBRARY_KINDS, AnyEventKind, Vocabulary
from bastide.core.security_log.events import Event
from bastide.core.security_log.ports import EventSink
from bastide.core.security_log.vocabulary import Outcome


class Recorder:
    """Writes events of declared kinds with the caller's facts filled in."""

    def __init__(self, *, sink: EventSink, clock: Clock, vocabulary: Vocabulary = LIBRARY_KINDS) -> None:
        self._sink = sink
        self._clock = clock
        self._vocabulary = vocabulary

    def now(self) -> datetime:
        """Return the time that the next event would carry."""
        return self._clock.now()

    def record(
        self,
        kind: AnyEventKind,
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

        Raises:
            ConfigurationError: the application did not declare the kind.
        """
        self._sink.append_event(
            Event(
                kind=self._vocabulary.require(kind),
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
