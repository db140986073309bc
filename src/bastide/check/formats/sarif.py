"""SARIF 2.1.0, as code scanning takes it."""

import json
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from bastide import __version__
from bastide.check.findings import Finding, Report
from bastide.check.rules import RULES, Rule, Severity
from bastide.check.settling import fingerprint

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: Final = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
# As code scanning sorts: 7.0 and more is high, 4.0 and more medium.
WEIGHTS: Final = {Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "2.0"}


def as_sarif(report: Report) -> str:
    """Return one run; paths are relative to where the check ran."""
    ids = sorted({finding.id for finding in report.findings})
    places = {rule_id: place for place, rule_id in enumerate(ids)}
    run = {
        "tool": {
            "driver": {
                "name": "bastide check",
                "version": __version__,
                "rules": [_rule(RULES[rule_id]) for rule_id in ids],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, places[finding.id]) for finding in report.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    mends = f"{rule.mends.without}\n\nWith Bastide: {rule.mends.bastide}"
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.attack},
        "help": {"text": f"{rule.attack}\n\n{mends}", "markdown": f"{rule.attack}\n\n{mends}"},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "tags": ["security", rule.chapter, f"ASVS-{rule.asvs}"],
            "precision": str(rule.confidence),
            "security-severity": WEIGHTS[rule.severity],
        },
    }


def _result(finding: Finding, place: int) -> dict[str, Any]:
    return {
        "ruleId": finding.id,
        "ruleIndex": place,
        "level": LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": address_of(finding.path)},
                    "region": {"startLine": finding.line},
                }
            }
        ],
        "partialFingerprints": {"bastide/v1": fingerprint(finding)},
    }


def address_of(path: str) -> str:
    """Return a path as a URI reference: relative where it is, with what URIs do not hold encoded."""
    plain = path.replace("\\", "/")
    encoded = quote(plain, safe="/", errors="surrogateescape")
    return f"file://{encoded}" if PurePosixPath(plain).is_absolute() else encoded
