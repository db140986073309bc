"""What stands in the way of a user's keys, and who gets those that several want."""

import sqlite3
import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from bastide.core.accounts.ports import UserRow
from bastide.core.inputs import is_reserved_username
from bastide.core.records import AccountKeys

# No form and no header carries them: nobody can type the name.
_UNTYPED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


class Problem(StrEnum):
    """What keeps a user from signing in by name, or by address, or is worth a look.

    Attributes:
        NAME_EMPTY: there is no name.
        NAME_UNUSABLE: it has characters that nobody can type.
        NAME_TOO_LONG: its key is longer than the column.
        NAME_TAKEN: somebody else signs in under it, as a name or as an address.
        NAME_ALIKE: readers take it for somebody else's.
        EMAIL_UNUSABLE: as with names.
        EMAIL_TOO_LONG: likewise.
        EMAIL_TAKEN: likewise.
        NAME_RESERVED: it speaks for the site. Its user goes on, and nobody else can register it.
    """

    NAME_EMPTY = "name_empty"
    NAME_UNUSABLE = "name_unusable"
    NAME_TOO_LONG = "name_too_long"
    NAME_TAKEN = "name_taken"
    NAME_ALIKE = "name_alike"
    EMAIL_UNUSABLE = "email_unusable"
    EMAIL_TOO_LONG = "email_too_long"
    EMAIL_TAKEN = "email_taken"
    NAME_RESERVED = "name_reserved"


# With these nobody is found by the name; with the others by nothing but the name.
KEEPS_OUT: Final = frozenset(
    {
        Problem.NAME_EMPTY, Problem.NAME_UNUSABLE, Problem.NAME_TOO_LONG, Problem.NAME_TAKEN,
        Problem.NAME_ALIKE,
    }
)  # fmt: skip
# Somebody else has the name; another one would do.
COLLISIONS: Final = frozenset({Problem.NAME_TAKEN, Problem.NAME_ALIKE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A problem of one user.

    Attributes:
        user: whose.
        problem: which.
        holder: the id of whoever has the key, as text; empty where nobody has.
        new_name: what the user would be called, or is now; empty where no renaming is meant.
    """

    user: UserRow
    problem: Problem
    holder: str = ""
    new_name: str = ""


Holders: TypeAlias = Mapping[str, AbstractSet[str]]
Decided: TypeAlias = tuple[UserRow, AccountKeys, list[Finding]]


class Claims(Protocol):
    """Who is to have what: the first who asks."""

    def get(self, key: str, default: str, /) -> str:
        """Return who is to have it, or else ``default``."""

    def setdefault(self, key: str, default: str, /) -> object:
        """Let ``default`` have it, unless somebody is to have it already."""


class KeptClaims:
    """What a look at all users would give out: in a file that goes with it, so that memory stays flat."""

    def __init__(self) -> None:
        # The empty name is a file of SQLite's own, which nobody else can open.
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("CREATE TABLE claim (key TEXT PRIMARY KEY, holder TEXT) WITHOUT ROWID")
        self._rows.execute("BEGIN")

    def get(self, key: str, default: str, /) -> str:
        """See ``Claims``."""
        found = self._rows.execute("SELECT holder FROM claim WHERE key = ?", (key,)).fetchone()
        return default if found is None else str(found[0])

    def setdefault(self, key: str, default: str, /) -> None:
        """See ``Claims``."""
        self._rows.execute("INSERT INTO claim VALUES (?, ?) ON CONFLICT DO NOTHING", (key, default))

    def close(self) -> None:
        """Forget everything."""
        self._rows.close()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A user whose keys are not those of name and address."""

    row: UserRow
    wanted: AccountKeys
    holders: Holders
    claims: Claims

    def decide(self, longest: tuple[int, int, int]) -> Decided:
        """Return the keys that the user is to have, and what stands in the way of others."""
        of_name = self._problem_of_name(longest)
        if of_name is not None:
            return self.row, self.row.keys, [of_name]
        of_email = self._problem_of_email(longest[2])
        keys = self.wanted if of_email is None else replace(self.wanted, email=None)
        return self.row, keys, [*([of_email] if of_email else []), *remarks(self.row, keys)]

    def _problem_of_name(self, longest: tuple[int, int, int]) -> Finding | None:
        name, skeleton = self.wanted.name, self.wanted.skeleton
        if name is None or not skeleton:
            return self._found(Problem.NAME_EMPTY)
        if is_unusable(name):
            return self._found(Problem.NAME_UNUSABLE)
        if len(name) > longest[0] or len(skeleton) > longest[1]:
            return self._found(Problem.NAME_TOO_LONG)
        places = (place_of(name), look_of(skeleton))
        for place, problem in zip(places, (Problem.NAME_TAKEN, Problem.NAME_ALIKE), strict=True):
            if other := self._other(place):
                return self._found(problem, other)
        self._claim(*places)
        return None

    def _problem_of_email(self, longest: int) -> Finding | None:
        email = self.wanted.email
        if email is None:
            return None
        if is_unusable(email):
            return self._found(Problem.EMAIL_UNUSABLE)
        if len(email) > longest:
            return self._found(Problem.EMAIL_TOO_LONG)
        place = place_of(email)
        if other := self._other(place):
            return self._found(Problem.EMAIL_TAKEN, other)
        self._claim(place)
        return None

    def _other(self, place: str) -> str:
        """Return who else has it or is to have it; nothing where nobody is."""
        own = str(self.row.id)
        have = self.holders.get(place, frozenset()) | {self.claims.get(place, own)}
        return min(have - {own}, default="")

    def _claim(self, *places: str) -> None:
        for place in places:
            self.claims.setdefault(place, str(self.row.id))

    def _found(self, problem: Problem, holder: str = "") -> Finding:
        return Finding(user=self.row, problem=problem, holder=holder)


def remarks(row: UserRow, keys: AccountKeys) -> list[Finding]:
    """Return what is worth a look though the user signs in."""
    is_reserved = is_reserved_username(keys.name or "", keys.skeleton or "")
    return [Finding(user=row, problem=Problem.NAME_RESERVED)] if is_reserved else []


def is_unusable(text: str) -> bool:
    """Tell whether a key has characters that nobody can type."""
    return not text.isprintable() and any(unicodedata.category(char) in _UNTYPED for char in text)


def place_of(key: str) -> str:
    """Return where a key stands: names and addresses together, since either signs in."""
    return f"key:{key}"


def look_of(skeleton: str) -> str:
    """Return where a look stands, which is nobody's key."""
    return f"look:{skeleton}"
