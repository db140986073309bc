"""What ``--fix`` writes, and how it is shown before."""

import ast
import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bastide.check.findings import Edit, Finding


def lines_of(text: str) -> list[str]:
    """Return the lines as Python counts them, with their ends."""
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)


@dataclass(frozen=True, slots=True)
class Fix:
    """A file before and after."""

    path: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The difference, as ``patch`` reads it."""
        lines = difflib.unified_diff(
            lines_of(self.before),
            lines_of(self.after),
            f"a/{self.path}",
            f"b/{self.path}",
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        )

    def write(self) -> None:
        """Write the file; only a UTF-8 one is ever fixed."""
        with Path(self.path).open("w", encoding="utf-8", newline="") as file:
            file.write(self.after)


def fixes_of(findings: Iterable[Finding]) -> Iterator[Fix]:
    """Yield the files that safe edits change; a result that Python cannot parse is none."""
    edits: dict[str, set[Edit]] = {}
    for finding in findings:
        edits.setdefault(finding.path, set()).update(finding.edits)
    for path, wanted in sorted(edits.items()):
        if wanted:
            fix = _fix(path, sorted(wanted, reverse=True))
            if fix is not None:
                yield fix


def _fix(path: str, edits: list[Edit]) -> Fix | None:
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            before = file.read()
    except (OSError, UnicodeDecodeError):
        return None
    if before.startswith("\ufeff") or "\r" in before.replace("\r\n", ""):
        return None
    lines = lines_of(before)
    last: Edit | None = None
    for edit in edits:
        if last is not None and (edit.end_line, edit.end_column) > (last.line, last.column):
            continue  # it lies within another one
        first, end = lines[edit.line - 1], lines[edit.end_line - 1]
        changed = first[: edit.column] + edit.text + end[edit.end_column :]
        lines[edit.line - 1 : edit.end_line] = [changed]
        last = edit
    after = "".join(lines)
    try:
        ast.parse(after)
    except SyntaxError:
        return None
    return Fix(path, before, after)
