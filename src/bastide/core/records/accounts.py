"""Accounts as the controls see them, and the port that keeps them."""

import unicodedata
from dataclasses import dataclass
from typing import Self

from bastide.core.foundation import AccountId, BastideError, InvalidInput
from bastide.core.records.lookalikes import username_skeleton


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A stored account.

    Attributes:
        id: the key of the application's user row.
        username: as the person spells it.
        email: as the person spells it, or empty where there is none; verified where the account was made by
            Bastide, since no account exists before that.
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

    @property
    def username_skeleton(self) -> str:
        """What the user name looks like; unique."""
        return username_skeleton(self.username)


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


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """What an account is found under and told apart by.

    Attributes:
        name: the user name's ``account_key``, or None where nobody is found by it.
        skeleton: what the user name looks like, likewise.
        email: the address's ``account_key``, likewise.
    """

    name: str | None
    skeleton: str | None
    email: str | None

    @classmethod
    def of(cls, username: str | None, email: str | None) -> Self:
        """Return the keys of a name and an address; what is empty has none."""
        name = account_key(username or "") or None
        skeleton = None if name is None else username_skeleton(username or "")
        return cls(name, skeleton, account_key(email or "") or None)

    def values(self) -> tuple[str | None, str | None, str | None]:
        """Return name, skeleton and address."""
        return self.name, self.skeleton, self.email
