"""Accounts and their roles in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bastide.core.foundation import AccountId, ConfigurationError
from bastide.core.records import Account, AccountExists, AccountKeys, LastHolder, NewAccount, TicketSpent
from bastide.stores.memory.data import AccountRow, Data, end_access


class MemoryAccounts:
    """See ``AccountStore``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def find_account(self, key: str) -> Account | None:
        """See ``AccountStore``."""
        with self._data.lock:
            rows = self._data.accounts.values()
            return next((row.account for row in rows if key in _found_by(row)), None)

    def get_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``."""
        with self._data.lock:
            row = self._data.accounts.get(account_id)
            return None if row is None else row.account

    def lock_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``; the unit holds the one lock."""
        return self.get_account(account_id)

    def add_account(self, new: NewAccount, *, ticket_digest: bytes | None, now: datetime) -> AccountId:
        """See ``AccountStore``."""
        with self._data.lock:
            ticket = self._data.tickets.get(ticket_digest) if ticket_digest is not None else None
            if ticket_digest is not None and (ticket is None or ticket.expires_at <= now):
                raise TicketSpent
            for row in self._data.accounts.values():
                if new.username_key == row.keys.name or new.username_skeleton == row.keys.skeleton:
                    raise AccountExists("username")
                if new.email_key == row.keys.email:
                    raise AccountExists("email")
            self._require_roles(new.roles)
            if ticket_digest is not None:
                del self._data.tickets[ticket_digest]
            account = Account(
                id=next(self._data.ids), username=new.username, email=new.email,
                password_hash=new.password_hash, is_active=True, roles=new.roles,
            )  # fmt: skip
            keys = AccountKeys(new.username_key, new.username_skeleton, new.email_key)
            self._data.accounts[account.id] = AccountRow(account, keys)
            return account.id

    def replace_password_hash(self, account_id: AccountId, *, old_hash: str, new_hash: str) -> bool:
        """See ``AccountStore``."""
        with self._data.lock:
            row = self._data.accounts.get(account_id)
            if row is None or row.account.password_hash != old_hash:
                return False
            row.account = replace(row.account, password_hash=new_hash)
            return True

    def list_password_hashes(self, *, after: AccountId | None, limit: int) -> Sequence[tuple[AccountId, str]]:
        """See ``AccountStore``."""
        return [row for row in self._hashes() if after is None or row[0] > after][:limit]

    def sample_password_hashes(self, limit: int) -> Sequence[str]:
        """See ``AccountStore``."""
        hashes = [encoded for _, encoded in self._hashes()]
        return hashes[: limit // 2] + hashes[-(limit // 2) :]

    def reset_password(
        self,
        account_id: AccountId,
        *,
        ticket_digest: bytes,
        old_hash: str | None,
        new_hash: str,
        now: datetime,
    ) -> None:
        """See ``AccountStore``."""
        with self._data.lock:
            row, ticket = self._data.accounts.get(account_id), self._data.tickets.get(ticket_digest)
            if row is None or row.account.password_hash != old_hash:
                raise TicketSpent
            if ticket is None or ticket.expires_at <= now:
                raise TicketSpent
            del self._data.tickets[ticket_digest]
            row.account = replace(row.account, password_hash=new_hash)
            end_access(self._data, account_id)

    def change_email(
        self, account_id: AccountId, *, ticket_digest: bytes, email: str, email_key: str, now: datetime
    ) -> None:
        """See ``AccountStore``."""
        with self._data.lock:
            row, ticket = self._data.accounts.get(account_id), self._data.tickets.get(ticket_digest)
            if row is None or ticket is None or ticket.expires_at <= now:
                raise TicketSpent
            others = (other for other in self._data.accounts.values() if other is not row)
            if any(other.keys.email == email_key for other in others):
                raise AccountExists("email")
            del self._data.tickets[ticket_digest]
            row.account = replace(row.account, email=email)
            row.keys = replace(row.keys, email=email_key)

    def set_active(
        self, account_id: AccountId, *, is_active: bool, keep_holders: Collection[str] = ()
    ) -> bool:
        """See ``AccountStore``."""
        with self._data.lock:
            row = self._data.accounts.get(account_id)
            if row is None or row.account.is_active == is_active:
                return False
            if not is_active:
                self._keep_holders(row.account, row.account.roles & set(keep_holders))
            row.account = replace(row.account, is_active=is_active)
            if not is_active:
                end_access(self._data, account_id)
            return True

    def grant_role(self, account_id: AccountId, role: str) -> bool:
        """See ``AccountStore``."""
        with self._data.lock:
            self._require_roles({role})
            row = self._data.accounts.get(account_id)
            if row is None or role in row.account.roles:
                return False
            self._set_roles(row, row.account.roles | {role})
            return True

    def revoke_role(self, account_id: AccountId, role: str, *, keep_holders: Collection[str] = ()) -> bool:
        """See ``AccountStore``."""
        with self._data.lock:
            row = self._data.accounts.get(account_id)
            if row is None or role not in row.account.roles:
                return False
            self._keep_holders(row.account, {role} & set(keep_holders))
            self._set_roles(row, row.account.roles - {role})
            return True

    def define_roles(self, roles: dict[str, frozenset[str]]) -> None:
        """See ``AccountStore``."""
        with self._data.lock:
            for name, permissions in roles.items():
                self._data.roles.setdefault(name, permissions)

    def add_permission(self, role: str, permission: str) -> bool:
        """See ``AccountStore``."""
        with self._data.lock:
            lacks = permission not in self._data.roles[role]
            self._data.roles[role] |= {permission}
            return lacks

    def list_accounts(self, *, search: str, offset: int, limit: int) -> tuple[Sequence[Account], int]:
        """See ``AccountStore``."""
        with self._data.lock:
            wanted = search.casefold()
            rows = sorted(self._data.accounts.values(), key=lambda row: row.keys.name or "")
            found = [row.account for row in rows if any(wanted in (key or "") for key in _found_by(row))]
            return found[offset : offset + limit], len(found)

    def count_role_holders(self, role: str) -> int:
        """See ``AccountStore``."""
        with self._data.lock:
            accounts = (row.account for row in self._data.accounts.values())
            return sum(account.is_active and role in account.roles for account in accounts)

    def _hashes(self) -> list[tuple[Any, str]]:
        with self._data.lock:
            found = [(row.account.id, row.account.password_hash) for row in self._data.accounts.values()]
        rows: list[tuple[Any, str]] = [(account_id, encoded) for account_id, encoded in found if encoded]
        return sorted(rows)

    def _require_roles(self, names: "frozenset[str] | set[str]") -> None:
        missing = names - self._data.roles.keys()
        if missing:
            msg = f"roles are not in the store: {sorted(missing)}; create_roles makes declared ones"
            raise ConfigurationError(msg)

    def _keep_holders(self, account: Account, roles: "frozenset[str] | set[str]") -> None:
        for role in roles if account.is_active else ():
            if self.count_role_holders(role) == 1:
                raise LastHolder

    def _set_roles(self, row: AccountRow, roles: frozenset[str]) -> None:
        row.account = replace(row.account, roles=roles)
        for session in self._data.sessions.values():
            if session.session.account_id == row.account.id:
                session.must_rotate = True


def _found_by(row: AccountRow) -> tuple[str | None, str | None]:
    return row.keys.name, row.keys.email
