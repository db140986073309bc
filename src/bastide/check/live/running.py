"""Starts the process that looks at an application, and takes what it says."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bastide.check.findings import Finding
from bastide.check.live.looking import root_of
from bastide.check.live.targets import Target
from bastide.check.rules import Confidence, Severity

SECONDS: Final = 30.0
# For what the process does besides waiting for the application.
GRACE_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the look at an application came to.

    Attributes:
        findings: the holes.
        routes: method, path, name, who decides and what each role gets, by name.
        faults: what could not be loaded, each with the command that goes on where there is one.
        notes: what the application did on the way.
        is_loaded: there was something to look at.
    """

    findings: tuple[Finding, ...] = ()
    routes: tuple[dict[str, Any], ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_loaded: bool = False


def look_at(
    target: Target,
    *,
    variables: Mapping[str, str] | None = None,
    workers: int = 1,
    seconds: float = SECONDS,
) -> Look:
    """Load the application in a process of its own, and return what it tells.

    Nothing that it prints goes anywhere; it asks no database, sends nothing and writes nothing.

    Args:
        target: the application.
        variables: of the environment that it is deployed in.
        workers: how many processes serve it there.
        seconds: how long it may take to start.
    """
    request = {
        "target": {**asdict(target), "folder": str(target.folder)},
        "root": str(root_of(target, Path.cwd())),
        "workers": workers,
        "seconds": seconds,
    }
    with TemporaryDirectory(prefix="bastide-check-") as folder:
        path = Path(folder, "answer.json")
        command = [sys.executable, "-m", "bastide.check.live._child", json.dumps(request), str(path)]
        try:
            ended = subprocess.run(  # noqa: S603 -- this interpreter, with arguments of our own
                command, env=_environment(variables or {}), stdin=subprocess.DEVNULL, capture_output=True,
                timeout=seconds + GRACE_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Look(
                faults=(
                    f"the application is still starting after {seconds:g} seconds; --timeout waits longer",
                )
            )
        return _read(path, ended)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    # `bastide` itself is found as it is found here, wherever the application is.
    paths = [path for path in sys.path if path and Path(path).is_dir()]
    return {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


def _read(path: Path, ended: subprocess.CompletedProcess[bytes]) -> Look:
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        last = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
        how = f"signal {-ended.returncode}" if ended.returncode < 0 else f"status {ended.returncode}"
        text = f" ({last[0][:200]})" if last else ""
        return Look(faults=(f"the application ended its process when it was imported, with {how}{text}",))
    return Look(
        findings=tuple(_finding(each) for each in said.get("findings", ())),
        routes=tuple(said.get("routes", ())),
        faults=tuple(said.get("faults", ())),
        notes=tuple(said.get("notes", ())),
        is_loaded=bool(said.get("is_loaded")),
    )


def _finding(values: dict[str, Any]) -> Finding:
    return Finding(
        **{**values, "severity": Severity(values["severity"]), "confidence": Confidence(values["confidence"])}
    )
