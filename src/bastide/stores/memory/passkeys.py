"""Passkeys in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bastide.core.foundation import AccountId
from bastide.core.records import Added, StoredPasskey
from bastide.stores.memory.data import Data
from bastide.stores.memory.factors import turn_off, turn_on


class MemoryPasskeys:
    """See ``PasskeyStore``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def add_passkey(self, new: StoredPasskey, *, codes: Collection[bytes], keep: bytes, limit: int) -> Added:
        """See ``PasskeyStore``."""
        with self._data.lock:
            if new.credential_id in self._data.passkeys or len(self.list_passkeys(new.account_id)) >= limit:
                return Added.NOTHING
            added = turn_on(self._data, new.account_id, codes, keep)
            self._data.passkeys[new.credential_id] = new
            return added

    def find_passkey(self, credential_id: bytes) -> StoredPasskey | None:
        """See ``PasskeyStore``."""
        with self._data.lock:
            return self._data.passkeys.get(credential_id)

    def list_passkeys(self, account_id: AccountId) -> Sequence[StoredPasskey]:
        """See ``PasskeyStore``."""
        with self._data.lock:
            own = [passkey for passkey in self._data.passkeys.values() if passkey.account_id == account_id]
        return sorted(own, key=lambda passkey: (passkey.created_at, passkey.credential_id))

    def use_passkey(self, credential_id: bytes, *, old_count: int, new_count: int, now: datetime) -> bool:
        """See ``PasskeyStore``."""
        with self._data.lock:
            found = self._data.passkeys.get(credential_id)
            if found is None or found.sign_count != old_count:
                return False
            self._data.passkeys[credential_id] = replace(found, sign_count=new_count, last_used_at=now)
            return True

    def rename_passkey(self, account_id: AccountId, credential_id: bytes, name: str) -> bool:
        """See ``PasskeyStore``."""
        with self._data.lock:
            found = self._data.passkeys.get(credential_id)
            if found is None or found.account_id != account_id:
                return False
            self._data.passkeys[credential_id] = replace(found, name=name)
            return True

    def remove_passkey(self, account_id: AccountId, credential_id: bytes, *, keep: bytes | None) -> bool:
        """See ``PasskeyStore``."""
        with self._data.lock:
            found = self._data.passkeys.get(credential_id)
            if found is None or found.account_id != account_id:
                return False
            del self._data.passkeys[credential_id]
            turn_off(self._data, account_id, keep)
            return True
