"""What lanes count, and what is told of them."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

from bastide.core.attempts import Draw, Exhausted, Lane, LaneKind, Reserved, in_order
from bastide.testing.clock import START
from support.rows import rows


def lane(kind: LaneKind = LaneKind.NETWORK, limit: int = 5) -> Lane:
    return Lane(kind=kind, subject=kind, limit=limit, period=timedelta(minutes=15))


def test_a_draw_says_which_lanes_it_shut_and_which_is_nearest() -> None:
    one, two, three = (Draw(lane(limit=limit), 3, START) for limit in (5, 3, 4))
    drawn = Reserved.of([one, two, three])
    assert [draw.left for draw in (one, two, three)] == [2, 0, 1]
    assert drawn == Reserved((one.lane, two.lane, three.lane), filled=(two.lane,))
    assert drawn.nearest is two
    assert Reserved.of([one, three]).filled == ()
    assert Reserved.of([one, three]).nearest is three


def test_a_refusal_names_the_lane_that_is_shut_the_longest() -> None:
    one, two = lane(), lane(LaneKind.NAME)
    shut = [(START + timedelta(minutes=number), each) for number, each in ((1, one), (2, two))]
    assert Exhausted.by(shut, lanes=(one, two), now=START) == Exhausted(two, timedelta(minutes=2))
    for opened in ([], [(START - timedelta(minutes=1), one)]):
        assert Exhausted.by(opened, lanes=(one, two), now=START) == Exhausted(one, timedelta())


def test_every_draw_takes_its_lanes_in_one_order() -> None:
    one, two, three = lane(LaneKind.ACCOUNT), lane(LaneKind.NETWORK), replace(lane(), subject="other")
    for given in permutations((one, two, three)):
        assert in_order(given) == [one, two, three]


@rows("kind", LaneKind)
def test_only_a_lock_of_an_account_is_kept_from_callers(kind: LaneKind) -> None:
    shut = Exhausted(lane(kind), timedelta(minutes=1))
    assert shut.may_be_told is (kind is not LaneKind.ACCOUNT)
