"""Where events go, and what keeps them as a chain."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bastide.core.security_log.chain import Chain, ChainEnds, ChainRow
from bastide.core.security_log.events import Event, EventFilter


class EventSink(Protocol):
    """Where events go. An implementation keeps each event or raises ``StoreUnavailable``."""

    def append_event(self, event: Event) -> None:
        """Keep ``event``."""


class EventLog(Protocol):
    """Keeps the log as a chain. Rows are numbered from 1 without gaps; the newest one's link is the head."""

    def append_event(self, event: Event, chain: Chain) -> None:
        """Keep the event as the next row of the chain: row and head together, or neither.

        The head is read under a lock that holds until both are written, so that no two rows build on one.
        """

    def read_chain(self, *, start: int, limit: int) -> Sequence[ChainRow]:
        """Return rows from number ``start`` on as they are stored, oldest first, at most ``limit``."""

    def chain_ends(self) -> ChainEnds:
        """Return both ends as they are stored."""

    def drop_events(self, *, before: datetime, chain: Chain) -> int:
        """Drop the oldest rows up to the first that is not older than ``before``; return how many.

        The base moves with them, in one transaction.
        """

    def list_events(self, wanted: EventFilter, *, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """Return a page of the wanted events, newest first, and how many there are.

        The counting ends one past ``MOST_COUNTED``: no larger number is returned, and it means that there
        are more. Kinds, outcomes and days are found by an index; within an account or an address they are
        picked from its events.

        Args:
            wanted: which events.
            offset: rows to skip.
            limit: most rows to return.
        """

    def count_events(
        self, kinds: Collection[str], *, since: datetime, until: datetime, bucket: timedelta
    ) -> Mapping[tuple[datetime, str], int]:
        """Return how many events of each kind fell into each bucket; buckets without any are left out.

        Args:
            kinds: which kinds.
            since: not before this time, aware.
            until: before this time, aware.
            bucket: length of a bucket, counted from 1970 in UTC; ``timedelta(days=1)`` gives days.
        """
