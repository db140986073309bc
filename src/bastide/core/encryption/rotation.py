"""Rotation: every sealed value is brought under the primary key, while the application serves (E2)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from bastide.core.encryption.ports import SealedColumn
from bastide.core.encryption.sealing import ColumnKeys, RowId, header_of, key_id_of
from bastide.core.foundation import SealBroken

BATCH: Final = 200
Watch: TypeAlias = Callable[[int, int], object]


class SealedCount(NamedTuple):
    """How many values of a column one key has sealed.

    Attributes:
        column: ``table.column``.
        key_id: the key's id, or None for values that no key has sealed.
        number: how many.
        can_open: the key is in the ring, and opens a sample of them: another key may have had that id.
    """

    column: str
    key_id: int | None
    number: int
    can_open: bool

    def __str__(self) -> str:
        by = "no key" if self.key_id is None else f"key {self.key_id}"
        return f"{self.column}: {self.number} by {by}" + ("" if self.can_open else ", cannot be opened")


@dataclass(slots=True)
class Rotated:
    """What a rotation did.

    Attributes:
        count: values that were sealed anew.
        broken: places of values that do not open, ``table.column:row``, with the reason.
        left: values that open and that another key seals all the same, since somebody who does not know the
            primary one wrote them meanwhile.
    """

    count: int = 0
    broken: list[str] = field(default_factory=list)
    left: int = 0


class Rotation:
    """Seals anew whatever another key than the primary one has sealed.

    Nothing is remembered between runs: a value says itself which key sealed it. So a run that was stopped,
    by whatever means, is taken up by the next, and a row is either as it was or as it should be.

    Args:
        keys: of the application; what a worker that does not know the primary one yet seals meanwhile is
            counted as left.
        columns: every column of sealed values.

    Spec: V11.2.2, V13.3.4.
    """

    def __init__(self, keys: ColumnKeys, columns: Sequence[SealedColumn]) -> None:
        self._keys = keys
        self._columns = columns

    def count(self) -> Iterator[SealedCount]:
        """Yield how many values of each column each key has sealed; reads the columns as a whole."""
        for column in self._columns:
            counts: dict[int | None, int] = {}
            for start, number in column.count_by_start().items():
                key_id = key_id_of(start.ljust(64, b"\0"))
                counts[key_id] = counts.get(key_id, 0) + number
            for found, number in sorted(counts.items(), key=lambda pair: pair[0] or 0):
                yield SealedCount(
                    f"{column.table}.{column.column}", found, number, self._can_open(column, found)
                )

    def run(self, watch: Watch = lambda _done, _total: None) -> Rotated:
        """Seal anew, batch by batch.

        Args:
            watch: told after every batch how many values are done, and of how many.
        """
        outcome = Rotated()
        total = self._count_stale()
        for column in self._columns:
            self._rotate(column, outcome, lambda: watch(outcome.count + len(outcome.broken), total))
        outcome.left = max(0, self._count_stale() - len(outcome.broken))
        for column in self._columns:
            primary = self._keys.sealer(column.table, column.column).header
            outcome.broken += self._broken_ends(column, primary)
        return outcome

    def _can_open(self, column: SealedColumn, key_id: int | None) -> bool:
        if key_id is None or key_id not in self._keys.ring.keys:
            return False
        return not self._broken_ends(column, header_of(key_id))

    def _broken_ends(self, column: SealedColumn, start: bytes) -> list[str]:
        """Return the places of a sample of these values that do not open, with the reason."""
        sealer, broken = self._keys.sealer(column.table, column.column), []
        for row in column.read_ends(start):
            try:
                sealer.open(row.sealed, row=row.row)
            except SealBroken as error:
                broken.append(f"{error.place} ({error.reason})")
        return broken

    def _count_stale(self) -> int:
        return sum(
            number
            for column in self._columns
            for start, number in column.count_by_start().items()
            if start != self._keys.sealer(column.table, column.column).header
        )

    def _rotate(self, column: SealedColumn, outcome: Rotated, tell: Callable[[], object]) -> None:
        sealer = self._keys.sealer(column.table, column.column)
        last: RowId | None = None
        while rows := column.read_after(last, other_than=sealer.header, limit=BATCH):
            changes = []
            for row in rows:
                try:
                    plain = sealer.open(row.sealed, row=row.row)
                except SealBroken as error:
                    outcome.broken.append(f"{error.place} ({error.reason})")
                else:
                    changes.append((row, sealer.seal(plain, row=row.row)))
            column.replace_all(changes)
            outcome.count += len(changes)
            last = rows[-1].row
            tell()
