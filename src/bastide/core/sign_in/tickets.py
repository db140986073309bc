"""Single-use secrets: mailed links (address verification, invitations, resets) and passkey challenges."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bastide.core.foundation import (
    Clock,
    ConfigurationError,
    Entropy,
    Secret,
    decode_token,
    digest,
    encode_token,
)
from bastide.core.sign_in.ports import Ticket, TicketPurpose, TicketStore

TOKEN_SIZE_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketSettings:
    """How long single-use secrets live.

    Attributes:
        registration_lifetime: for the link that proves an address.
        invitation_lifetime: for the link that makes an account with a role.
        reset_lifetime: for the link that sets a new password.
        email_change_lifetime: for the link that proves a new address.
        passkey_lifetime: for the challenge that a passkey signs.
    """

    registration_lifetime: timedelta = timedelta(hours=1)
    invitation_lifetime: timedelta = timedelta(days=2)
    reset_lifetime: timedelta = timedelta(minutes=10)
    email_change_lifetime: timedelta = timedelta(hours=1)
    passkey_lifetime: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        if min(map(self.lifetime_of, TicketPurpose)) <= timedelta():
            msg = "a ticket's lifetime must be positive"
            raise ConfigurationError(msg)

    def lifetime_of(self, purpose: TicketPurpose) -> timedelta:
        """Return the lifetime of tickets for ``purpose``."""
        return {
            TicketPurpose.REGISTRATION: self.registration_lifetime,
            TicketPurpose.INVITATION: self.invitation_lifetime,
            TicketPurpose.PASSWORD_RESET: self.reset_lifetime,
            TicketPurpose.EMAIL_CHANGE: self.email_change_lifetime,
            TicketPurpose.PASSKEY: self.passkey_lifetime,
        }[purpose]


class Tickets:
    """Issues and looks up tickets.

    Spec: V6.4.1, V6.6.2, V11.5.1 (256-bit secrets, stored as digests).
    """

    def __init__(
        self, *, store: TicketStore, clock: Clock, entropy: Entropy, settings: TicketSettings
    ) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._settings = settings

    def issue_ticket(self, purpose: TicketPurpose, *, subject: str, facts: Mapping[str, str]) -> Secret:
        """Return a new secret for ``subject``, shown once; older ones stop working."""
        raw = self._entropy.token_bytes(TOKEN_SIZE_BYTES)
        expires_at = self._clock.now() + self._settings.lifetime_of(purpose)
        self._store.put_ticket(
            Ticket(digest=digest(raw), purpose=purpose, subject=subject, facts=facts, expires_at=expires_at)
        )
        return Secret(encode_token(raw))

    def lifetime_of(self, purpose: TicketPurpose) -> timedelta:
        """Return how long a ticket for ``purpose`` lives."""
        return self._settings.lifetime_of(purpose)

    @staticmethod
    def is_plausible(presented: str) -> bool:
        """Tell whether this could be a ticket's secret at all."""
        return decode_token(presented, size_bytes=TOKEN_SIZE_BYTES) is not None

    def match_ticket(self, presented: str, *, purpose: TicketPurpose) -> Ticket | None:
        """Return the ticket that ``presented`` opens for ``purpose``, or None. Burns nothing."""
        raw = decode_token(presented, size_bytes=TOKEN_SIZE_BYTES)
        if raw is None:
            return None
        return self._store.get_ticket(digest(raw), purpose=purpose, now=self._clock.now())

    def burn_ticket(self, presented: str, *, purpose: TicketPurpose) -> Ticket | None:
        """Return the ticket that ``presented`` opens for ``purpose`` and spend it, or None."""
        raw = decode_token(presented, size_bytes=TOKEN_SIZE_BYTES)
        if raw is None:
            return None
        return self._store.burn_ticket(digest(raw), purpose=purpose, now=self._clock.now())

    def purge(self) -> int:
        """Delete expired tickets; return how many went."""
        return self._store.purge_tickets(now=self._clock.now())
