"""Attempts in memory."""

from collections.abc import Sequence
from datetime import datetime

from bastide.core.attempts import (
    Draw,
    Exhausted,
    Lane,
    Lock,
    Reservation,
    Reserved,
)
from bastide.stores.memory.data import Data, LaneRow


class MemoryAttempts:
    """See ``AttemptStore``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def reserve_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> Reservation:
        """See ``AttemptStore``."""
        with self._data.lock:
            rows = [self._live_row(lane, now) for lane in lanes]
            shut = [(row.ends_at, row.lane) for row in rows if row.used >= row.lane.limit]
            if shut:
                return Exhausted.by(shut, lanes=lanes, now=now)
            for row in rows:
                row.used += 1
                if row.used >= row.lane.limit:
                    row.ends_at = now + row.lane.period
                self._data.lanes[row.lane.kind, row.lane.subject] = row
            return Reserved.of([Draw(row.lane, row.used, row.ends_at) for row in rows])

    def refund_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> None:
        """See ``AttemptStore``."""
        with self._data.lock:
            for lane in lanes:
                row = self._data.lanes.get((lane.kind, lane.subject))
                if row is not None and row.ends_at > now and row.used > 0:
                    row.used -= 1

    def clear_lane(self, lane: Lane) -> None:
        """See ``AttemptStore``."""
        with self._data.lock:
            self._data.lanes.pop((lane.kind, lane.subject), None)

    def clear_account_lanes(self, owner: str) -> bool:
        """See ``AttemptStore``."""
        with self._data.lock:
            keys = [key for key, row in self._data.lanes.items() if row.lane.owner == owner]
            for key in keys:
                del self._data.lanes[key]
            return bool(keys)

    def list_locks(self, *, now: datetime, limit: int, owners: Sequence[str] = ()) -> Sequence[Lock]:
        """See ``AttemptStore``."""
        with self._data.lock:
            shut = [
                row for row in self._data.lanes.values()
                if row.used >= row.lane.limit and row.ends_at > now
                and (not owners or row.lane.owner in owners)
            ]  # fmt: skip
            shut.sort(key=lambda row: (row.lane.kind, row.lane.subject))
            shut.sort(key=lambda row: row.ends_at, reverse=True)
            return [
                Lock(kind=row.lane.kind, subject=row.lane.subject, owner=row.lane.owner, until=row.ends_at)
                for row in shut[:limit]
            ]

    def purge_attempts(self, *, now: datetime) -> int:
        """See ``AttemptStore``."""
        with self._data.lock:
            ended = [key for key, row in self._data.lanes.items() if row.ends_at <= now]
            for key in ended:
                del self._data.lanes[key]
            return len(ended)

    def _live_row(self, lane: Lane, now: datetime) -> LaneRow:
        row = self._data.lanes.get((lane.kind, lane.subject))
        if row is None or row.ends_at <= now:
            return LaneRow(lane, 0, now + lane.period)
        row.lane = lane
        return row
