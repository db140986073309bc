"""How a report is written: for people, programs, code scanning and pull requests."""

from collections.abc import Callable, Mapping
from typing import Final

from bastide.check.findings import Report
from bastide.check.formats.github import as_github
from bastide.check.formats.json import as_json
from bastide.check.formats.sarif import as_sarif
from bastide.check.formats.text import as_text

FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
