"""Accounts as the controls see them, and the port that keeps them."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bastide.core.errors import BastideError, InvalidInput
from bastide.core.principal import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A stored account.

    Attributes:
        id: the key of the application's user row.
        username: as the person spells it.
        email: as the person spells it; verified, since no account exists before that.
        password_hash: encoded Argon2id hash, or None when no password was ever set.
        is_active: False once an administrator disabled it.
        roles: names of the roles held.
    """

    id: AccountId
    username: str
    email: str
    password_hash: str | None
    is_active: bool
    roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account about to be made.

    Attributes:
        username_key: the user name after NFKC and case folding; unique.
        email_key: the address after the same folding; unique.
    """

    username: str
    username_key: str
    email: str
    email_key: str
    password_hash: str
    roles: frozenset[str]


class AccountExists(BastideError):
    """The user name or the address is taken.

    Attributes:
        field: ``username`` or ``email``.
    """

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class LastHolder(InvalidInput):
    """No other active account holds the role; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("role", "last_holder")


class TicketSpent(BastideError):
    """The ticket that the account was to be made with is used, expired or unknown."""


def account_key(name: str) -> str:
    """Return the one spelling under which a user name or an address is looked up and unique.

    Compatibility forms, case and outer spaces do not make a different name.

    Threat: look-alike accounts, and a fresh attempt budget per spelling (V6.3.1, V6.3.8).
    Spec: Unicode NFKC and case folding (UAX 15, UTS 18).
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded).casefold().strip()


class AccountStore(Protocol):
    """Keeps accounts and roles; every verb is atomic."""

    def find_account(self, key: str) -> Account | None:
        """Return the account whose user name key or address key is ``key``."""

    def get_account(self, account_id: AccountId) -> Account | None:
        """Return the account, or None."""

    def lock_account(self, account_id: AccountId) -> Account | None:
        """Return the account as it is now; inside a unit nobody else changes it until the unit ends.

        A unit that acts on what an account is or may do begins with this: a sign-in and the change of
        the password it was made with never pass each other.
        """

    def add_account(self, new: NewAccount, *, ticket_digest: bytes | None, now: datetime) -> AccountId:
        """Make the account and burn the ticket: both or neither.

        Args:
            new: the account; its roles must be defined.
            ticket_digest: the unexpired ticket to burn, or None from a shell command.
            now: aware UTC.

        Raises:
            AccountExists: a key is taken; the ticket stays good.
            TicketSpent: the ticket is used, expired or unknown; no account is made.
        """

    def replace_password_hash(self, account_id: AccountId, *, old_hash: str, new_hash: str) -> bool:
        """Swap the hash if it still is ``old_hash``; tell whether it did."""

    def reset_password(
        self,
        account_id: AccountId,
        *,
        ticket_digest: bytes,
        old_hash: str | None,
        new_hash: str,
        now: datetime,
    ) -> None:
        """Burn the ticket, replace the hash, end every session and revoke every API token: all or nothing.

        Args:
            account_id: the account.
            ticket_digest: the unexpired ticket to burn.
            old_hash: the hash when the ticket was looked at.
            new_hash: the next one.
            now: aware UTC.

        Raises:
            TicketSpent: the ticket is used or expired, or the hash is another one by now.
        """

    def change_email(
        self, account_id: AccountId, *, ticket_digest: bytes, email: str, email_key: str, now: datetime
    ) -> None:
        """Burn the ticket and replace the address: both or neither.

        Args:
            account_id: the account.
            ticket_digest: the unexpired ticket to burn.
            email: the next address, as the person spells it.
            email_key: the same after folding; unique.
            now: aware UTC.

        Raises:
            AccountExists: another account has the address; the ticket stays good.
            TicketSpent: the ticket is used, expired or unknown; nothing is changed.
        """

    def set_active(
        self, account_id: AccountId, *, is_active: bool, keep_holders: Collection[str] = ()
    ) -> bool:
        """Enable or disable; tell whether anything changed. Disabling ends every session and API token.

        Args:
            account_id: the account.
            is_active: the status from now on.
            keep_holders: roles that must not lose their last active holder by this.

        Raises:
            LastHolder: one of them would; two callers at once cannot both go through.
        """

    def grant_role(self, account_id: AccountId, role: str) -> bool:
        """Add the role and mark the account's sessions for a new id; tell whether it was new.

        Raises:
            ConfigurationError: the role is not defined.
        """

    def revoke_role(self, account_id: AccountId, role: str, *, keep_holders: Collection[str] = ()) -> bool:
        """Take the role and mark the account's sessions for a new id; tell whether it was held.

        Args:
            account_id: the account.
            role: the role to take.
            keep_holders: see ``set_active``.

        Raises:
            LastHolder: see ``set_active``.
        """

    def define_roles(self, roles: dict[str, frozenset[str]]) -> None:
        """Make each role that is missing, with its permissions; leave existing roles alone."""

    def add_permission(self, role: str, permission: str) -> bool:
        """Add the permission to a role that is defined; tell whether the role lacked it."""

    def list_accounts(self, *, search: str, offset: int, limit: int) -> tuple[Sequence[Account], int]:
        """Return a page of accounts by name, and how many match.

        Args:
            search: literal part of a user name or address (wildcards mean themselves); may be empty.
            offset: rows to skip.
            limit: most rows to return.
        """

    def count_role_holders(self, role: str) -> int:
        """Return how many active accounts hold ``role``."""
