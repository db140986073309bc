"""Times as every store keeps them: whole microseconds since 1970 in UTC, the same for every driver."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Return the microseconds since 1970 of an aware time."""
    return (moment - EPOCH) // MICROSECOND


def minute_text(moment: datetime) -> str:
    """Return the time to the minute, for people (``2026-03-01 12:00 UTC``)."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def from_micros(micros: int) -> datetime:
    """Return the aware UTC time of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=micros)
