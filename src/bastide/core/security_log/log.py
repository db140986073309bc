"""Writes the security log as a chain, checks it, hands it out and drops what is past its time."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bastide.core.foundation import Client, ConfigurationError, from_micros, to_micros
from bastide.core.security_log._chain_check import ChainCheck
from bastide.core.security_log.chain import Anchor, Chain, ChainRow
from bastide.core.security_log.chain_faults import Broken, Verified
from bastide.core.security_log.events import Event
from bastide.core.security_log.ports import EventLog
from bastide.core.security_log.recorder import Recorder
from bastide.core.security_log.vocabulary import EventKind, Outcome

BATCH_SIZE: Final = 1_000
MIN_RETENTION: Final = timedelta(days=1)
_LOWEST: Final = -(2**63)
_HIGHEST: Final = 2**63 - 1
_MAX_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """How long events are kept.

    Attributes:
        retention: age at which a row may be dropped; at least a day.

    Raises:
        ConfigurationError: the retention is shorter.

    Spec: V16.1.1.
    """

    retention: timedelta = timedelta(days=365)

    def __post_init__(self) -> None:
        if self.retention < MIN_RETENTION:
            msg = "the log is kept for a day at least"
            raise ConfigurationError(msg)


class ChainedLog:
    """Keeps each event as the next row of the chain. See ``EventSink``."""

    def __init__(self, *, store: EventLog, chain: Chain) -> None:
        self._store = store
        self._chain = chain

    def append_event(self, event: Event) -> None:
        """Keep ``event``."""
        self._store.append_event(event, self._chain)


class UnkeptLog:
    """Keeps nothing, for an application whose events go to the server's log alone. See ``EventSink``."""

    def append_event(self, event: Event) -> None:
        """Let the event go."""


class LogKeeper:
    """Checks, exports and trims the log.

    Threat: an intruder who edits the log, and one who has the retention drop what he edited (V16.4.2).
    """

    def __init__(self, *, store: EventLog, chain: Chain, recorder: Recorder, settings: LogSettings) -> None:
        self._store = store
        self._chain = chain
        self._recorder = recorder
        self._settings = settings

    def verify(
        self,
        client: Client,
        *,
        anchor: Anchor | None = None,
        watch: Callable[[int, int], object] = lambda _done, _total: None,
    ) -> Verified | Broken:
        """Return the evidence that the log is what was written, or every fault; faults are an event.

        Args:
            client: who asks, for that event.
            anchor: a row's link noted elsewhere: shows a log that was replaced as a whole, or put back to an
                earlier state.
            watch: is told after each batch how many rows are done and how many there are.

        Raises:
            StoreUnavailable: the log cannot be read.
        """
        verdict = self._read(anchor, watch)
        if isinstance(verdict, Broken):
            named = ", ".join(str(problem) for problem in verdict.problems[:_MAX_NAMED])
            self._recorder.record(
                EventKind.LOG_BROKEN, Outcome.FAILURE, client,
                problems=str(len(verdict.problems)), first=named,
            )  # fmt: skip
        return verdict

    def export(self, *, since: datetime | None, until: datetime | None) -> Iterator[str]:
        """Give one line of JSON per row, oldest first: the line of the server's log with number and link.

        Args:
            since: only events from then on; aware.
            until: only events before then; aware.
        """
        first = _LOWEST if since is None else to_micros(since)
        end = None if until is None else to_micros(until)
        for batch in self._batches():
            for row in batch:
                at = row.record.at
                if not isinstance(at, int) or (first <= at and (end is None or at < end)):
                    yield _line(row)

    def purge(
        self, client: Client, *, older_than: timedelta | None = None, even_if_broken: bool = False
    ) -> int | Broken:
        """Drop rows past the retention and return how many; what was dropped is an event.

        The whole log is checked first: a broken one is evidence, and dropping it would hide what was edited.

        Args:
            client: who asks.
            older_than: an age instead of the settings' retention.
            even_if_broken: drop all the same; the faults are an event.
        """
        verdict = self.verify(client)
        if isinstance(verdict, Broken) and not even_if_broken:
            return verdict
        before = self._recorder.now() - (self._settings.retention if older_than is None else older_than)
        dropped = self._store.drop_events(before=before, chain=self._chain)
        if dropped:
            self._recorder.record(EventKind.LOG_PURGED, Outcome.SUCCESS, client, count=str(dropped))
        return dropped

    def _read(self, anchor: Anchor | None, watch: Callable[[int, int], object]) -> Verified | Broken:
        base, head = self._store.chain_ends()
        check = ChainCheck(self._chain, base=base, anchor=anchor)
        start, done = _LOWEST, 0
        total = 0 if head is None else head.sequence - (0 if base is None else base.sequence)
        while True:
            rows = self._rows(start)
            check.feed(rows)
            if rows:
                start, done = rows[-1].sequence + 1, done + len(rows)
                watch(done, max(total, done))
            if len(rows) == BATCH_SIZE:
                continue
            ends = self._store.chain_ends()
            if ends.base != base:
                # Retention dropped rows meanwhile: the base now speaks for them.
                return self._read(anchor, watch)
            # Rows and head are written together: what the head names and the read above missed is there now.
            if not rows or ends.head is None or ends.head.sequence < start:
                return check.finish(ends.head)

    def _batches(self) -> Iterator[Sequence[ChainRow]]:
        start = _LOWEST
        while rows := self._rows(start):
            yield rows
            start = rows[-1].sequence + 1

    def _rows(self, start: int) -> Sequence[ChainRow]:
        # Behind a row with the highest number that there is, no other can come.
        return () if start > _HIGHEST else self._store.read_chain(start=start, limit=BATCH_SIZE)


def _line(row: ChainRow) -> str:
    fields: dict[str, Any] = row.record._asdict()
    try:
        fields["at"] = from_micros(row.record.at).isoformat(timespec="microseconds")
        fields["detail"] = json.loads(row.record.detail)
    except (OverflowError, TypeError, ValueError):
        # Somebody changed the row: it is shown as it is.
        fields |= {name: str(fields[name]) for name in ("at", "detail")}
    link = None if row.link is None else row.link.hex()
    return json.dumps({"sequence": row.sequence, "link": link, **fields}, default=str)
