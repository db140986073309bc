"""Reads the chain once and names every row that is not what was written."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from bastide.core.foundation import TAG_SIZE_BYTES
from bastide.core.security_log.chain import (
    FRESH,
    RESTARTED,
    Anchor,
    Chain,
    ChainEnd,
    ChainRow,
)
from bastide.core.security_log.chain_faults import Broken, Fault, Faults, Verified

# Rows that fit nowhere yet and places that wait for their row: as many are compared with each other.
MAX_UNSETTLED: Final = 32
MAX_LINKS: Final = 4


class ChainCheck:
    """Reads rows in the order of their numbers and tells what does not fit.

    1. Base: sealed by a known key; rows up to it are there only if they are older than the chain.
    2. Each row: links to the stored link of the row before. One that does not is *unsettled*; the next row
       is compared with its stored link and with the one that it should have: one fault blames one row.
    3. Unsettled rows are tried at the places of other unsettled rows and of missing ones: what fits is moved.
    4. Head: sealed by a known key, and names the last row. Rows up to it that are not there are missing.
    5. What is left unsettled is edited, or inserted where its place has another row.

    Memory does not grow with the log, only with the faults.

    Args:
        chain: the keys.
        base: as stored.
        anchor: a row's link noted elsewhere, or None.

    Threat: edits, deletions, insertions and reordering, and dropping either end (V16.4.2). A row right behind
    a missing one cannot be checked: what it builds on is gone.
    """

    def __init__(self, chain: Chain, *, base: ChainEnd | None, anchor: Anchor | None = None) -> None:
        self._chain = chain
        self._anchor = anchor
        self._base = base if base is not None and chain.is_base(base) else None
        self._faults = Faults()
        if base is not None and self._base is None:
            self._faults.add(Fault.BASE, base.sequence)
        # The last row that fitted: its number and link. None before the first row where no base tells.
        self._firm = None if self._base is None else (self._base.sequence, self._base.link)
        # What the next row may build on; empty behind a gap.
        self._recent: tuple[bytes, ...] = () if self._base is None else (self._base.link,)
        self._position = None if self._base is None else self._base.sequence
        self._has_base = base is not None
        self._strays: dict[int, ChainRow] = {}
        # Numbers whose own row does not fit or is not there, and the links that their row may build on.
        self._places: dict[int, list[bytes]] = {}
        self._gaps: dict[int, int] = {}
        # Rows behind a gap: what they build on is gone.
        self._loose: list[int] = []
        self._count = 0
        self._unchained = 0
        self._met_anchor = False

    def feed(self, rows: Iterable[ChainRow]) -> None:
        """Check the next rows; numbers rise."""
        for row in rows:
            if row.link is None:
                self._pass_unchained(row)
            elif self._base is not None and row.sequence <= self._base.sequence:
                self._set_aside(row)
            else:
                self._check(row, row.link)

    def finish(self, head: ChainEnd | None) -> Verified | Broken:
        """Return the verdict.

        Args:
            head: as it was stored when no more rows came.
        """
        self._settle(self._check_head(head))
        if self._anchor is not None and not self._met_anchor:
            base = self._base
            if base is None or (base.sequence, base.link) != self._anchor:
                self._faults.add(Fault.ANCHOR, self._anchor.sequence)
        problems = self._faults.in_order()
        if problems:
            return Broken(problems)
        noted = None if head is None else Anchor(head.sequence, head.link)
        return Verified(self._count, self._unchained, noted)

    def _pass_unchained(self, row: ChainRow) -> None:
        base = self._base
        # Once retention moved the base, nothing older than it is left.
        is_older = self._position is None or (
            base is not None and row.sequence <= base.sequence and base.link == FRESH
        )
        if is_older:
            self._unchained += 1
            return
        self._faults.add(Fault.UNCHAINED, row.sequence)
        if base is None or row.sequence > base.sequence:
            self._skip_to(row.sequence)
            self._position, self._recent = row.sequence, ()

    def _check(self, row: ChainRow, link: bytes) -> None:
        number = row.sequence
        if self._position is None:
            self._position = number - 1
            if not self._has_base:
                self._faults.add(Fault.BASE, 0)
        self._skip_to(number)
        self._count += 1
        if self._anchor is not None and self._anchor.sequence == number:
            self._met_anchor = link == self._anchor.link
        recent, self._position, self._recent = self._recent, number, (link,)
        if not self._chain.knows(row.key_id):
            self._faults.add(Fault.UNKNOWN_KEY, number)
        elif self._is_next(row, recent):
            self._firm = number, link
        elif recent or not self._find_place(row):
            self._put_in_doubt(row, link, recent)

    def _is_next(self, row: ChainRow, recent: tuple[bytes, ...]) -> bool:
        """Tell whether somebody with the key wrote this row with this number."""
        number = row.sequence
        if self._firm is not None and self._fits(self._firm[1], number, row):
            if self._firm[0] != number - 1:
                # The writer passed over numbers that somebody else had taken.
                self._disown(range(self._firm[0] + 1, number))
            return True
        if any(self._fits(previous, number, row) for previous in recent):
            return True
        if self._fits(RESTARTED, number, row):
            self._faults.add(Fault.HEAD, number)
            return True
        return False

    def _put_in_doubt(self, row: ChainRow, link: bytes, recent: tuple[bytes, ...]) -> None:
        if not recent:
            self._loose.append(row.sequence)
            return
        made = (made for one in recent for made in self._links(one, row.sequence, row))
        self._recent = (link, *made)[:MAX_LINKS]
        self._places[row.sequence] = list(recent)
        self._set_aside(row)

    def _fits(self, previous: bytes, number: int, row: ChainRow) -> bool:
        return len(previous) == TAG_SIZE_BYTES and row.link in self._links(previous, number, row)

    def _links(self, previous: bytes, number: int, row: ChainRow) -> list[bytes]:
        if row.key_id is None or not self._chain.knows(row.key_id):
            return []
        return self._chain.links(previous, number, row.record, key_id=row.key_id)

    def _skip_to(self, number: int) -> None:
        """Note the numbers before ``number`` that have no row."""
        first = (self._position or 0) + 1
        if number == first:
            return
        self._gaps[first] = number - 1
        if self._recent:
            self._places[first] = list(self._recent)
            self._fill(first)
        self._recent = ()

    def _disown(self, numbers: range) -> None:
        """Take every row with such a number for somebody else's."""
        foreign = {number for number in (*self._strays, *self._loose) if number in numbers}
        for number in foreign:
            self._strays.pop(number, None)
            self._faults.add(Fault.INSERTED, number)
        self._loose = [number for number in self._loose if number not in foreign]
        self._places = {number: links for number, links in self._places.items() if number not in numbers}
        self._gaps = {first: last for first, last in self._gaps.items() if first not in numbers}

    def _set_aside(self, row: ChainRow) -> None:
        """Look for the place of a row that does not fit at its own, and for the row of that one."""
        self._strays[row.sequence] = row
        if len(self._strays) > MAX_UNSETTLED:
            oldest = next(iter(self._strays))
            self._name(oldest, is_foreign=oldest not in self._places)
            del self._strays[oldest]
            self._places.pop(oldest, None)
        self._find_place(row)
        if row.sequence in self._places:
            self._fill(row.sequence)

    def _find_place(self, row: ChainRow) -> bool:
        """Tell whether the row belongs to another number, and put it there."""
        numbers = islice(reversed(self._places), MAX_UNSETTLED)
        return any(self._take(number, row) for number in numbers if number != row.sequence)

    def _fill(self, number: int) -> None:
        """Look for the row of this number among all that belong nowhere yet."""
        any(self._take(number, row) for row in self._strays.values() if row.sequence != number)

    def _take(self, number: int, row: ChainRow) -> bool:
        """Put the row where it belongs if it is there; tell whether it is."""
        if not any(self._fits(previous, number, row) for previous in self._places[number]):
            return False
        del self._places[number]
        self._strays.pop(row.sequence, None)
        if row.sequence != number:
            self._faults.add(Fault.MOVED, row.sequence)
        self._go_on(number, row.link or b"")
        return True

    def _go_on(self, number: int, link: bytes) -> None:
        """Look at the place behind one whose right link is known now."""
        following = number + 1
        last = self._gaps.pop(number, None)
        if last is not None and following <= last:
            self._gaps[following], self._places[following] = last, []
        if self._position == number:
            self._recent = (link, *self._recent)[:MAX_LINKS]
        if following in self._places:
            self._places[following].append(link)
            own = self._strays.get(following)
            if own is None or not self._take(following, own):
                self._fill(following)

    def _name(self, number: int, *, is_foreign: bool) -> None:
        self._faults.add(Fault.INSERTED if is_foreign else Fault.EDITED, number)

    def _check_head(self, head: ChainEnd | None) -> int:
        """Return the last number that must have a row."""
        last = self._position or 0
        if head is None:
            if self._position is not None:
                self._faults.add(Fault.HEAD, last)
            return last
        if not self._chain.is_head(head):
            is_known = self._chain.knows(head.key_id)
            self._faults.add(Fault.HEAD if is_known else Fault.UNKNOWN_KEY, head.sequence)
            return last
        if self._position is None:
            self._faults.add(Fault.BASE, 0)
        elif self._position < head.sequence:
            self._skip_to(head.sequence + 1)
        elif (
            self._firm is not None
            and self._firm[0] >= head.sequence
            and self._firm != (head.sequence, head.link)
        ):
            self._faults.add(Fault.HEAD, head.sequence)
        return head.sequence

    def _settle(self, end: int) -> None:
        """Name whatever is still in doubt."""
        absent = {number: number for number in self._places if number not in self._strays} | self._gaps
        for first, last in absent.items():
            if first <= end:
                self._faults.add(Fault.MISSING, first, min(last, end))
        behind = {last + 1 for last in absent.values()}
        for number in (number for number in self._loose if number > end):
            self._faults.add(Fault.INSERTED, number)
        for number in self._strays:
            is_foreign = number not in self._places or number > end
            if is_foreign or number not in behind:
                self._name(number, is_foreign=is_foreign)
