"""What the budget and the rates are counted in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bastide.core.attempts.lanes import Lane, Lock, Reservation


class AttemptStore(Protocol):
    """Keeps lanes. Each verb is one short transaction of its own that outlives the request's."""

    def reserve_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> Reservation:
        """Draw one from every lane, or from none if any is shut.

        A lane whose end has come counts from zero. The first draw sets its end to ``now + period``;
        the draw that reaches the limit sets it so again.
        """

    def refund_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> None:
        """Give one back to every lane that has not ended; never below zero."""

    def clear_lane(self, lane: Lane) -> None:
        """Forget the lane's count."""

    def clear_account_lanes(self, owner: str) -> bool:
        """Forget every lane of the account; tell whether one was shut or counting."""

    def list_locks(self, *, now: datetime, limit: int, owners: Sequence[str] = ()) -> Sequence[Lock]:
        """Return the lanes that are shut, those that open last first.

        Args:
            now: aware UTC.
            limit: most lanes to return.
            owners: only lanes of these accounts; empty for all.
        """

    def purge_attempts(self, *, now: datetime) -> int:
        """Delete the lanes that have ended; return how many."""
