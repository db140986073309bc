"""The keys of users in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from bastide.core.accounts import UserRow
from bastide.core.foundation import AccountId
from bastide.core.records import AccountExists, AccountKeys
from bastide.stores.memory.data import AccountRow, Data


class MemoryIdentities:
    """See ``IdentityStore``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    @property
    def longest(self) -> tuple[int, int, int]:
        """See ``IdentityStore``; as long as elsewhere."""
        return 300, 420, 300

    @property
    def longest_name(self) -> int | None:
        """See ``IdentityStore``."""
        return 150

    def count_users(self) -> int:
        """See ``IdentityStore``."""
        return len(self._data.accounts)

    def list_users(self, *, after: AccountId | None, limit: int) -> Sequence[UserRow]:
        """See ``IdentityStore``."""
        with self._data.lock:
            known: Any = sorted(self._data.accounts)
            ids = [number for number in known if after is None or number > after][:limit]
            return [_user(self._data.accounts[account_id]) for account_id in ids]

    def find_holders(
        self, keys: Collection[str], skeletons: Collection[str]
    ) -> Sequence[tuple[AccountId, AccountKeys]]:
        """See ``IdentityStore``."""
        with self._data.lock:
            return [
                (account_id, row.keys)
                for account_id, row in self._data.accounts.items()
                if row.keys.name in keys or row.keys.email in keys or row.keys.skeleton in skeletons
            ]

    def put_keys(self, changes: Sequence[tuple[UserRow, AccountKeys]]) -> int:
        """See ``IdentityStore``."""
        with self._data.lock:
            rows = [(self._data.accounts.get(read.id), read, keys) for read, keys in changes]
            still = [(row, keys) for row, read, keys in rows if row is not None and _user(row) == read]
            after = {id(row): keys for row, keys in still}
            for row, keys in still:
                others = [other for other in self._data.accounts.values() if other is not row]
                if any(_meet(after.get(id(other), other.keys), keys) for other in others):
                    raise AccountExists("username")
            for row, keys in still:
                row.keys = keys
            return len(still)

    def rename_user(self, row: UserRow, name: str, keys: AccountKeys) -> bool:
        """See ``IdentityStore``."""
        with self._data.lock:
            done = self.put_keys([(row, keys)])
            if done:
                stored = self._data.accounts[row.id]
                stored.account = replace(stored.account, username=name)
            return bool(done)

    def count_without_keys(self, *, limit: int) -> int:
        """See ``IdentityStore``."""
        return min(limit, sum(row.keys.name is None for row in self._data.accounts.values()))


def _meet(one: AccountKeys, other: AccountKeys) -> bool:
    """Tell whether two accounts cannot both have these."""
    pairs = zip(one.values(), other.values(), strict=True)
    return any(own is not None and own == theirs for own, theirs in pairs)


def _user(row: AccountRow) -> UserRow:
    account = row.account
    return UserRow(
        id=account.id, username=account.username, email=account.email,
        has_password=bool(account.password_hash), keys=row.keys,
    )  # fmt: skip
