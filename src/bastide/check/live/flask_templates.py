"""Jinja's environment and templates: what comes out as it went in."""

import re
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, TemplateError

from bastide.check.findings import Finding, found
from bastide.check.live.places import Places

# Not read by browsers as pages.
PLAIN: Final = (
    ".txt",
    ".md",
    ".eml",
    ".text",
    ".csv",
    ".sql",
    ".yml",
    ".yaml",
    ".json",
    ".mako",
    ".py",
    ".cfg",
    ".ini",
)
TAG: Final = re.compile(
    r"<(?:!doctype|html|head|body|div|p|a|span|form|table|ul|li|h[1-6]|script|section|main)\b", re.IGNORECASE
)
VALUE: Final = re.compile(r"\{\{(?!\s*(?:url_for|super|self\.|caller|csrf_token|form\.))")
MAX_TEMPLATES: Final = 2000
MAX_SIZE_BYTES: Final = 500_000


def check_jinja(environment: Environment, places: Places) -> list[Finding]:
    """Return that values are not escaped, anywhere or in templates of some names."""
    findings = []
    if "jinja2.ext.DebugExtension" in environment.extensions:
        message = "the extension jinja2.ext.debug is on: {% debug %} shows every value"
        findings.append(found("BST242", *places.of_word("jinja2.ext.debug"), message))
    if not _escapes(environment, "page.html"):
        place = places.of_word("autoescape")
        if place == places.nowhere:
            place = places.of_word("select_autoescape")
        return [*findings, found("BST240", *place, "templates do not escape values")]
    return findings + _check_names(environment, places)


def _escapes(environment: Environment, name: str) -> bool:
    asked: Any = environment.autoescape
    return bool(asked(name) if callable(asked) else asked)


def _check_names(environment: Environment, places: Places) -> list[Finding]:
    """Return pages of the application's own that are not escaped because of their names."""
    findings = []
    try:
        names = environment.list_templates()[:MAX_TEMPLATES]
    except (TypeError, TemplateError, OSError):
        return []  # what loads them has no list of them
    for name in names:
        if _escapes(environment, name) or name.endswith(PLAIN):
            continue
        file, text = _read(environment, name)
        value = VALUE.search(text)
        if file and places.is_own(file) and TAG.search(text) and value is not None:
            message = f"{name} is not escaped: its name does not end as those that are"
            line = text[: value.start()].count("\n") + 1
            findings.append(found("BST241", *places.at(file, line), message))
    return findings


def _read(environment: Environment, name: str) -> tuple[str, str]:
    loader: Any = environment.loader
    try:
        text, file, _ = loader.get_source(environment, name)
    except (TemplateError, OSError, UnicodeDecodeError, ValueError):
        return "", ""
    if file is None or Path(file).stat().st_size > MAX_SIZE_BYTES:
        return "", ""
    return str(file), str(text)
