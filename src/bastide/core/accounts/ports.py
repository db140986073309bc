"""What keeps the keys under which users sign in, beside the application's own names and addresses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bastide.core.foundation import AccountId
from bastide.core.records import AccountKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A user as the application keeps it, and the keys that are kept of it.

    Attributes:
        id: the key of the row.
        username: as it is spelled, or None.
        email: likewise.
        has_password: whether a hash is kept.
        keys: those that are kept, which may be none or those of an earlier name.
    """

    id: AccountId
    username: str | None
    email: str | None
    has_password: bool
    keys: AccountKeys


class IdentityStore(Protocol):
    """Keeps the keys of users that others make and change; every verb is atomic.

    Attributes:
        longest: how many code points each key may have.
        longest_name: how many a name may have; None where the name is the address, which is never changed.
    """

    @property
    def longest(self) -> tuple[int, int, int]: ...  # noqa: D102 -- described by the class

    @property
    def longest_name(self) -> int | None: ...  # noqa: D102 -- described by the class

    def count_users(self) -> int:
        """Return how many users there are, with keys and without."""

    def list_users(self, *, after: AccountId | None, limit: int) -> Sequence[UserRow]:
        """Return users by id.

        Args:
            after: the id to go on after, or None to begin.
            limit: most to return.
        """

    def find_holders(
        self, keys: Collection[str], skeletons: Collection[str]
    ) -> Sequence[tuple[AccountId, AccountKeys]]:
        """Return whoever is found under one of ``keys``, by name or address, or looks like ``skeletons``."""

    def put_keys(self, changes: Sequence[tuple[UserRow, AccountKeys]]) -> int:
        """Keep these keys of each user who still is as it was read; return of how many.

        Raises:
            AccountExists: somebody else has one of them; nothing is changed.
        """

    def rename_user(self, row: UserRow, name: str, keys: AccountKeys) -> bool:
        """Call the user so, and keep these keys, where they still are as they were read; tell whether.

        Raises:
            AccountExists: somebody else has one of them; nothing is changed.
        """

    def count_without_keys(self, *, limit: int) -> int:
        """Return how many users cannot be found by their name, ``limit`` at most; it looks no further."""
