"""What a target is, and which sources of findings it has."""

import os
from dataclasses import dataclass
from pathlib import Path

from bastide.check.deployment import Deployment
from bastide.check.findings import Finding, Report, found
from bastide.check.live.looking import root_of
from bastide.check.live.running import SECONDS, Look, look_at
from bastide.check.live.targets import Target, TargetError, find_target, read_target
from bastide.check.source import check_source

__all__ = ["Choices", "Gathered", "TargetError", "gather"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Which files of a target are read."""

    with_tests: bool = False
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the sources said, and the first digits of the ids whose sources ran."""

    report: Report
    families: str


def gather(
    target: str | None,
    deployment: Deployment | None = None,
    choices: Choices | None = None,
    *,
    seconds: float = SECONDS,
) -> Gathered:
    """Return what every source of findings says about the target.

    A folder or a file is read and never run. An application is loaded besides: ``module:app``,
    ``module:create_app()``, a ``manage.py``, a settings module, or where no target is named the one that the
    working directory has.

    Args:
        target: the application, folder or file; None to look for the application.
        deployment: where it runs.
        choices: which files are read.
        seconds: how long it may take to start.

    Raises:
        TargetError: there is nothing by this name, or no application, or more than one.
    """
    here, known = Path.cwd(), deployment or Deployment()
    chosen = choices or Choices()
    report = Report(findings=known.findings)
    if target is not None and _is_text_alone(Path(target)):
        read = Report.joined([report, _source(Path(target), chosen), Report(notes=_unloaded(Path(target)))])
        return Gathered(read, "1")
    application = find_target(here) if target is None else read_target(target, here)
    root = root_of(application, here)
    source = _source(Path(os.path.relpath(root, here)), chosen)
    look = look_at(application, variables=known.variables, workers=known.workers, seconds=seconds)
    return Gathered(Report.joined([report, source, _report(application, look)]), "123")


def _source(path: Path, choices: Choices) -> Report:
    return check_source([path], with_tests=choices.with_tests, exclude=choices.exclude)


def _is_text_alone(path: Path) -> bool:
    return path.is_dir() or (path.is_file() and path.name != "manage.py")


def _unloaded(path: Path) -> tuple[str, ...]:
    """Return how the application is loaded that a folder has, if it has one."""
    try:
        name = find_target(path).name if path.is_dir() else ""
    except TargetError:
        name = ""
    if not name:
        return ()
    return (f'read, not loaded; bastide check "{name}" from its folder looks at the application too',)


def _report(application: Target, look: Look) -> Report:
    return Report(findings=(*look.findings, *_faults(application, look)), notes=look.notes)


def _faults(application: Target, look: Look) -> list[Finding]:
    return [found("BST200", application.name, 1, fault) for fault in look.faults]
