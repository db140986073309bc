"""Rates are counted and told, and never refunded."""

from datetime import timedelta

import pytest

from bastide.core.attempts import (
    Attempts,
    Draw,
    Exhausted,
    Lane,
    LaneKind,
    Rate,
    Reserved,
    Share,
    rate_headers,
)
from support.house import House


def test_the_headers_of_a_rate_are_whole_seconds(house: House) -> None:
    now, rate = house.services.clock.now(), Rate(name="r", limit=3, period=timedelta(seconds=1.5))
    lane = Lane(kind=LaneKind.RATE, subject="r:x", limit=3, period=rate.period)
    drawn = Reserved.of([Draw(lane, 1, now + timedelta(milliseconds=1))])
    assert rate_headers([Share(rate, "x")], drawn, now=now) == [
        ("RateLimit-Policy", '"r";q=3;w=2'),
        ("RateLimit", '"r";r=2;t=1'),
    ]
    assert rate_headers([Share(rate, "x")], Reserved(()), now=now) == []


@pytest.mark.asvs("V2.4.1")
def test_rates_are_never_refunded(attempts: Attempts) -> None:
    rate = Rate(name="contact", limit=2, period=timedelta(hours=1))
    answers = [attempts.draw_rate(rate, subject="x") for _ in range(3)]
    assert isinstance(answers[2], Exhausted)
    assert isinstance(attempts.draw_rate(rate, subject="y"), Reserved)
