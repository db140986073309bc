"""Second factors as they are kept: an authenticator per account, passkeys, and backup codes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from bastide.core.foundation import AccountId, ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorSettings:
    """Second factors.

    Attributes:
        drift_steps: how many steps of thirty seconds an authenticator's clock may be off (0 to 2).
        backup_codes: how many codes a set has.
        is_required: everybody's rights are withheld until they have set up a second factor.
        required_roles: the same for holders of these roles only.
        enrollment_timeout: how long an authenticator's secret waits for its first code.
    """

    drift_steps: int = 1
    backup_codes: int = 10
    is_required: bool = False
    required_roles: frozenset[str] = frozenset()
    enrollment_timeout: timedelta = timedelta(minutes=10)

    def __post_init__(self) -> None:
        if self.drift_steps not in {0, 1, 2} or self.backup_codes < 1:
            msg = "second factors take a drift of 0 to 2 steps and at least one backup code"
            raise ConfigurationError(msg)
        if self.enrollment_timeout <= timedelta():
            msg = "the wait for an authenticator's first code must be positive"
            raise ConfigurationError(msg)

    def demands_of(self, roles: frozenset[str]) -> bool:
        """Tell whether holders of these roles need a second factor for their rights (F4)."""
        return self.is_required or not self.required_roles.isdisjoint(roles)


class Added(IntEnum):
    """What came of turning a factor on; false where nothing was."""

    NOTHING = 0
    FIRST = 1
    FURTHER = 2


class StoredTotp(NamedTuple):
    """An account's authenticator.

    Attributes:
        sealed: the secret, unreadable without the key ring.
        is_confirmed: a code was shown; until then it counts for nothing.
        last_step: the step of the last code that was used up; before there was one, the step in which the
            secret was made.
    """

    sealed: bytes
    is_confirmed: bool
    last_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPasskey:
    """One passkey of an account.

    Attributes:
        credential_id: 1 to 1023 bytes chosen by the authenticator; unique among all accounts.
        account_id: whose it is.
        public_key: COSE key.
        sign_count: the highest counter that was seen; 0 where the authenticator counts nothing.
        transports: how browsers may reach it (``usb``, ``internal``), as the authenticator said.
        name: what its owner calls it.
        is_backed_up: it was synchronised to other devices when it was made.
        created_at: aware UTC.
        last_used_at: aware UTC, or None.
        user_handle: what its authenticator knows the account by; None for one that is older than stored
            handles, whose handle is a tag of the account's id.
    """

    credential_id: bytes
    account_id: AccountId
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    name: str
    is_backed_up: bool
    created_at: datetime
    last_used_at: datetime | None = None
    user_handle: bytes | None = None
