"""Libraries of a loaded application that nobody keeps, or whose version has a known hole."""

import sys
import tomllib
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

from bastide.check.findings import Finding, found
from bastide.check.live.places import Places
from bastide.check.rules import Severity


def check_libraries(
    places: Places,
    *,
    installed: Callable[[str], str | None] | None = None,
    is_imported: Callable[[str], bool] | None = None,
) -> list[Finding]:
    """Return the rows of the table that hold for what the application has imported.

    Args:
        places: finds where a library is imported.
        installed: tells a distribution's version, None where it is not there.
        is_imported: tells whether the application loaded a module.
    """
    tell, is_loaded = installed or _version, is_imported or (lambda name: name in sys.modules)
    findings = []
    for row in library_rows():
        have = tell(row["name"]) if is_loaded(row["module"]) else None
        if have is None or not _is_below(have, row.get("below", "")) or _is_below(have, row.get("from", "0")):
            continue
        reason = f"{row['name']} {have}: {row['why']}"
        severity = Severity[row["severity"].upper()] if "severity" in row else None
        findings.append(found(row["id"], *places.of_word(row["module"]), reason, severity=severity))
    return findings


@cache
def library_rows() -> list[dict[str, Any]]:
    """Return the table."""
    text = files("bastide.check.live").joinpath("libraries.toml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = tomllib.loads(text)["library"]
    return rows


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _is_below(have: str, bound: str) -> bool:
    """Tell whether a version is older than the bound; every version is where there is none."""
    if not bound:
        return True
    return _numbers(have) < _numbers(bound)


def _numbers(text: str) -> tuple[int, ...]:
    numbers = []
    for part in text.split("+", maxsplit=1)[0].split("."):
        digits = "".join(letter for letter in part if letter.isdigit())
        if not digits or not part[0].isdigit():
            break
        numbers.append(int(digits) if part.isdigit() else int("".join(_leading(part))))
    return tuple(numbers)


def _leading(part: str) -> str:
    digits = ""
    for letter in part:
        if not letter.isdigit():
            break
        digits += letter
    return digits
