"""Mail that is not lost: kept with what it tells of, handed over afterwards, tried again when that fails."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final

from bastide.core.encryption import Sealer
from bastide.core.foundation import (
    Client,
    Clock,
    ConfigurationError,
    Entropy,
    SealBroken,
    StoreUnavailable,
    Units,
)
from bastide.core.mail.message import Message
from bastide.core.mail.ports import Mailer, MailStore, QueuedMail
from bastide.core.security_log import EventKind, Outcome, Recorder

MAIL_COLUMN: Final = ("bastide_mail", "sealed")
ID_SIZE_BYTES: Final = 16
BATCH: Final = 20
DELIVERY: Final = Client(route="mail")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxSettings:
    """How long mail is tried.

    Attributes:
        first_wait: until the second try; it doubles with each further one.
        longest_wait: between two tries.
        lifetime: of a message that names no end of its own.
        lease: how long a process that took a message may need to hand it over.
    """

    first_wait: timedelta = timedelta(minutes=1)
    longest_wait: timedelta = timedelta(hours=1)
    lifetime: timedelta = timedelta(days=3)
    lease: timedelta = timedelta(minutes=1)

    def __post_init__(self) -> None:
        if (
            not timedelta() < self.first_wait <= self.longest_wait <= self.lifetime
            or self.lease <= timedelta()
        ):
            msg = "mail needs 0 < first_wait <= longest_wait <= lifetime and a positive lease"
            raise ConfigurationError(msg)


class Outbox:
    """A ``Mailer`` that takes every message, as part of the unit at hand, and hands it over afterwards.

    A mail server that is down delays a message and fails no request. Each message is handed over at
    least once: twice only where a process dies between handing over and forgetting it.

    Threat: a change without its notice, a notice without its change, mail lost in an outage (V16.5.2),
    links readable in a stolen database (V14.2.4).
    """

    def __init__(
        self,
        *,
        store: MailStore,
        mailer: Mailer,
        sealer: Sealer,
        units: Units,
        recorder: Recorder,
        clock: Clock,
        entropy: Entropy,
        settings: OutboxSettings,
    ) -> None:
        self._store = store
        self._mailer = mailer
        self._sealer = sealer
        self._units = units
        self._recorder = recorder
        self._clock = clock
        self._entropy = entropy
        self._settings = settings

    def send(self, message: Message, *, good_for: timedelta | None = None) -> None:
        """Keep the message, and hand it over once what it tells of is kept.

        Args:
            message: what to send.
            good_for: how long it is of use, such as the lifetime of the link in it.

        Raises:
            StoreUnavailable: it could not be kept.
        """
        now, mail_id = self._clock.now(), self._entropy.token_bytes(ID_SIZE_BYTES)
        sealed = self._sealer.seal(json.dumps(asdict(message)).encode(), row=mail_id)
        good_until = now + (good_for or self._settings.lifetime)
        self._store.put_mail(QueuedMail(id=mail_id, sealed=sealed, due_at=now, good_until=good_until))
        self._units.afterwards(lambda: self._hand_over_now(mail_id))

    def deliver(self, *, limit: int = BATCH) -> int:
        """Try messages that are due; return how many were handed over."""
        return self._deliver(limit=limit, only=None)

    def _hand_over_now(self, mail_id: bytes) -> None:
        # It is kept by now: whatever fails here, a later try makes good.
        with suppress(StoreUnavailable):
            self._deliver(limit=1, only=mail_id)

    def _deliver(self, *, limit: int, only: bytes | None) -> int:
        now = self._clock.now()
        due = self._store.claim_mail(now=now, until=now + self._settings.lease, limit=limit, only=only)
        return sum(self._try(mail) for mail in due)

    def _try(self, mail: QueuedMail) -> bool:
        now = self._clock.now()
        if now >= mail.good_until:
            self._give_up(mail, "too_old")
            return False
        try:
            text = self._sealer.open(mail.sealed, row=mail.id)
        except SealBroken:
            self._give_up(mail, "unreadable")
            return False
        try:
            self._mailer.send(Message(**json.loads(text)))
        except Exception as error:  # noqa: BLE001 -- the application's own mailer; what it tells of is kept by now
            wait = self._settings.first_wait * 2 ** min(mail.tries - 1, 16)
            self._store.postpone_mail(mail.id, due_at=now + min(wait, self._settings.longest_wait))
            self._recorder.record(
                EventKind.MAIL_DELAYED, Outcome.FAILURE, DELIVERY,
                tries=str(mail.tries), mail=mail.id.hex(), error=type(error).__name__,
            )  # fmt: skip
            return False
        self._store.drop_mail(mail.id)
        return True

    def _give_up(self, mail: QueuedMail, reason: str) -> None:
        self._store.drop_mail(mail.id)
        self._recorder.record(
            EventKind.MAIL_ABANDONED, Outcome.FAILURE, DELIVERY, reason=reason, mail=mail.id.hex()
        )
