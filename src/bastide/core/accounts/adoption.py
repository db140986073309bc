"""Users that were there before Bastide, or that something else changes: the keys that they sign in under."""

import sqlite3
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from bastide.core.accounts._new_names import new_names
from bastide.core.accounts.ports import IdentityStore, UserRow
from bastide.core.foundation import AccountId, Client, Units
from bastide.core.inputs import is_reserved_username
from bastide.core.mail import MailText, Notices
from bastide.core.records import Account, AccountExists, AccountKeys
from bastide.core.security_log import EventKind, Outcome, Recorder

# Four values of each row are looked for at once, and SQLite may take no more than 999.
BATCH: Final = 240
# No form and no header carries them: nobody can type the name.
_UNTYPED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})

Watch: TypeAlias = Callable[[int, int], object]


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


@dataclass(slots=True)
class Survey:
    """What a look at every user came to.

    Attributes:
        total: users there are.
        in_step: their keys are those of their names and addresses, as far as these can be.
        without_keys: have none yet, and can.
        changed: have those of an earlier name or address.
        left_out: cannot sign in.
        without_password: have none to sign in with.
        problems: how often each was found.
    """

    total: int = 0
    in_step: int = 0
    without_keys: int = 0
    changed: int = 0
    left_out: int = 0
    without_password: int = 0
    problems: Counter[Problem] = field(default_factory=Counter)


