"""The log: no event lost, each comes back whole."""

import sys
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bastide.core.request import Stores
from bastide.core.security_log import (
    Anchor,
    AppEventKind,
    Broken,
    Event,
    EventFilter,
    EventGroup,
    EventKind,
    EventLog,
    Outcome,
    Verified,
    to_record,
)
from bastide.core.security_log._chain_check import ChainCheck
from bastide.testing.clock import START
from support.at_once import race
from support.core import CHAIN
from support.rows import rows
from support.stores import LATER, THREADS


def test_no_event_is_lost_and_each_comes_back_whole(stores: Stores) -> None:
    event = Event(
        kind=EventKind.LOGIN_FAILURE, outcome=Outcome.FAILURE, at=START, actor="1", target="account:1", session="ab",
        address="203.0.113.7", route="sign_in", request_id="r", detail={"reason": "é\n"},
    )  # fmt: skip
    race(*[lambda: stores.events.append_event(event, CHAIN) for _ in range(THREADS)])
    failures = EventFilter(kinds=frozenset({EventKind.LOGIN_FAILURE}))
    events, total = stores.events.list_events(failures, offset=2, limit=3)
    assert total == THREADS
    assert list(events) == [event] * 3
    successes = EventFilter(kinds=frozenset({EventKind.LOGIN_SUCCESS}))
    assert stores.events.list_events(successes, offset=0, limit=3) == ([], 0)


def log_entry(number: int, kind: str = EventKind.LOGIN_SUCCESS, **facts: Any) -> Event:
    outcome = facts.pop("outcome", Outcome.SUCCESS)
    return Event(
        kind=kind, outcome=outcome, at=START + timedelta(hours=number), request_id=str(number), **facts
    )


LOG = (
    log_entry(0, actor="7", target="account:7", address="203.0.113.7"),
    log_entry(1, EventKind.ROLE_GRANTED, actor="1", target="account:7", address="203.0.113.1"),
    log_entry(
        2, EventKind.LOGIN_FAILURE, target="account:7", address="198.51.100.9", outcome=Outcome.FAILURE
    ),
    log_entry(
        3, EventKind.LOGIN_FAILURE, target="account:77", address="198.51.100.9", outcome=Outcome.FAILURE
    ),
    log_entry(4, EventKind.ACCESS_DENIED, actor="7", target="post:7", outcome=Outcome.REFUSED),
    log_entry(5, EventKind.LOGOUT, actor="7"),
    log_entry(6, EventKind.LOGOUT, actor="77", address="203.0.113.77"),
    log_entry(30, EventKind.LOCKED, target="account:7", outcome=Outcome.NOTED),
)


FILTERS = {
    "all": (EventFilter(), "30 6 5 4 3 2 1 0"),
    "a kind": (EventFilter(kinds=frozenset({EventKind.LOGIN_FAILURE})), "3 2"),
    "a group": (EventFilter(kinds=EventGroup.ACCOUNT.kinds), "30 6 5 3 2 1 0"),
    "an outcome": (EventFilter(outcome=Outcome.FAILURE), "3 2"),
    "a kind with an outcome": (
        EventFilter(kinds=EventGroup.ACCOUNT.kinds, outcome=Outcome.NOTED), "30",
    ),
    "an account": (EventFilter(account=7), "30 5 4 2 1 0"),
    "nobody": (EventFilter(account="7' OR 1=1 --"), ""),
    "a wildcard": (EventFilter(account="%"), ""),
    "an address": (EventFilter(address="198.51.100.9"), "3 2"),
    "days": (EventFilter(since=START + timedelta(hours=2), until=START + timedelta(hours=5)), "4 3 2"),
    "everything at once": (
        EventFilter(
            kinds=frozenset({EventKind.LOGIN_FAILURE, EventKind.LOCKED}), outcome=Outcome.FAILURE, account=7,
            address="198.51.100.9", since=START, until=LATER + timedelta(days=1),
        ),
        "2",
    ),
    "kinds of an address": (
        EventFilter(kinds=frozenset({EventKind.LOGIN_SUCCESS, EventKind.LOGOUT}), address="203.0.113.7"), "0",
    ),
}  # fmt: skip


