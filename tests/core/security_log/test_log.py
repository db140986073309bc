"""Keeping the log: checked in batches while it grows, exported, and trimmed only while it is whole."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bastide.core.request import Services
from bastide.core.security_log import (
    Anchor,
    Broken,
    ChainEnds,
    ChainRow,
    Event,
    EventFilter,
    EventKind,
    LogSettings,
    Outcome,
    Verified,
    to_json,
)
from bastide.core.security_log.log import BATCH_SIZE
from bastide.stores.memory import MemoryEvents
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, kinds, make

DAY = timedelta(days=1)


@pytest.fixture
def services(clock: FrozenClock) -> Services:
    return make(clock, Outbox(), log={"retention": timedelta(days=30)})


def fill(services: Services, clock: FrozenClock, count: int, *, step: timedelta = DAY) -> None:
    for number in range(count):
        services.recorder.record(EventKind.LOGOUT, Outcome.SUCCESS, HERE, actor=number)
        clock.advance(step)


def rows_of(services: Services) -> list[ChainRow]:
    """Return the rows themselves, as somebody who can write to the database has them."""
    store: Any = services.stores.events
    rows: list[ChainRow] = store._data.chain  # noqa: SLF001 -- the database
    return rows


def edit(services: Services, place: int) -> None:
    rows = rows_of(services)
    rows[place] = rows[place]._replace(record=rows[place].record._replace(actor="somebody else"))


def test_a_long_log_is_read_in_batches_and_watched(services: Services, clock: FrozenClock) -> None:
    fill(services, clock, BATCH_SIZE * 2 + 5, step=timedelta())
    seen: list[tuple[int, int]] = []
    verdict = services.log_keeper.verify(HERE, watch=lambda done, total: seen.append((done, total)))
    assert isinstance(verdict, Verified)
    assert verdict.count == BATCH_SIZE * 2 + 5
    assert seen == [(BATCH_SIZE, 2005), (BATCH_SIZE * 2, 2005), (2005, 2005)]
    assert kinds(services).count("system:log:broken") == 0


def test_faults_are_an_event_that_names_some(services: Services, clock: FrozenClock) -> None:
    assert isinstance(services.log_keeper.verify(HERE), Verified)
    fill(services, clock, 20)
    for place in range(0, 20, 2):
        edit(services, place)
    verdict = services.log_keeper.verify(HERE)
    assert isinstance(verdict, Broken)
    assert [str(problem) for problem in verdict.problems] == [f"edited {n}" for n in range(1, 20, 2)]
    events, _ = services.stores.events.list_events(
        EventFilter(kinds=frozenset({EventKind.LOG_BROKEN})), offset=0, limit=1
    )
    assert events[0].detail == {"problems": "10", "first": "edited 1, edited 3, edited 5, edited 7, edited 9"}
    assert events[0].outcome == Outcome.FAILURE


def test_an_anchor_is_compared(services: Services, clock: FrozenClock) -> None:
    fill(services, clock, 3)
    verdict = services.log_keeper.verify(HERE)
    assert isinstance(verdict, Verified)
    assert verdict.head is not None
    fill(services, clock, 3)
    assert isinstance(services.log_keeper.verify(HERE, anchor=verdict.head), Verified)
    assert isinstance(services.log_keeper.verify(HERE, anchor=Anchor(3, bytes(32))), Broken)


def test_a_log_that_grows_or_is_trimmed_meanwhile_is_whole(
    services: Services, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(services, clock, 60)
    store = services.stores.events
    read, ends = MemoryEvents.read_chain, MemoryEvents.chain_ends
    calls = []

    def read_slowly(self: MemoryEvents, *, start: int, limit: int) -> Any:
        rows = read(self, start=start, limit=limit)
        calls.append(start)
        if len(calls) == 1:
            fill(services, clock, 2)
        return rows

    def trim_first(self: MemoryEvents) -> ChainEnds:
        found = ends(self)
        calls.append(0)
        if len(calls) == 1:
            assert store.drop_events(before=clock.now() - DAY * 10, chain=chain) > 0
        return found

    monkeypatch.setattr(MemoryEvents, "read_chain", read_slowly)
    assert services.log_keeper.verify(HERE) == services.log_keeper.verify(HERE)
    assert len(calls) == 3
    calls.clear()
    monkeypatch.setattr(MemoryEvents, "read_chain", read)
    monkeypatch.setattr(MemoryEvents, "chain_ends", trim_first)
    chain = services.log._chain  # noqa: SLF001 -- the services' own
    assert isinstance(services.log_keeper.verify(HERE), Verified)
    assert len(calls) > 3


@pytest.mark.asvs("V16.1.1")
def test_retention_drops_the_oldest_and_says_so(services: Services, clock: FrozenClock) -> None:
    fill(services, clock, 40)
    assert services.log_keeper.purge(HERE) == 10
    assert services.log_keeper.purge(HERE) == 0
    assert kinds(services).count("system:log:purged") == 1
    assert len(rows_of(services)) == 31
    assert services.log_keeper.purge(HERE, older_than=DAY * 5) == 25
    verdict = services.log_keeper.verify(HERE)
    assert isinstance(verdict, Verified)
    assert (verdict.count, verdict.head and verdict.head.sequence) == (7, 42)
    events, _ = services.stores.events.list_events(
        EventFilter(kinds=frozenset({EventKind.LOG_PURGED})), offset=0, limit=2
    )
    assert [event.detail for event in events] == [{"count": "25"}, {"count": "10"}]
    assert LogSettings().retention == timedelta(days=365)


def test_a_broken_log_is_not_dropped_unless_told(services: Services, clock: FrozenClock) -> None:
    """Who dates his edits back must not have them dropped for him."""
    fill(services, clock, 40)
    edit(services, 3)
    assert isinstance(services.log_keeper.purge(HERE), Broken)
    assert len(rows_of(services)) == 41
    assert services.log_keeper.purge(HERE, even_if_broken=True) == 10
    assert isinstance(services.log_keeper.verify(HERE), Verified)
    assert kinds(services)[-3:] == ["system:log:broken", "system:log:broken", "system:log:purged"]


def test_an_export_is_the_logs_own_lines_with_number_and_link(services: Services, clock: FrozenClock) -> None:
    start = clock.now()
    fill(services, clock, BATCH_SIZE + 5)
    lines = [json.loads(line) for line in services.log_keeper.export(since=None, until=None)]
    assert [line["sequence"] for line in lines] == list(range(1, BATCH_SIZE + 6))
    assert list(lines[0])[:2] == ["sequence", "link"]
    assert lines[0]["link"] == (rows_of(services)[0].link or b"").hex()
    own = {name: value for name, value in lines[0].items() if name not in {"sequence", "link"}}
    first = Event(
        kind=EventKind.LOGOUT, outcome=Outcome.SUCCESS, at=start, actor="0", address=HERE.address
    )  # fmt: skip
    assert json.dumps(own) == to_json(first)
    some = services.log_keeper.export(since=start + DAY * 3, until=start + DAY * 5)
    assert [json.loads(line)["sequence"] for line in some] == [4, 5]


def test_an_export_shows_rows_that_were_changed(services: Services, clock: FrozenClock) -> None:
    fill(services, clock, 4)
    rows = rows_of(services)
    changes: list[dict[str, Any]] = [{"at": "x"}, {"at": 2**62}, {"detail": "{"}]
    for place, change in enumerate(changes):
        rows[place] = rows[place]._replace(record=rows[place].record._replace(**change))
    rows[3] = rows[3]._replace(link=None, sequence=2**63 - 1)
    lines = [json.loads(line) for line in services.log_keeper.export(since=None, until=None)]
    assert [line["at"] for line in lines[:2]] == ["x", str(2**62)]
    assert lines[2]["detail"] == "{"
    assert lines[3]["link"] is None
    assert isinstance(services.log_keeper.verify(HERE), Broken)