class Adoption:
    """Gives users the keys of their names and addresses, while the application serves.

    Of two users with one key, whoever has it keeps it, else the first by id gets it; the other one is left
    out and named, and renamed only by `rename`. Each row is written only where it still is as it was read:
    what the application changes in between wins. What was stopped is repeated, and passes over what is done.

    Threat: two accounts under one name, an account that poses as another, users who are locked out unseen
    (V6.3.8).

    Args:
        identities: keep the keys.
        recorder: takes the events.
        notices: tell those who are renamed.
        units: make a batch and its event one.
    """

    def __init__(
        self, *, identities: IdentityStore, recorder: Recorder, notices: Notices, units: Units
    ) -> None:
        self._identities = identities
        self._recorder = recorder
        self._notices = notices
        self._units = units

    def survey(
        self,
        found: Callable[[Finding], object],
        watch: Watch = lambda _done, _total: None,
        *,
        renames: bool = False,
    ) -> Survey:
        """Look at every user and write nothing; memory does not grow with their number.

        Args:
            found: takes each problem.
            watch: told after every batch how many are done, and how many there are.
            renames: say what `rename` would call those whose names collide, which takes a second look.
        """
        seen, total = Survey(), self._identities.count_users()
        with closing(_KeptClaims()) as claims:
            for rows in self._batches() if renames else ():
                self._decide(rows, claims)
            for rows in self._batches():
                for row, keys, findings in self._decide(rows, claims):
                    _count(seen, row, keys, findings)
                    for finding in findings:
                        found(self._with_new_name(finding, claims) if renames else finding)
                watch(seen.total, total)
        return seen

    def rename(
        self,
        client: Client,
        found: Callable[[Finding], object],
        watch: Watch = lambda _done, _total: None,
    ) -> int:
        """Give everybody whose name collides another one, and tell them; return how many. After `write`.

        The new name is the old one with the user's id. No address is changed; it goes on to sign in whose it
        is. What was stopped is repeated.

        Args:
            client: who asks, for the log.
            found: takes each that was renamed.
            watch: as above.
        """
        renamed, done, total = 0, 0, self._identities.count_users()
        for rows in self._batches():
            for _, _, findings in self._decide(rows, {}):
                for finding in findings:
                    if finding.problem in COLLISIONS and (name := self._rename(finding.user, client)):
                        found(replace(finding, new_name=name))
                        renamed += 1
            done += len(rows)
            watch(done, total)
        return renamed

    def _rename(self, row: UserRow, client: Client) -> str:
        """Return the new name; nothing where the user changed meanwhile, or none is free."""
        for name, keys in self._free_names(row, {}):
            with suppress(AccountExists), self._units():
                if not self._identities.rename_user(row, name, keys):
                    return ""
                # Where the address finds somebody else, the message would.
                address = (row.email or "") if keys.email else ""
                self._notices.tell(
                    EventKind.ACCOUNT_RENAMED, MailText.RENAMED, _account(row, name, address), client,
                    by=None, facts={"name": name}, was=row.username or "", name=name,
                )  # fmt: skip
                return name
        return ""

    def _with_new_name(self, finding: Finding, claims: "_Claims") -> Finding:
        if finding.problem not in COLLISIONS:
            return finding
        name, _ = next(self._free_names(finding.user, claims), ("", None))
        return replace(finding, new_name=name)

    def _free_names(self, row: UserRow, claims: "_Claims") -> Iterator[tuple[str, AccountKeys]]:
        """Yield names that nobody has or is to have, with the keys that go with them."""
        longest = self._identities.longest_name
        for name in () if longest is None else new_names(row.username or "", row.id, longest=longest):
            wanted = AccountKeys.of(name, row.email)
            candidate = _Candidate(row, wanted, self._find_holders([wanted]), claims)
            _, keys, _ = candidate.decide(self._identities.longest)
            if keys.name == wanted.name:
                yield name, keys

    def write(self, client: Client, watch: Watch = lambda _done, _total: None) -> int:
        """Write the keys of everybody who can have them; return of how many they were written.

        Args:
            client: who asks, for the log.
            watch: as above.
        """
        written, done, total = 0, 0, self._identities.count_users()
        for rows in self._batches():
            decided = self._decide(rows, {})
            changes = [(row, keys) for row, keys, _ in decided if keys != row.keys]
            written += self._put(changes, client) if changes else 0
            done += len(rows)
            watch(done, total)
        return written

    def _put(self, changes: Sequence[tuple[UserRow, AccountKeys]], client: Client) -> int:
        try:
            return self._put_at_once(changes, client)
        except AccountExists:
            # Somebody signed up under one of them meanwhile; all others get theirs.
            done = 0
            for change in changes:
                with suppress(AccountExists):
                    done += self._put_at_once([change], client)
            return done

    def _put_at_once(self, changes: Sequence[tuple[UserRow, AccountKeys]], client: Client) -> int:
        with self._units():
            done = self._identities.put_keys(changes)
            if done:
                self._recorder.record(EventKind.USERS_ADOPTED, Outcome.SUCCESS, client, count=str(done))
        return done

    def _batches(self) -> Iterator[Sequence[UserRow]]:
        last: AccountId | None = None
        while rows := self._identities.list_users(after=last, limit=BATCH):
            yield rows
            last = rows[-1].id

    def _decide(self, rows: Sequence[UserRow], claims: "_Claims") -> "list[_Decided]":
        wanted = [(row, AccountKeys.of(row.username, row.email)) for row in rows]
        odd = [each for each in wanted if each[1] != each[0].keys]
        holders = self._find_holders([keys for _, keys in odd]) if odd else {}
        return [
            (row, keys, _remarks(row, keys))
            if keys == row.keys and keys.name is not None
            else _Candidate(row, keys, holders, claims).decide(self._identities.longest)
            for row, keys in wanted
        ]

    def _find_holders(self, wanted: Sequence[AccountKeys]) -> "_Holders":
        keys = {key for each in wanted for key in (each.name, each.email) if key and not _is_unusable(key)}
        alike = {each.skeleton for each in wanted if each.skeleton and not _is_unusable(each.skeleton)}
        holders = defaultdict[str, set[str]](set)
        for account_id, held in self._identities.find_holders(keys, alike):
            places = [_place(key) for key in (held.name, held.email) if key]
            for place in [*places, *([_look(held.skeleton)] if held.skeleton else [])]:
                holders[place].add(str(account_id))
        return holders


_Holders: TypeAlias = Mapping[str, AbstractSet[str]]
_Decided: TypeAlias = tuple[UserRow, AccountKeys, list[Finding]]