@pytest.fixture
def kept(stores: Stores) -> None:
    for entry in LOG:
        stores.events.append_event(entry, CHAIN)


@rows("name", FILTERS)
def test_a_filter_lists_exactly_what_fits_newest_first(stores: Stores, kept: None, name: str) -> None:
    wanted, expected = FILTERS[name]
    events, total = stores.events.list_events(wanted, offset=0, limit=50)
    assert [event.request_id for event in events] == expected.split()
    assert total == len(events)
    assert list(events) == [entry for entry in reversed(LOG) if wanted.admits(entry)]
    pages = [stores.events.list_events(wanted, offset=offset, limit=4) for offset in range(0, total + 4, 4)]
    assert [event for page, _ in pages for event in page] == list(events)
    assert {number for _, number in pages} == {total}


def test_events_are_ordered_by_time_and_then_by_when_they_were_kept(stores: Stores) -> None:
    for number, hour in enumerate((2, 1, 2, 1)):
        stores.events.append_event(replace(log_entry(hour, actor="7"), request_id=str(number)), CHAIN)
    events, _ = stores.events.list_events(EventFilter(account=7), offset=0, limit=9)
    assert [event.request_id for event in events] == ["2", "0", "3", "1"]


def test_counting_ends_where_nobody_pages_on(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("stores.memory.events", "stores.sql.events", "django.log.store"):
        if f"bastide.{module}" in sys.modules:
            monkeypatch.setattr(f"bastide.{module}.MOST_COUNTED", 4)
    for number in range(7):
        stores.events.append_event(log_entry(number, actor="7", target="account:7"), CHAIN)
    for wanted in (EventFilter(), EventFilter(account=7), EventFilter(kinds=EventGroup.ACCOUNT.kinds)):
        events, total = stores.events.list_events(wanted, offset=3, limit=3)
        assert [event.request_id for event in events] == ["3", "2", "1"]
        assert total == 5


def test_events_are_counted_by_kind_and_day(stores: Stores) -> None:
    for entry in (*LOG, log_entry(23 - START.hour), log_entry(24 - START.hour)):
        stores.events.append_event(entry, CHAIN)
    midnight = START.replace(hour=0, minute=0, second=0, microsecond=0)
    kinds = (EventKind.LOGIN_SUCCESS, EventKind.LOCKED, EventKind.PASSWORD_RESET)
    day = timedelta(days=1)
    counted = stores.events.count_events(kinds, since=midnight, until=midnight + 3 * day, bucket=day)
    assert counted == {
        (midnight, EventKind.LOGIN_SUCCESS): 2, (midnight + day, EventKind.LOGIN_SUCCESS): 1,
        (LOG[-1].at.replace(hour=0, minute=0, second=0, microsecond=0), EventKind.LOCKED): 1,
    }  # fmt: skip
    hour = timedelta(hours=1)
    counted = stores.events.count_events(
        kinds, since=START + timedelta(microseconds=1), until=LOG[-1].at, bucket=hour
    )
    assert sum(counted.values()) == 2
    assert stores.events.count_events((), since=midnight, until=LATER, bucket=day) == {}
    outcomes = race(*[
        lambda: stores.events.append_event(log_entry(100, EventKind.PASSWORD_RESET), CHAIN) for _ in range(THREADS)
    ])  # fmt: skip
    assert outcomes == [None] * THREADS
    counted = stores.events.count_events(kinds, since=midnight, until=midnight + 9 * day, bucket=9 * day)
    assert sum(number for (_, kind), number in counted.items() if kind is EventKind.PASSWORD_RESET) == THREADS


class ShopEvent(AppEventKind):
    PLACED = "shop:order:placed", "an order was placed"


GONE = "shop:order:cancelled"


def found_by(stores: Stores, **wanted: Any) -> str:
    events, total = stores.events.list_events(EventFilter(**wanted), offset=0, limit=9)
    assert total == len(events)
    return " ".join(event.request_id for event in events)


def test_kinds_of_an_application_are_kept_found_and_counted_whoever_declares_them(stores: Stores) -> None:
    """One is declared, and one was in an earlier release."""
    assert found_by(stores, outcome=Outcome.REFUSED) == ""
    shop = (
        log_entry(0, ShopEvent.PLACED, actor="7"), log_entry(1, GONE, actor="7"), log_entry(2),
        log_entry(3, ShopEvent.PLACED, outcome=Outcome.REFUSED), log_entry(4, GONE, outcome=Outcome.REFUSED),
        log_entry(5, EventKind.ACCESS_DENIED, outcome=Outcome.REFUSED),
    )  # fmt: skip
    for entry in shop:
        stores.events.append_event(entry, CHAIN)
    assert stores.events.list_events(EventFilter(), offset=0, limit=9)[0] == list(reversed(shop))
    assert found_by(stores, kinds=frozenset({ShopEvent.PLACED})) == "3 0"
    assert found_by(stores, kinds=frozenset({GONE, EventKind.LOGIN_SUCCESS})) == "4 2 1"
    assert found_by(stores, outcome=Outcome.REFUSED) == "5 4 3"
    assert found_by(stores, outcome=Outcome.SUCCESS, since=START + timedelta(hours=1)) == "2 1"
    assert found_by(stores, kinds=frozenset({ShopEvent.PLACED}), outcome=Outcome.REFUSED) == "3"
    assert found_by(stores, account=7) == "1 0"
    day = timedelta(days=1)
    counted = stores.events.count_events((ShopEvent.PLACED, GONE), since=START, until=START + day, bucket=day)
    start = START.replace(hour=0, minute=0, second=0, microsecond=0)
    assert counted == {(start, ShopEvent.PLACED): 2, (start, GONE): 2}
    assert [row.record.kind for row in stores.events.read_chain(start=1, limit=2)] == [
        "shop:order:placed",
        GONE,
    ]
    assert isinstance(verdict_on(stores.events), Verified)


def event_at(moment: datetime, actor: str = "1") -> Event:
    return Event(
        kind=EventKind.LOGOUT, outcome=Outcome.SUCCESS, at=moment, actor=actor, detail={"x": "é\u202e" * 90}
    )


def verdict_on(events: EventLog) -> Verified | Broken:
    check = ChainCheck(CHAIN, base=events.chain_ends().base)
    check.feed(events.read_chain(start=-(2**63), limit=1000))
    return check.finish(events.chain_ends().head)


@pytest.mark.asvs("V15.4.2", "V16.4.2")
def test_a_raced_log_has_no_gap_and_verifies(stores: Stores) -> None:
    assert verdict_on(stores.events) == Verified(0, 0, None)
    race(*[lambda n=n: stores.events.append_event(event_at(LATER, str(n)), CHAIN) for n in range(20)])
    rows = stores.events.read_chain(start=1, limit=1000)
    assert [row.sequence for row in rows] == list(range(1, 21))
    assert {row.record.actor for row in rows} == {str(number) for number in range(20)}
    assert rows[0].record == to_record(event_at(LATER, rows[0].record.actor))
    head = Anchor(20, rows[-1].link or b"")
    assert verdict_on(stores.events) == Verified(20, 0, head)
    assert [row.sequence for row in stores.events.read_chain(start=4, limit=3)] == [4, 5, 6]


def test_retention_drops_the_oldest_rows_up_to_the_first_young_one(stores: Stores) -> None:
    for moment in (START, START, LATER, START, LATER):
        stores.events.append_event(event_at(moment), CHAIN)
    assert stores.events.drop_events(before=START, chain=CHAIN) == 0
    kept = stores.events.chain_ends().head
    dropped = race(*[lambda: stores.events.drop_events(before=LATER, chain=CHAIN) for _ in range(4)])
    assert sorted(dropped) == [0, 0, 0, 2]  # type: ignore[type-var]  # none raised
    assert [row.sequence for row in stores.events.read_chain(start=0, limit=9)] == [3, 4, 5]
    assert stores.events.list_events(EventFilter(), offset=0, limit=9)[1] == 3
    assert isinstance(verdict_on(stores.events), Verified)
    assert stores.events.drop_events(before=LATER + timedelta(seconds=1), chain=CHAIN) == 3
    assert kept is not None
    assert verdict_on(stores.events) == Verified(0, 0, Anchor(5, kept.link))
    stores.events.append_event(event_at(LATER), CHAIN)
    assert stores.events.read_chain(start=0, limit=9)[0].sequence == 6
    assert isinstance(verdict_on(stores.events), Verified)
