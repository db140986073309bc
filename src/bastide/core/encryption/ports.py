"""What rotation reads and writes: one column of sealed values."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from bastide.core.encryption.sealing import RowId


class SealedRow(NamedTuple):
    """A value and the row that it is sealed for."""

    row: RowId
    sealed: bytes


class SealedColumn(Protocol):
    """One column of sealed values, wherever it is kept."""

    @property
    def table(self) -> str:
        """Name of the table."""

    @property
    def column(self) -> str:
        """Name of the column."""

    def count_by_start(self) -> Mapping[bytes, int]:
        """Return how many values begin with which three bytes; empty ones are not counted."""

    def read_ends(self, start: bytes) -> Sequence[SealedRow]:
        """Return the first and the last value by row that begin with these three bytes; or the only one."""

    def read_after(self, last: RowId | None, *, other_than: bytes, limit: int) -> Sequence[SealedRow]:
        """Return values that do not begin with ``other_than``, in the order of their rows.

        Args:
            last: only rows after this one; None for the first.
            other_than: three bytes.
            limit: most rows to return.
        """

    def replace_all(self, changes: Sequence[tuple[SealedRow, bytes]]) -> None:
        """Put each new value where the old one still stands; a value that was written meanwhile stays."""