class _Claims(Protocol):
    """Who is to have what: the first who asks."""

    def get(self, key: str, default: str, /) -> str:
        """Return who is to have it, or else ``default``."""

    def setdefault(self, key: str, default: str, /) -> object:
        """Let ``default`` have it, unless somebody is to have it already."""


class _KeptClaims:
    """What a look at all users would give out: in a file that goes with it, so that memory stays flat."""

    def __init__(self) -> None:
        # The empty name is a file of SQLite's own, which nobody else can open.
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("CREATE TABLE claim (key TEXT PRIMARY KEY, holder TEXT) WITHOUT ROWID")
        self._rows.execute("BEGIN")

    def get(self, key: str, default: str, /) -> str:
        """See ``_Claims``."""
        found = self._rows.execute("SELECT holder FROM claim WHERE key = ?", (key,)).fetchone()
        return default if found is None else str(found[0])

    def setdefault(self, key: str, default: str, /) -> None:
        """See ``_Claims``."""
        self._rows.execute("INSERT INTO claim VALUES (?, ?) ON CONFLICT DO NOTHING", (key, default))

    def close(self) -> None:
        """Forget everything."""
        self._rows.close()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A user whose keys are not those of name and address."""

    row: UserRow
    wanted: AccountKeys
    holders: _Holders
    claims: _Claims

    def decide(self, longest: tuple[int, int, int]) -> _Decided:
        """Return the keys that the user is to have, and what stands in the way of others."""
        of_name = self._problem_of_name(longest)
        if of_name is not None:
            return self.row, self.row.keys, [of_name]
        of_email = self._problem_of_email(longest[2])
        keys = self.wanted if of_email is None else replace(self.wanted, email=None)
        return self.row, keys, [*([of_email] if of_email else []), *_remarks(self.row, keys)]

    def _problem_of_name(self, longest: tuple[int, int, int]) -> Finding | None:
        name, skeleton = self.wanted.name, self.wanted.skeleton
        if name is None or not skeleton:
            return self._found(Problem.NAME_EMPTY)
        if _is_unusable(name):
            return self._found(Problem.NAME_UNUSABLE)
        if len(name) > longest[0] or len(skeleton) > longest[1]:
            return self._found(Problem.NAME_TOO_LONG)
        places = (_place(name), _look(skeleton))
        for place, problem in zip(places, (Problem.NAME_TAKEN, Problem.NAME_ALIKE), strict=True):
            if other := self._other(place):
                return self._found(problem, other)
        self._claim(*places)
        return None

    def _problem_of_email(self, longest: int) -> Finding | None:
        email = self.wanted.email
        if email is None:
            return None
        if _is_unusable(email):
            return self._found(Problem.EMAIL_UNUSABLE)
        if len(email) > longest:
            return self._found(Problem.EMAIL_TOO_LONG)
        place = _place(email)
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


def _account(row: UserRow, name: str, address: str) -> Account:
    """Return the user as notices address them."""
    return Account(
        id=row.id, username=name, email=address, password_hash=None, is_active=True, roles=frozenset()
    )


def _remarks(row: UserRow, keys: AccountKeys) -> list[Finding]:
    is_reserved = is_reserved_username(keys.name or "", keys.skeleton or "")
    return [Finding(user=row, problem=Problem.NAME_RESERVED)] if is_reserved else []


def _count(seen: Survey, row: UserRow, keys: AccountKeys, findings: Sequence[Finding]) -> None:
    seen.total += 1
    seen.without_password += not row.has_password
    seen.problems.update(finding.problem for finding in findings)
    if any(finding.problem in KEEPS_OUT for finding in findings):
        seen.left_out += 1
    elif keys == row.keys:
        seen.in_step += 1
    elif row.keys.name is None:
        seen.without_keys += 1
    else:
        seen.changed += 1


def _is_unusable(text: str) -> bool:
    return not text.isprintable() and any(unicodedata.category(char) in _UNTYPED for char in text)


def _place(key: str) -> str:
    """Return where a key stands: names and addresses together, since either signs in."""
    return f"key:{key}"


def _look(skeleton: str) -> str:
    return f"look:{skeleton}"
