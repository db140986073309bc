"""What sign-in keeps and asks of others: tickets, password hashes, known breaches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bastide.core.foundation import Secret


class TicketPurpose(StrEnum):
    """What a ticket is good for; it is refused everywhere else (V9.2.2)."""

    REGISTRATION = "registration"
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 -- a name
    EMAIL_CHANGE = "email_change"
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A stored ticket; the secret itself is never stored.

    Attributes:
        digest: SHA-256 of the secret.
        purpose: the only use it is good for.
        subject: whom it was made for (an address key); a new one kills the older ones.
        facts: what it carries, for example the address and the role.
        expires_at: aware UTC.
    """

    digest: bytes
    purpose: TicketPurpose
    subject: str
    facts: Mapping[str, str]
    expires_at: datetime


class TicketStore(Protocol):
    """Keeps tickets; every verb is atomic. Redeeming mailed ones is up to ``AccountStore``."""

    def put_ticket(self, ticket: Ticket) -> None:
        """Keep the ticket and drop every older one of the same purpose and subject."""

    def get_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """Return the ticket if it is unspent, unexpired and for ``purpose``."""

    def burn_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """Spend the ticket: whoever is first gets it, where it is unexpired and for ``purpose``."""

    def purge_tickets(self, *, now: datetime) -> int:
        """Delete expired tickets; return how many went."""


class HashFault(StrEnum):
    """Why a stored hash is not read."""

    UNKNOWN_FORMAT = "unknown_format"
    MALFORMED = "malformed"
    TOO_COSTLY = "too_costly"
    NOT_NAMED = "format_not_named"
    LIBRARY_MISSING = "library_missing"


class Hasher(Protocol):
    """Hashes and checks passwords; `PasswordHasher` is one, a framework's own may be another."""

    def hash(self, password: Secret) -> str:
        """Return the encoded hash, with its parameters and a fresh salt."""

    def verify(self, password: Secret, stored_hash: str | None) -> bool:
        """Tell whether ``password`` made ``stored_hash``; None costs the same and is False.

        So does one with a fault.
        """

    def find_fault(self, stored_hash: str) -> HashFault | None:
        """Return why nothing can be checked against the hash, or None where something can."""

    def wrap(self, stored_hash: str) -> str | None:
        """Return a strong hash over a weak one, or None where none is to be laid over it."""

    def needs_rehash(self, stored_hash: str) -> bool:
        """Tell whether the hash was made in another way than today's."""


class BreachVerdict(StrEnum):
    """What a breach service says."""

    CLEAN = "clean"
    BREACHED = "breached"
    UNKNOWN = "unknown"


class BreachChecker(Protocol):
    """Asks a service whether a password is known to be breached."""

    def check(self, password: Secret) -> BreachVerdict:
        """Return the verdict; ``UNKNOWN`` when the service does not answer."""
