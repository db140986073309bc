"""Who acts: the slotted value that every access decision reads."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

AccountId: TypeAlias = int | str | UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A caller and what they may do, as of this request.

    Attributes:
        account_id: the account, or None for a stranger.
        name: the user name; empty for a stranger.
        roles: names of the roles held.
        permissions: everything those roles grant.
        is_fresh: a factor was shown within the freshness limit (F5).
        is_suspect: the browser changed mid-session; only confirming helps (S5).
        lacks_factor: a role asks for a second factor that is not set up; its rights are withheld (F4).
    """

    account_id: AccountId | None = None
    name: str = ""
    roles: frozenset[str] = frozenset()
    permissions: AbstractSet[str] = frozenset()
    is_fresh: bool = False
    is_suspect: bool = False
    lacks_factor: bool = False

    @property
    def is_signed_in(self) -> bool:
        """Tell whether somebody is signed in."""
        return self.account_id is not None

    def has(self, permission: str) -> bool:
        """Tell whether a role grants ``permission``; a stranger has none."""
        return permission in self.permissions


STRANGER: Final = Principal()
