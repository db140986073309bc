"""What is left of a report once waivers and the baseline have had their say."""

import hashlib
import json
import stat
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from bastide.check.findings import Finding, Report, Waiver, found
from bastide.check.source.files import LARGEST


class BaselineError(Exception):
    """The baseline cannot be read; the text says why."""


def settle(report: Report, *, families: str = "1") -> Report:
    """Return the report without what waivers let stand, and with what is wrong with waivers.

    Args:
        report: what all sources of findings said.
        families: the first digits of the ids whose sources ran; waivers of others wait.
    """
    used: set[tuple[Waiver, str]] = set()
    left = []
    for finding in report.findings:
        waived = [
            each
            for each in report.waivers
            if each.reason
            and each.path == finding.path
            and finding.line in each.covers
            and finding.id in each.ids
        ]
        used.update((each, finding.id) for each in waived)
        if not waived:
            left.append(finding)
    left += [problem for each in report.waivers for problem in _problems(each, used, families)]
    return replace(report, findings=tuple(sorted(left, key=_order)))


def _problems(waiver: Waiver, used: set[tuple[Waiver, str]], families: str) -> list[Finding]:
    if not waiver.reason:
        return [found("BST101", waiver.path, waiver.line, f"no reason is given for {', '.join(waiver.ids)}")]
    return [
        found("BST102", waiver.path, waiver.line, f"there is no {each} here any more")
        for each in waiver.ids
        if (waiver, each) not in used and each[3] in families
    ]


def _order(finding: Finding) -> tuple[str, int, str]:
    return finding.path, finding.line, finding.id


@lru_cache(maxsize=64)
def lines_of(path: str) -> tuple[str, ...]:
    """Return the lines of a file; nothing where it is none that is read, as a pipe that would wait."""
    try:
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            return ()
        return tuple(Path(path).read_text(encoding="utf-8", errors="replace").split("\n"))
    except (OSError, ValueError):
        return ()


def source_line(finding: Finding) -> str:
    """Return the line that a finding is about."""
    lines = lines_of(finding.path)
    return lines[finding.line - 1].strip() if finding.line <= len(lines) else ""


def fingerprint(finding: Finding) -> str:
    """Return what stays the same while lines above come and go."""
    parts = finding.id, finding.path, source_line(finding) or finding.message
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]


def read_baseline(path: Path) -> Counter[str]:
    """Return the fingerprints of findings that may wait, of a file as ``--format json`` writes it.

    Raises:
        BaselineError: the file is missing or something else.
    """
    try:
        known: Any = json.loads(path.read_text(encoding="utf-8"))
        return Counter(str(each["fingerprint"]) for each in known["findings"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        problem = f"{path}: no baseline: {error}; `bastide check TARGET --format json > {path}` writes one"
        raise BaselineError(problem) from error


def without_known(report: Report, baseline: Counter[str]) -> Report:
    """Return what the baseline does not hold; as many alike as it holds may wait."""
    waiting = baseline.copy()
    left = []
    for finding in report.findings:
        mark = fingerprint(finding)
        if waiting[mark] > 0:
            waiting[mark] -= 1
        else:
            left.append(finding)
    gone = sum(waiting.values())
    notes = [f"{len(report.findings) - len(left)} findings of the baseline wait"]
    if gone:
        notes.append(f"{gone} findings of the baseline are gone: write it anew")
    return replace(report, findings=tuple(left), notes=(*report.notes, *notes))
