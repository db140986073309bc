"""For programs, and for ``--baseline``."""

import json

from bastide import __version__
from bastide.check.findings import Report
from bastide.check.settling import fingerprint


def as_json(report: Report) -> str:
    """Return an object with ``findings``, ``notes`` and the version that found them."""
    findings = [
        {
            "id": finding.id,
            "severity": str(finding.severity),
            "confidence": str(finding.confidence),
            "path": finding.path,
            "line": finding.line,
            "message": finding.message,
            "title": finding.rule.title,
            "asvs": finding.asvs,
            "chapter": finding.chapter,
            "attack": finding.attack,
            "mends": {"bastide": finding.mends.bastide, "without": finding.mends.without},
            "fingerprint": fingerprint(finding),
        }
        for finding in report.findings
    ]
    return json.dumps({"version": __version__, "findings": findings, "notes": report.notes}, indent=2) + "\n"
