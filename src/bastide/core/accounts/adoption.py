"""Users that were there before Bastide, or that something else changes: the keys that they sign in under."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from bastide.core.accounts._new_names import new_names
from bastide.core.accounts.collisions import (
    COLLISIONS,
    KEEPS_OUT,
    Candidate,
    Claims,
    Decided,
    Finding,
    Holders,
    KeptClaims,
    Problem,
    is_unusable,
    look_of,
    place_of,
    remarks,
)
from bastide.core.accounts.ports import IdentityStore, UserRow
from bastide.core.foundation import AccountId, Client, Units
from bastide.core.mail import MailText, Notices
from bastide.core.records import Account, AccountExists, AccountKeys
from bastide.core.security_log import EventKind, Outcome, Recorder

# Four values of each row are looked for at once, and SQLite may take no more than 999.
BATCH: Final = 240
Watch: TypeAlias = Callable[[int, int], object]


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
        with closing(KeptClaims()) as claims:
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

    def _with_new_name(self, finding: Finding, claims: Claims) -> Finding:
        if finding.problem not in COLLISIONS:
            return finding
        name, _ = next(self._free_names(finding.user, claims), ("", None))
        return replace(finding, new_name=name)

    def _free_names(self, row: UserRow, claims: Claims) -> Iterator[tuple[str, AccountKeys]]:
        """Yield names that nobody has or is to have, with the keys that go with them."""
        longest = self._identities.longest_name
        for name in () if longest is None else new_names(row.username or "", row.id, longest=longest):
            wanted = AccountKeys.of(name, row.email)
            candidate = Candidate(row, wanted, self._find_holders([wanted]), claims)
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

    def _decide(self, rows: Sequence[UserRow], claims: Claims) -> list[Decided]:
        wanted = [(row, AccountKeys.of(row.username, row.email)) for row in rows]
        odd = [each for each in wanted if each[1] != each[0].keys]
        holders = self._find_holders([keys for _, keys in odd]) if odd else {}
        return [
            (row, keys, remarks(row, keys))
            if keys == row.keys and keys.name is not None
            else Candidate(row, keys, holders, claims).decide(self._identities.longest)
            for row, keys in wanted
        ]

    def _find_holders(self, wanted: Sequence[AccountKeys]) -> Holders:
        keys = {key for each in wanted for key in (each.name, each.email) if key and not is_unusable(key)}
        alike = {each.skeleton for each in wanted if each.skeleton and not is_unusable(each.skeleton)}
        holders = defaultdict[str, set[str]](set)
        for account_id, held in self._identities.find_holders(keys, alike):
            places = [place_of(key) for key in (held.name, held.email) if key]
            for place in [*places, *([look_of(held.skeleton)] if held.skeleton else [])]:
                holders[place].add(str(account_id))
        return holders


def _account(row: UserRow, name: str, address: str) -> Account:
    """Return the user as notices address them."""
    return Account(
        id=row.id, username=name, email=address, password_hash=None, is_active=True, roles=frozenset()
    )


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
