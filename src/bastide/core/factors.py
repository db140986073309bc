"""Second factors as they are kept: an authenticator per account, and backup codes."""

from collections.abc import Collection
from dataclasses import dataclass
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
    """

    drift_steps: int = 1
    backup_codes: int = 10
    is_required: bool = False
    required_roles: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.drift_steps not in {0, 1, 2} or self.backup_codes < 1:
            msg = "second factors take a drift of 0 to 2 steps and at least one backup code"
            raise ConfigurationError(msg)

    def demands_of(self, roles: frozenset[str]) -> bool:
        """Tell whether holders of these roles need a second factor for their rights (F4)."""
        return self.is_required or not self.required_roles.isdisjoint(roles)


class StoredTotp(NamedTuple):
    """An account's authenticator.

    Attributes:
        sealed: the secret, unreadable without the key ring.
        is_confirmed: a code was shown; until then it counts for nothing.
        last_step: the step of the last code that was used up.
    """

    sealed: bytes
    is_confirmed: bool
    last_step: int


class FactorStore(Protocol):
    """Keeps second factors; every verb is atomic."""

    def find_totp(self, account_id: AccountId) -> StoredTotp | None:
        """Return the account's authenticator, confirmed or not."""

    def put_totp(self, account_id: AccountId, sealed: bytes) -> bool:
        """Keep an unconfirmed authenticator in place of another one; False where one is confirmed."""

    def confirm_totp(
        self, account_id: AccountId, *, sealed: bytes, step: int, codes: Collection[bytes], keep: bytes
    ) -> bool:
        """Confirm the unconfirmed authenticator, replace the backup codes, end the other sessions.

        Args:
            account_id: the account.
            sealed: what the code was checked against; anything else kept by now is left alone.
            step: the step of the code, used up by this.
            codes: digests of the backup codes.
            keep: digest of the session that goes on.

        Returns:
            False when there is no such unconfirmed authenticator: nothing is changed.
        """

    def use_totp_step(self, account_id: AccountId, step: int) -> bool:
        """Use the step up; False where it, or a later one, was used before (RFC 6238, 5.2)."""

    def remove_factors(self, account_id: AccountId, *, keep: bytes | None) -> bool:
        """Forget authenticator and codes and end the other sessions; tell whether there was one."""

    def replace_backup_codes(self, account_id: AccountId, codes: Collection[bytes]) -> None:
        """Keep these digests and no others."""

    def burn_backup_code(self, account_id: AccountId, code: bytes) -> bool:
        """Delete the digest; tell whether it was there."""

    def count_backup_codes(self, account_id: AccountId) -> int:
        """Return how many codes are left."""
