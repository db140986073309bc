"""The security log in memory."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from bastide.core.foundation import EPOCH, to_micros
from bastide.core.security_log import (
    MAX_SEQUENCE,
    MOST_COUNTED,
    Chain,
    ChainEnds,
    ChainRow,
    Event,
    EventFilter,
    to_record,
)
from bastide.stores.memory.data import Data


class MemoryEvents:
    """See ``EventLog``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def append_event(self, event: Event, chain: Chain) -> None:
        """See ``EventLog``."""
        with self._data.lock:
            data, record = self._data, to_record(event)
            last = max((row.sequence for row in data.chain if row.sequence < MAX_SEQUENCE), default=0)
            step = None if data.head is None else chain.extend(data.head, last=last, record=record)
            if step is None:
                step = chain.begin(data.base, last=last, record=record)
                data.base = data.base or chain.first_base(last)
            data.events.append(event)
            data.chain.append(step.row)
            data.head = step.head

    def read_chain(self, *, start: int, limit: int) -> Sequence[ChainRow]:
        """See ``EventLog``."""
        with self._data.lock:
            return [row for row in self._data.chain if row.sequence >= start][:limit]

    def chain_ends(self) -> ChainEnds:
        """See ``EventLog``."""
        with self._data.lock:
            return ChainEnds(self._data.base, self._data.head)

    def drop_events(self, *, before: datetime, chain: Chain) -> int:
        """See ``EventLog``."""
        with self._data.lock:
            data, limit = self._data, to_micros(before)
            kept = (place for place, row in enumerate(data.chain) if row.record.at >= limit)
            count = next(kept, len(data.chain))
            if count:
                newest = data.chain[count - 1]
                if newest.link is not None:
                    data.base = chain.move_base(data.head, sequence=newest.sequence, link=newest.link)
                del data.chain[:count], data.events[:count]
            return count

    def list_events(self, wanted: EventFilter, *, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """See ``EventLog``."""
        with self._data.lock:
            found = [event for event in reversed(self._data.events) if wanted.admits(event)]
        found.sort(key=lambda event: event.at, reverse=True)
        return found[offset : offset + limit], min(len(found), MOST_COUNTED + 1)

    def count_events(
        self, kinds: Collection[str], *, since: datetime, until: datetime, bucket: timedelta
    ) -> Mapping[tuple[datetime, str], int]:
        """See ``EventLog``."""
        wanted = EventFilter(kinds=frozenset(kinds), since=since, until=until)
        with self._data.lock:
            found = [event for event in self._data.events if kinds and wanted.admits(event)]
        return Counter((event.at - (event.at - EPOCH) % bucket, event.kind) for event in found)
