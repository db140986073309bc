"""Authenticators and backup codes in memory."""

from collections.abc import Collection

from bastide.core.foundation import AccountId
from bastide.core.records import Added, StoredTotp
from bastide.stores.memory.data import Data, end_sessions


class MemoryFactors:
    """See ``FactorStore``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def has_factor(self, account_id: AccountId) -> bool:
        """See ``FactorStore``."""
        with self._data.lock:
            return has_factor(self._data, account_id)

    def find_totp(self, account_id: AccountId) -> StoredTotp | None:
        """See ``FactorStore``."""
        with self._data.lock:
            return self._data.totp.get(account_id)

    def put_totp(self, account_id: AccountId, sealed: bytes, *, step: int) -> bool:
        """See ``FactorStore``."""
        with self._data.lock:
            known = self._data.totp.get(account_id)
            if known is not None and known.is_confirmed:
                return False
            self._data.totp[account_id] = StoredTotp(sealed, is_confirmed=False, last_step=step)
            return True

    def confirm_totp(
        self, account_id: AccountId, *, sealed: bytes, step: int, codes: Collection[bytes], keep: bytes
    ) -> Added:
        """See ``FactorStore``."""
        with self._data.lock:
            known = self._data.totp.get(account_id)
            if known is None or known.is_confirmed or known.sealed != sealed:
                return Added.NOTHING
            added = turn_on(self._data, account_id, codes, keep)
            self._data.totp[account_id] = StoredTotp(sealed, is_confirmed=True, last_step=step)
            return added

    def use_totp_step(self, account_id: AccountId, step: int) -> bool:
        """See ``FactorStore``."""
        with self._data.lock:
            found = self._data.totp.get(account_id)
            if found is None or not found.is_confirmed or found.last_step >= step:
                return False
            self._data.totp[account_id] = found._replace(last_step=step)
            return True

    def remove_totp(self, account_id: AccountId, *, keep: bytes | None) -> bool:
        """See ``FactorStore``."""
        with self._data.lock:
            if self._data.totp.pop(account_id, None) is None:
                return False
            turn_off(self._data, account_id, keep)
            return True

    def replace_backup_codes(self, account_id: AccountId, codes: Collection[bytes]) -> None:
        """See ``FactorStore``."""
        with self._data.lock:
            self._data.backup_codes[account_id] = set(codes)

    def burn_backup_code(self, account_id: AccountId, code: bytes) -> bool:
        """See ``FactorStore``."""
        with self._data.lock:
            left = self._data.backup_codes.get(account_id, set())
            was_there = code in left
            left.discard(code)
            return was_there

    def count_backup_codes(self, account_id: AccountId) -> int:
        """See ``FactorStore``."""
        with self._data.lock:
            return len(self._data.backup_codes.get(account_id, ()))


def has_factor(data: Data, account_id: AccountId | None) -> bool:
    """Tell whether the account has a confirmed second factor."""
    found = None if account_id is None else data.totp.get(account_id)
    if found is not None and found.is_confirmed:
        return True
    return any(passkey.account_id == account_id for passkey in data.passkeys.values())


def turn_on(data: Data, account_id: AccountId, codes: Collection[bytes], keep: bytes) -> Added:
    """Keep the codes with a first factor, end the other sessions and tell which it is."""
    added = Added.FURTHER if has_factor(data, account_id) else Added.FIRST
    if added is Added.FIRST:
        data.backup_codes[account_id] = set(codes)
    end_sessions(data, account_id, keep=keep)
    return added


def turn_off(data: Data, account_id: AccountId, keep: bytes | None) -> None:
    """Drop the codes with the last factor and end the other sessions."""
    if not has_factor(data, account_id):
        data.backup_codes.pop(account_id, None)
    end_sessions(data, account_id, keep=keep)
