"""What most stored hashes cost is looked up now and then, and never by reading them all."""

from datetime import timedelta

import pytest

from bastide.core.sign_in import UsualHash, no_hashes
from bastide.testing import FrozenClock


@pytest.mark.asvs("V6.3.8")
def test_the_cost_of_most_is_found_and_looked_up_anew_an_hour_later() -> None:
    clock, asked = FrozenClock(), list[int]()
    stored = ["a1", "b1", "b2", "?", "?", "?"]

    def sample(limit: int) -> list[str]:
        asked.append(limit)
        return stored

    usual = UsualHash(sample=sample, cost_of=lambda each: None if each == "?" else each[0], clock=clock)
    assert asked == []
    assert usual.find() == "b1"
    stored[:] = ["a1"]
    clock.advance(timedelta(minutes=59))
    assert usual.find() == "b1"
    assert asked == [200]
    clock.advance(timedelta(minutes=1))
    assert usual.find() == "a1"
    assert asked == [200, 200]


def test_where_nothing_is_stored_or_read_there_is_none() -> None:
    assert UsualHash(sample=no_hashes, cost_of=str, clock=FrozenClock()).find() is None
    assert UsualHash(sample=lambda _: ["?"], cost_of=lambda _: None, clock=FrozenClock()).find() is None
