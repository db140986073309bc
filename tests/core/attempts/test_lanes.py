"""What lanes count, and what is told of them."""

from datetime import timedelta

from bastide.core.attempts import Draw, Exhausted, Lane, LaneKind, Reserved
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


@rows("kind", LaneKind)
def test_only_a_lock_of_an_account_is_kept_from_callers(kind: LaneKind) -> None:
    shut = Exhausted(lane(kind), timedelta(minutes=1))
    assert shut.may_be_told is (kind is not LaneKind.ACCOUNT)
