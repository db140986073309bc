"""Moments as they are stored and shown."""

from datetime import UTC, datetime

from bastide.core.foundation import EPOCH, from_micros, minute_text, to_micros
from bastide.testing.clock import START


def test_moments_are_shown_to_the_minute() -> None:
    assert minute_text(START) == "2026-03-01 12:00 UTC"


def test_moments_are_whole_microseconds_since_1970() -> None:
    moment = datetime(2026, 11, 24, 12, 0, 0, 123_456, tzinfo=UTC)
    assert to_micros(moment) == 1_795_521_600_123_456
    assert from_micros(to_micros(moment)) == moment
    assert to_micros(EPOCH) == 0
