"""What a target is, and which sources of findings it has."""

from pathlib import Path

from bastide.check.findings import Report
from bastide.check.source import check_source


class TargetError(Exception):
    """The target is nothing that can be checked; the text says what would be."""


def gather(target: str) -> Report:
    """Return what every source of findings says about the target, a folder or a file.

    Raises:
        TargetError: there is nothing by this name.
    """
    path = Path(target)
    if path.exists():
        return check_source([path])
    problem = f"{target}: no such folder or file"
    raise TargetError(problem)
