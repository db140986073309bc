"""What a check of the log finds: faults by row, or the evidence that there are none."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bastide.core.security_log.chain import Anchor


class Fault(StrEnum):
    """What is wrong with a row or an end."""

    EDITED = "edited"
    MISSING = "missing"
    INSERTED = "inserted"
    MOVED = "moved"
    UNCHAINED = "unchained"
    UNKNOWN_KEY = "unknown_key"
    HEAD = "head"
    BASE = "base"
    ANCHOR = "anchor"


class Problem(NamedTuple):
    """One fault of one row, or of a run of rows."""

    fault: Fault
    first: int
    last: int

    def __str__(self) -> str:
        rows = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.fault} {rows}"


@dataclass(frozen=True, slots=True)
class Verified:
    """Evidence that the log is what was written.

    Attributes:
        count: rows of the chain.
        unchained: rows older than the chain, which nothing vouches for.
        head: the newest row, to be noted elsewhere; None for a log without a chain.
    """

    count: int
    unchained: int
    head: Anchor | None


@dataclass(frozen=True, slots=True)
class Broken:
    """Evidence that it is not; problems in the order of their rows."""

    problems: tuple[Problem, ...]


class Faults:
    """Faults in runs, so that a thousand rows dropped at once are one problem."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, fault: Fault, first: int, last: int | None = None) -> None:
        """Note a fault of one row, or of the rows up to ``last``."""
        last = first if last is None else last
        before = self._found[-1] if self._found else None
        if before is not None and before.fault is fault and before.last == first - 1:
            self._found[-1] = before._replace(last=last)
        else:
            self._found.append(Problem(fault, first, last))

    def in_order(self) -> tuple[Problem, ...]:
        """Return all of them by row, neighbours with one fault as one run."""
        runs = Faults()
        for problem in sorted(self._found):
            runs.add(*problem)
        return tuple(sorted(runs._found, key=lambda run: (run.first, run.last, run.fault)))
