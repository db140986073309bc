"""The one table of what is looked for: ``--explain``, the pages and every format read it.

Rows are in ``catalogue/*.toml``, a file for each source of findings.
"""

import tomllib
from dataclasses import dataclass
from enum import IntEnum
from importlib.resources import files
from typing import Any, Final


class Severity(IntEnum):
    """How bad it is where the finding is right."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    def __str__(self) -> str:
        return self.name.lower()


class Confidence(IntEnum):
    """How sure it is that the finding is right."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mends:
    """How the hole is closed."""

    bastide: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of hole.

    Attributes:
        id: ``BST`` and three digits, for ever.
        title: what is wrong, in a few words.
        severity: what a finding weighs unless it says otherwise.
        confidence: how sure a finding is unless it says otherwise.
        asvs: the requirement of OWASP ASVS 5.0.0 that is broken, as ``V1.2.4``.
        chapter: the layer that the hole belongs to, as ``queries``.
        attack: what an attacker does with it.
        mends: how it is closed, with Bastide and without.
        file: the name of the file that such code stands in.
        wrong: the code that is reported, if any shows it.
        right: the code that is not.
    """

    id: str
    title: str
    severity: Severity
    confidence: Confidence
    asvs: str
    chapter: str
    attack: str
    mends: Mends
    file: str = "app.py"
    wrong: str = ""
    right: str = ""


CHAPTERS: Final = (
    "queries",
    "output",
    "validation",
    "uploads",
    "passwords",
    "mfa",
    "sessions",
    "crypto",
    "access",
    "headers",
    "transport",
    "tokens",
    "config",
    "logging",
)


def _read_row(row: dict[str, Any]) -> Rule:
    return Rule(
        id=row.pop("id"),
        severity=Severity[row.pop("severity").upper()],
        confidence=Confidence[row.pop("confidence", "high").upper()],
        mends=Mends(bastide=row.pop("bastide").strip(), without=row.pop("without").strip()),
        attack=row.pop("attack").strip(),
        **{name: text.strip() for name, text in row.items()},
    )


def _read_table() -> dict[str, Rule]:
    table: dict[str, Rule] = {}
    for file in sorted(files("bastide.check").joinpath("catalogue").iterdir(), key=lambda file: file.name):
        for row in tomllib.loads(file.read_text(encoding="utf-8")).get("rule", ()):
            rule = _read_row(row)
            if rule.id in table:
                twice = f"{rule.id} is given twice"
                raise ValueError(twice)
            table[rule.id] = rule
    return dict(sorted(table.items()))


RULES: Final = _read_table()
