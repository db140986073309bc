"""Lanes of attempts: exactly their limit, whoever asks at once."""

from datetime import timedelta

import pytest

from bastide.core.attempts import Draw, Exhausted, Lane, LaneKind, Reserved
from bastide.core.request import Stores
from bastide.testing.clock import START
from support.at_once import race
from support.stores import LATER, THREADS, lane


@pytest.mark.asvs("V15.4.1", "V15.4.2")
def test_a_lane_gives_exactly_its_limit(stores: Stores) -> None:
    shared = lane("everybody", 1000, LaneKind.GLOBAL, "")
    outcomes = race(
        *[lambda: stores.attempts.reserve_attempt((lane(), shared), now=START) for _ in range(40)]
    )
    reserved = [outcome for outcome in outcomes if isinstance(outcome, Reserved)]
    assert len(reserved) == 5
    assert sum(bool(outcome.filled) for outcome in reserved) == 1
    assert all(isinstance(outcome, Exhausted) and outcome.retry_after == timedelta(minutes=15)
               for outcome in outcomes if not isinstance(outcome, Reserved))  # fmt: skip
    for _ in range(995):
        assert isinstance(stores.attempts.reserve_attempt((shared,), now=START), Reserved)
    assert isinstance(stores.attempts.reserve_attempt((shared,), now=START), Exhausted)


def test_lanes_end_and_refunds_give_back(stores: Stores) -> None:
    for _ in range(5):
        stores.attempts.reserve_attempt((lane(),), now=START)
    assert [lock.owner for lock in stores.attempts.list_locks(now=START, limit=9)] == ["1"]
    race(*[lambda: stores.attempts.refund_attempt((lane(),), now=START) for _ in range(3)])
    outcomes = race(*[lambda: stores.attempts.reserve_attempt((lane(),), now=START) for _ in range(6)])
    assert sum(isinstance(outcome, Reserved) for outcome in outcomes) == 3
    assert isinstance(stores.attempts.reserve_attempt((lane(),), now=LATER), Reserved)
    assert stores.attempts.list_locks(now=LATER, limit=9) == []
    stores.attempts.refund_attempt((lane("never drawn"),), now=START)
    stores.attempts.clear_lane(lane())
    outcomes = [stores.attempts.reserve_attempt((lane(),), now=LATER) for _ in range(6)]
    assert [isinstance(outcome, Reserved) for outcome in outcomes] == [True] * 5 + [False]
    cleared = race(*[lambda: stores.attempts.clear_account_lanes("1") for _ in range(THREADS)])
    assert cleared.count(True) == 1


@pytest.mark.asvs("V6.3.1")
def test_what_is_given_back_twice_is_no_credit(stores: Stores) -> None:
    stores.attempts.reserve_attempt((lane(),), now=START)
    for _ in range(3):
        stores.attempts.refund_attempt((lane(),), now=START)
    outcomes = [stores.attempts.reserve_attempt((lane(),), now=START) for _ in range(6)]
    assert [isinstance(outcome, Reserved) for outcome in outcomes] == [True] * 5 + [False]


@pytest.mark.asvs("V2.4.1")
def test_the_lane_that_is_nearest_to_its_limit_is_named(stores: Stores) -> None:
    wide, narrow = lane("a wide one", 4), lane("narrow", 2)

    def draw(minute: int, *lanes: Lane) -> Reserved:
        drawn = stores.attempts.reserve_attempt(lanes, now=START + timedelta(minutes=minute))
        assert isinstance(drawn, Reserved)
        return drawn

    assert draw(0, wide, narrow).nearest == Draw(narrow, 1, START + timedelta(minutes=15))
    assert draw(1, wide).nearest == Draw(wide, 2, START + timedelta(minutes=15))
    full = draw(2, narrow, wide)
    assert (full.nearest, full.filled) == (Draw(narrow, 2, START + timedelta(minutes=17)), (narrow,))
    assert isinstance(stores.attempts.reserve_attempt((wide, narrow), now=START), Exhausted)
    # What was refused drew nothing.
    assert draw(3, wide).nearest == Draw(wide, 4, START + timedelta(minutes=18))


def test_the_lane_that_is_shut_longest_is_named(stores: Stores) -> None:
    short, long = (
        lane("short", 1),
        Lane(kind=LaneKind.NETWORK, subject="n", limit=1, period=timedelta(hours=2)),
    )
    stores.attempts.reserve_attempt((short, long), now=START)
    refused = stores.attempts.reserve_attempt((short, long), now=START + timedelta(minutes=1))
    assert refused == Exhausted(long, timedelta(hours=1, minutes=59))
