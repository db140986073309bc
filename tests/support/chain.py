"""A log in memory that somebody can write to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bastide.core.encryption import KeyRing
from bastide.core.foundation import Secret
from bastide.core.security_log import (
    Anchor,
    Broken,
    Chain,
    ChainEnd,
    ChainRow,
    Event,
    EventKind,
    Outcome,
    Verified,
)
from bastide.core.security_log._chain_check import ChainCheck
from bastide.stores.memory import MemoryEvents, memory_stores
from bastide.testing.clock import START
from support.core import CHAIN

OTHER = Chain.from_secrets(Secret("o" * 64), None)
RING = KeyRing({1: b"1" * 32, 2: b"2" * 32})
DAY = timedelta(days=1)


def event(number: int = 1) -> Event:
    return Event(
        kind=EventKind.LOGIN_FAILURE, outcome=Outcome.FAILURE, at=START + DAY * number, actor=str(number),
        target="account:1", session="ab", address="203.0.113.7", route="sign_in", request_id=f"r{number}",
        detail={"reason": "é\n", "lane": "x"},
    )  # fmt: skip


@dataclass
class Log:
    """A log in memory that somebody can write to."""

    store: MemoryEvents
    chain: Chain = CHAIN
    rows: list[ChainRow] = field(default_factory=list)
    base: ChainEnd | None = None
    head: ChainEnd | None = None

    def check(self, anchor: Anchor | None = None) -> Verified | Broken:
        check = ChainCheck(self.chain, base=self.base, anchor=anchor)
        for row in sorted(self.rows, key=lambda row: row.sequence):
            check.feed([row])
        return check.finish(self.head)

    def faults(self, anchor: Anchor | None = None) -> list[str]:
        verdict = self.check(anchor)
        return [] if isinstance(verdict, Verified) else [str(problem) for problem in verdict.problems]

    def renumber(self, shift: Callable[[int], int]) -> None:
        self.rows = [row._replace(sequence=shift(row.sequence)) for row in self.rows]


def written(count: int, *, chain: Chain = CHAIN, dropped: int = 0) -> Log:
    """Return a log of so many events, the first ``dropped`` of them gone by retention."""
    store = memory_stores().events
    assert isinstance(store, MemoryEvents)
    for number in range(1, count + 1):
        store.append_event(event(number), chain)
    if dropped:
        assert store.drop_events(before=START + DAY * (dropped + 1), chain=chain) == dropped
    base, head = store.chain_ends()
    return Log(store, chain, list(store.read_chain(start=-(2**63), limit=count)), base, head)


def go_on(log: Log, count: int = 3) -> None:
    """Append more events to what is left of the log."""
    data = log.store._data  # noqa: SLF001 -- the database that was written to
    data.chain, data.base, data.head = sorted(log.rows), log.base, log.head
    for number in range(count):
        log.store.append_event(event(number), log.chain)
    log.rows, (log.base, log.head) = list(data.chain), log.store.chain_ends()
