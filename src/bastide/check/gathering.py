"""What a target is, and which sources of findings it has."""

import os
from pathlib import Path

from bastide.check.deployment import Deployment
from bastide.check.findings import Finding, Report, found
from bastide.check.live.looking import root_of
from bastide.check.live.running import SECONDS, Look, look_at
from bastide.check.live.targets import Target, TargetError, find_target, read_target
from bastide.check.source import check_source

__all__ = ["TargetError", "gather"]


def gather(target: str | None, deployment: Deployment | None = None, *, seconds: float = SECONDS) -> Report:
    """Return what every source of findings says about the target.

    A folder or a file is read and never run. An application is loaded besides: ``module:app``,
    ``module:create_app()``, a ``manage.py``, a settings module, or where no target is named the one that the
    working directory has.

    Args:
        target: the application, folder or file; None to look for the application.
        deployment: where it runs.
        seconds: how long it may take to start.

    Raises:
        TargetError: there is nothing by this name, or no application, or more than one.
    """
    here, known = Path.cwd(), deployment or Deployment()
    report = Report(findings=known.findings)
    if target is not None and _is_text_alone(Path(target)):
        return report + check_source([Path(target)])
    application = find_target(here) if target is None else read_target(target, here)
    root = root_of(application, here)
    look = look_at(application, variables=known.variables, workers=known.workers, seconds=seconds)
    return report + check_source([Path(os.path.relpath(root, here))]) + _report(application, look)


def _is_text_alone(path: Path) -> bool:
    return path.is_dir() or (path.is_file() and path.name != "manage.py")


def _report(application: Target, look: Look) -> Report:
    return Report(findings=(*look.findings, *_faults(application, look)), notes=look.notes)


def _faults(application: Target, look: Look) -> list[Finding]:
    return [found("BST200", application.name, 1, fault) for fault in look.faults]
