"""Second factors as they are kept: an authenticator per account, passkeys, and backup codes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple, Protocol

from bastide.core.errors import ConfigurationError
from bastide.core.principal import AccountId


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


class FactorStore(Protocol):
    """Keeps second factors; every verb is atomic.

    Backup codes come with the first factor of an account and go with the last one.
    """

    def has_factor(self, account_id: AccountId) -> bool:
        """Tell whether the account has a confirmed authenticator or a passkey."""

    def find_totp(self, account_id: AccountId) -> StoredTotp | None:
        """Return the account's authenticator, confirmed or not."""

    def put_totp(self, account_id: AccountId, sealed: bytes, *, step: int) -> bool:
        """Keep an unconfirmed authenticator in place of another one; False where one is confirmed.

        Args:
            account_id: the account.
            sealed: the secret.
            step: the present one.
        """

    def confirm_totp(
        self, account_id: AccountId, *, sealed: bytes, step: int, codes: Collection[bytes], keep: bytes
    ) -> Added:
        """Confirm the unconfirmed authenticator, end the other sessions.

        Args:
            account_id: the account.
            sealed: what the code was checked against; anything else kept by now is left alone.
            step: the step of the code, used up by this.
            codes: digests of the backup codes, kept where this is the first factor.
            keep: digest of the session that goes on.

        Returns:
            ``NOTHING`` when there is no such unconfirmed authenticator: nothing is changed.
        """

    def use_totp_step(self, account_id: AccountId, step: int) -> bool:
        """Use the step up; False where it, or a later one, was used before (RFC 6238, 5.2)."""

    def remove_totp(self, account_id: AccountId, *, keep: bytes | None) -> bool:
        """Forget the authenticator and end the other sessions; tell whether there was one."""

    def replace_backup_codes(self, account_id: AccountId, codes: Collection[bytes]) -> None:
        """Keep these digests and no others."""

    def burn_backup_code(self, account_id: AccountId, code: bytes) -> bool:
        """Delete the digest; tell whether it was there."""

    def count_backup_codes(self, account_id: AccountId) -> int:
        """Return how many codes are left."""


class PasskeyStore(Protocol):
    """Keeps passkeys; every verb is atomic. Backup codes are ``FactorStore``'s."""

    def add_passkey(self, new: StoredPasskey, *, codes: Collection[bytes], keep: bytes, limit: int) -> Added:
        """Keep the passkey and end the account's other sessions.

        Args:
            new: the passkey.
            codes: digests of the backup codes, kept where this is the first factor.
            keep: digest of the session that goes on.
            limit: most passkeys an account may have.

        Returns:
            ``NOTHING`` when the limit is reached or anybody has the credential: nothing is changed.
        """

    def find_passkey(self, credential_id: bytes) -> StoredPasskey | None:
        """Return the passkey, whoever has it."""

    def list_passkeys(self, account_id: AccountId) -> Sequence[StoredPasskey]:
        """Return the account's passkeys, the oldest first."""

    def use_passkey(self, credential_id: bytes, *, old_count: int, new_count: int, now: datetime) -> bool:
        """Move the counter on and note the use; False where it is not at ``old_count`` any more."""

    def rename_passkey(self, account_id: AccountId, credential_id: bytes, name: str) -> bool:
        """Name one of the account's passkeys; tell whether it has such a one."""

    def remove_passkey(self, account_id: AccountId, credential_id: bytes, *, keep: bytes | None) -> bool:
        """Forget one of the account's passkeys and end the other sessions; tell whether it had it."""
