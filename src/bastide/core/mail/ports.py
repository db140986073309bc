"""What words mail, what keeps it until it is delivered, and what delivers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bastide.core.mail.message import Message
from bastide.core.mail.texts import Fact, MailText


class MailTexts(Protocol):
    """Knows the words of mails, in the language at hand."""

    def write(self, text: MailText, facts: Mapping[str, Fact]) -> tuple[str, str]:
        """Return subject and body.

        Args:
            text: what is said.
            facts: what it may name; some are as people typed them.
        """


class Mailer(Protocol):
    """Hands messages over."""

    def send(self, message: Message) -> None:
        """Hand the message over.

        Raises:
            StoreUnavailable: it was not taken; nobody got it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMail:
    """A message on its way.

    Attributes:
        id: 16 random bytes.
        sealed: the message; it may hold a link that opens something, so it is unreadable at rest.
        due_at: when it may be tried next.
        good_until: when it stops being of use.
        tries: how often it was tried.
    """

    id: bytes
    sealed: bytes
    due_at: datetime
    good_until: datetime
    tries: int = 0


class MailStore(Protocol):
    """Keeps messages until they are handed over; every verb is atomic."""

    def put_mail(self, mail: QueuedMail) -> None:
        """Keep the message."""

    def claim_mail(
        self, *, now: datetime, until: datetime, limit: int, only: bytes | None = None
    ) -> Sequence[QueuedMail]:
        """Take messages that are due, oldest first; nobody else gets them before ``until``.

        Args:
            now: aware UTC.
            until: when a message whose taker died is due again.
            limit: most messages to take.
            only: take this message or none.
        """

    def postpone_mail(self, mail_id: bytes, *, due_at: datetime) -> None:
        """Set the time of the next try."""

    def drop_mail(self, mail_id: bytes) -> bool:
        """Forget the message; tell whether it was there."""

    def count_mail(self) -> int:
        """Return how many messages wait."""
