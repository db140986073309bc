"""What most stored hashes cost, so that a name nobody has costs that, too."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from bastide.core.foundation import Clock

SAMPLE_SIZE: Final = 200
REFRESHED_AFTER: Final = timedelta(hours=1)


def no_hashes(_limit: int) -> Sequence[str]:
    """Return the stored hashes of an application that has none."""
    return ()


class UsualHash:
    """Remembers a stored hash that costs what most do; an hour later it looks again.

    An application that joined with its users has hashes of other libraries until each of them signs in:
    were an unknown name answered at the price of today's hash, those accounts would be told by the time.

    Args:
        sample: returns some of the stored hashes, at most as many as it is given.
        cost_of: names what checking a hash takes; None for one that is not read.
        clock: the time.

    Threat: telling accounts apart by time (V6.3.8).
    """

    def __init__(
        self,
        *,
        sample: Callable[[int], Sequence[str]],
        cost_of: Callable[[str], str | None],
        clock: Clock,
    ) -> None:
        self._sample = sample
        self._cost_of = cost_of
        self._clock = clock
        self._found: str | None = None
        self._good_until: datetime | None = None

    def find(self) -> str | None:
        """Return such a hash, or None where none is stored."""
        now = self._clock.now()
        if self._good_until is None or now >= self._good_until:
            self._found = self._look()
            self._good_until = now + REFRESHED_AFTER
        return self._found

    def _look(self) -> str | None:
        costs = [(cost, stored) for stored in self._sample(SAMPLE_SIZE) if (cost := self._cost_of(stored))]
        if not costs:
            return None
        usual, _ = Counter(cost for cost, _ in costs).most_common(1)[0]
        return next(stored for cost, stored in costs if cost == usual)
