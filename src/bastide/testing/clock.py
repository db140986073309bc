"""A clock that stands still until it is told to move."""

from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FrozenClock:
    """See ``bastide.core.foundation.Clock``."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the time that was set."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock, forwards or back."""
        self._now += by
