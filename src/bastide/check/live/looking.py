"""Loads an application in this process and says what it leaves open, as plain values."""

import os
import sys
import threading
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from bastide.check.findings import Finding
from bastide.check.live.guarding import Attempts
from bastide.check.live.libraries import check_libraries
from bastide.check.live.loading import Loaded, load
from bastide.check.live.parts import tell_each
from bastide.check.live.places import Place, Places
from bastide.check.live.routes import SeenRoute
from bastide.check.live.stores import check_stores
from bastide.check.live.targets import Target
from bastide.check.rules import Confidence

OWN_THREADS: Final = ("bastide-check", "MainThread")


def look(target: Target, places: Places, attempts: Attempts, *, workers: int) -> dict[str, Any]:
    """Return findings, routes, faults and notes of the application that the target names."""
    loaded = load(target, places)
    started = time.perf_counter()
    _place_target(target, loaded, places)
    notes = [*_notes(attempts, places), *_threads()]
    findings, routes, roles = list[Finding](), list[SeenRoute](), dict[str, frozenset[str]]()
    if loaded.flask is not None:
        from bastide.check.live.flask_app import flask_parts, flask_roles  # noqa: PLC0415
        from bastide.check.live.flask_routes import flask_routes  # noqa: PLC0415

        read = cache(lambda: flask_routes(loaded.flask, places))
        findings += tell_each(flask_parts(loaded.flask, places, read), loaded.faults)
        routes, roles = read(), flask_roles(loaded.flask)
        if loaded.is_half_made:
            # What was still to come may close each of them.
            findings = [replace(each, confidence=Confidence.LOW) for each in findings]
            notes.append("what is said of the application is said of the half that was made before it failed")
    if loaded.settings is not None:
        from bastide.check.live.django_app import bastide_roles, django_parts, seen_routes  # noqa: PLC0415

        read = cache(lambda: seen_routes(loaded.settings, places))
        parts = django_parts(loaded.settings, places, read, has_apps=loaded.has_apps)
        findings += tell_each(parts, loaded.faults)
        if loaded.has_apps and not loaded.faults:
            routes, roles = read(), bastide_roles(loaded.settings)
    if loaded.flask is not None or loaded.settings is not None:
        findings += check_libraries(places)
        findings += check_stores(loaded.flask, loaded.settings, places, workers=workers)
    return {
        "findings": [_plain(each) for each in dict.fromkeys(findings)],
        "faults": list(dict.fromkeys(loaded.faults)),
        "notes": notes,
        "routes": [_row(each, roles) for each in routes],
        "is_loaded": loaded.flask is not None or loaded.settings is not None,
        "import_seconds": loaded.seconds,
        "look_seconds": time.perf_counter() - started,
    }


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id, "severity": int(finding.severity), "confidence": int(finding.confidence),
        "path": finding.path, "line": finding.line, "message": finding.message,
    }  # fmt: skip


def _row(route: Any, roles: dict[str, frozenset[str]]) -> dict[str, Any]:
    from bastide.core.access import role_answers  # noqa: PLC0415

    return {
        "method": route.method, "path": route.path, "name": route.name, "decided_by": route.decided_by,
        "is_open": route.is_open, "is_sure": route.is_sure, "place": list(route.place),
        "answers": role_answers(route.rule, roles) if route.rule is not None else {},
    }  # fmt: skip


def _place_target(target: Target, loaded: Loaded, places: Places) -> None:
    """Let what stands in no line stand in the file that was named."""
    name = target.module or os.environ.get("DJANGO_SETTINGS_MODULE", "")
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None and loaded.is_half_made:
        # A module that failed is forgotten.
        path = target.folder.joinpath(*name.split("."))
        file = str(
            next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()), path)
        )
        places.more_files = [file]
    if file is not None and (loaded.flask is not None or loaded.settings is not None):
        places.nowhere = Place(places.at(file, 1).path, 1)


def _notes(attempts: Attempts, places: Places) -> list[str]:
    return [
        f"while it started, the application {what}, which was refused ({places.at(file, line).path}:{line})"
        for what, (file, line) in attempts.places.items()
    ]


def _threads() -> list[str]:
    names = sorted(each.name for each in threading.enumerate() if each.name not in OWN_THREADS)
    if not names:
        return []
    count = "a thread" if len(names) == 1 else f"{len(names)} threads"
    return [
        f"the application starts {count} when it is imported ({', '.join(names[:3])}); they were left behind"
    ]


def root_of(target: Target, here: Path) -> Path:
    """Return the folder whose files are the application's own."""
    folder = target.folder.resolve()
    return here.resolve() if folder.is_relative_to(here.resolve()) else folder
