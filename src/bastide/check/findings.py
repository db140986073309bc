"""What was found, where, and what it comes to."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bastide.check.rules import RULES, Confidence, Mends, Rule, Severity


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Edit:
    """Text of a file that a safe fix replaces; lines from 1, columns from 0, in letters."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One hole, at one place.

    Attributes:
        id: the rule's.
        severity: how bad it is here.
        confidence: how sure this is.
        path: the file, from the working directory, with ``/``; of what stands in no file, the target.
        line: from 1.
        message: what is wrong here, in a sentence.
        edits: what ``--fix`` writes, where that is safe.
    """

    id: str
    severity: Severity
    confidence: Confidence
    path: str
    line: int
    message: str
    edits: tuple[Edit, ...] = field(default=(), compare=False)

    @property
    def rule(self) -> Rule:
        """The row of the table."""
        return RULES[self.id]

    @property
    def asvs(self) -> str:
        """The requirement of OWASP ASVS 5.0.0."""
        return self.rule.asvs

    @property
    def chapter(self) -> str:
        """The layer that it belongs to."""
        return self.rule.chapter

    @property
    def attack(self) -> str:
        """What an attacker does with it."""
        return self.rule.attack

    @property
    def mends(self) -> Mends:
        """How it is closed, with Bastide and without."""
        return self.rule.mends


def found(
    rule_id: str,
    path: str,
    line: int,
    message: str,
    *,
    severity: Severity | None = None,
    confidence: Confidence | None = None,
    edits: tuple[Edit, ...] = (),
) -> Finding:
    """Return a finding that weighs what its rule says, unless told otherwise."""
    rule = RULES[rule_id]
    return Finding(
        id=rule_id,
        severity=severity or rule.severity,
        confidence=confidence or rule.confidence,
        path=path,
        line=max(line, 1),
        message=message,
        edits=edits,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A comment that lets findings of a line stand, and says why."""

    path: str
    line: int
    covers: frozenset[int]
    ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one source of findings came to.

    Attributes:
        findings: the holes.
        waivers: comments that let some of them stand.
        notes: lines for people about what was left out, and how it is taken in.
    """

    findings: tuple[Finding, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def joined(cls, reports: Iterable["Report"]) -> "Report":
        """Return what several sources came to, as one."""
        every = list(reports)
        return cls(
            findings=tuple(finding for report in every for finding in report.findings),
            waivers=tuple(waiver for report in every for waiver in report.waivers),
            notes=tuple(note for report in every for note in report.notes),
        )
