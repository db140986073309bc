"""All stored password hashes: weak ones wrapped without waiting for a sign-in, unread ones counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from bastide.core.foundation import AccountId, Client, Units
from bastide.core.records import AccountStore
from bastide.core.security_log import EventKind, Outcome, Recorder
from bastide.core.sign_in.passwords.readers import mark_of
from bastide.core.sign_in.ports import Hasher, HashFault

# Hashes are made before the transaction that keeps them, so that it is short; what a stop loses is this many.
BATCH: Final = 100

Watch: TypeAlias = Callable[[int, int], object]


class Unread(NamedTuple):
    """Why a hash is not read, and what it is.

    Attributes:
        fault: why.
        mark: how hashes of its kind begin; empty where that is not known.
    """

    fault: HashFault
    mark: str

    def __str__(self) -> str:
        return f"{self.fault} ({self.mark})" if self.mark else str(self.fault)


@dataclass(frozen=True, slots=True)
class UnreadSeen:
    """What a bounded look found.

    Attributes:
        looked_at: how many hashes.
        is_all: there are no others.
        unread: those that nobody signs in with.
    """

    looked_at: int
    is_all: bool
    unread: Counter[Unread]


@dataclass(slots=True)
class HashesRead:
    """What a run found.

    Attributes:
        wrapped: weak ones that have Argon2id over them now.
        read: those that people sign in with as they are.
        unread: those that nobody signs in with.
    """

    wrapped: int = 0
    read: int = 0
    unread: Counter[Unread] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """How many there were."""
        return self.wrapped + self.read + self.unread.total()


class StoredHashes:
    """Goes through the hashes by account while the application serves; a run that was stopped is repeated.

    Each hash is swapped only where it still is the one that was read: a sign-in or a new password in
    between wins.

    Args:
        accounts: keep the hashes.
        hasher: reads and wraps them.
        recorder: takes the events.
        units: make a batch and its event one.

    Spec: V11.4.2.
    """

    def __init__(
        self,
        *,
        accounts: AccountStore,
        hasher: Hasher,
        recorder: Recorder,
        units: Units,
    ) -> None:
        self._accounts = accounts
        self._hasher = hasher
        self._recorder = recorder
        self._units = units

    def wrap_weak(
        self,
        client: Client,
        watch: Watch = lambda _done, _total: None,
        *,
        workers: int = 1,
    ) -> HashesRead:
        """Lay Argon2id over every weak hash that may be read, and count the others.

        Args:
            client: who asks, for the log.
            watch: told after every batch how many are done, and how many accounts there are.
            workers: threads that make hashes, each in a slot; more than there are would wait for one.
        """
        found = HashesRead()
        _, total = self._accounts.list_accounts(search="", offset=0, limit=1)
        with ThreadPoolExecutor(workers) as pool:
            for rows in self._batches():
                looks = pool.map(self._look_at, (stored for _, stored in rows))
                weak = list[tuple[AccountId, str, str]]()
                for (account_id, old), look in zip(rows, looks, strict=True):
                    if isinstance(look, str):
                        weak.append((account_id, old, look))
                    elif look is None:
                        found.read += 1
                    else:
                        found.unread[look] += 1
                self._swap(weak, found, client)
                watch(found.total, total)
        return found

    def count_unread(self) -> Counter[Unread]:
        """Return how many nobody signs in with; reads them all and checks none."""
        return self._count(stored for rows in self._batches() for _, stored in rows)

    def count_some_unread(self, *, limit: int) -> UnreadSeen:
        """Return the same of the first hashes, and of some of the last: what a start has time for.

        Args:
            limit: most to read from the beginning; half as many from the end.
        """
        first = [stored for _, stored in self._accounts.list_password_hashes(after=None, limit=limit)]
        if len(first) < limit:
            return UnreadSeen(len(first), is_all=True, unread=self._count(first))
        last = self._accounts.sample_password_hashes(limit)[limit // 2 :]
        known = set(first)
        some = [*first, *(stored for stored in last if stored not in known)]
        return UnreadSeen(len(some), is_all=False, unread=self._count(some))

    def _count(self, hashes: Iterable[str]) -> Counter[Unread]:
        return Counter(unread for stored in hashes if (unread := self._unread(stored)) is not None)

    def _unread(self, stored: str) -> Unread | None:
        fault = self._hasher.find_fault(stored)
        return None if fault is None else Unread(fault, mark_of(stored))

    def _batches(self) -> Iterator[Sequence[tuple[AccountId, str]]]:
        last: AccountId | None = None
        while rows := self._accounts.list_password_hashes(after=last, limit=BATCH):
            yield rows
            last = rows[-1][0]

    def _look_at(self, stored: str) -> Unread | str | None:
        """Return why the hash is not read; or with Argon2id over it, where it is weak; None for any other."""
        return self._unread(stored) or self._hasher.wrap(stored)

    def _swap(self, weak: Sequence[tuple[AccountId, str, str]], found: HashesRead, client: Client) -> None:
        if not weak:
            return
        with self._units():
            done = sum(
                self._accounts.replace_password_hash(account_id, old_hash=old, new_hash=new)
                for account_id, old, new in weak
            )
            self._recorder.record(EventKind.HASHES_WRAPPED, Outcome.SUCCESS, client, count=str(done))
        found.wrapped += done
        # What another one was faster with has a newer hash.
        found.read += len(weak) - done
