"""Annotations of GitHub's workflow commands."""

from typing import Final

from bastide.check.findings import Report
from bastide.check.rules import Severity

LEVELS: Final = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice"}


def as_github(report: Report) -> str:
    """Return one command per finding."""
    return "".join(
        f"::{LEVELS[each.severity]} file={_property(each.path)},line={each.line},"
        f"title={_property(f'{each.id} {each.rule.title}')}::{_data(f'{each.message}. {each.attack}')}\n"
        for each in report.findings
    )


def _data(text: str) -> str:
    # Names of files and words of errors need not be text.
    text = text.encode(errors="backslashreplace").decode()
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
