"""The findings of the running project as Django's own check messages; no page is asked for."""

import os
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 -- Django's name

from bastide.check.findings import Finding
from bastide.check.live.django_app import quiet_parts, seen_routes
from bastide.check.live.parts import tell_each
from bastide.check.live.places import Places
from bastide.check.rules import Severity


@register(Tags.security, deploy=True)
def check_project(**_: Any) -> list[CheckMessage]:
    """``bastide.E201`` is BST201 of high severity, ``bastide.W201`` one that weighs less; and so on."""
    name = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    file = getattr(import_module(name), "__file__", None) if name else None
    places = Places(Path(file or ".").resolve().parent.parent if file else Path.cwd(), name)
    faults: list[str] = []
    read = cache(lambda: seen_routes(settings, places))
    findings = tell_each(quiet_parts(settings, places, read), faults)
    said = [Warning(fault, id="bastide.W200") for fault in faults]
    return [*said, *(_message(finding) for finding in dict.fromkeys(findings))]


def _message(finding: Finding) -> CheckMessage:
    is_high = finding.severity is Severity.HIGH
    number = finding.id.removeprefix("BST")
    where = f"{finding.path}:{finding.line}"
    return (Error if is_high else Warning)(
        f"{finding.message} ({where})",
        hint=finding.mends.without,
        id=f"bastide.{'E' if is_high else 'W'}{number}",
    )
