"""Starts the process that looks at an application, and takes what it says."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

import bastide
from bastide.check.findings import Finding
from bastide.check.live.looking import root_of
from bastide.check.live.targets import Target
from bastide.check.rules import Confidence, Severity

SECONDS: Final = 30.0
# For what the process does besides waiting for the application.
GRACE_SECONDS: Final = 10.0
# Of what the application prints as an error.
LAST_BYTES: Final = 4096


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
        command = [sys.executable, "-P", "-m", "bastide.check.live._child", json.dumps(request), str(path)]
        try:
            ended = _run(command, _environment(variables or {}), seconds + GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return Look(
                faults=(
                    f"the application is still starting after {seconds:g} seconds; --timeout waits longer",
                )
            )
        return _read(path, ended)


def _run(command: list[str], environment: dict[str, str], seconds: float) -> tuple[int, bytes]:
    """Return the status and the end of what was printed as an error.

    Threat: an application that prints without end.
    """
    with subprocess.Popen(  # noqa: S603 -- this interpreter, with arguments of our own
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, bufsize=0,
    ) as process:  # fmt: skip
        said = bytearray()
        reader = threading.Thread(target=_keep_last, args=(process.stderr, said), daemon=True)
        reader.start()
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        # Whom it left behind may hold the other end.
        reader.join(1)
    return status, bytes(said)


def _keep_last(stream: IO[bytes], said: bytearray) -> None:
    with suppress(OSError, ValueError):  # closed in between
        while chunk := stream.read(LAST_BYTES):
            said += chunk
            del said[:-LAST_BYTES]


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    # `bastide` itself is found as it is found here, wherever the application is; the application's own folder
    # comes first once it is guarded, lest a file of its own stands for a module of Python before.
    here, own = Path.cwd(), Path(bastide.__file__).parents[1]
    folders = [Path(path) for path in sys.path if path]
    paths = [str(path) for path in folders if path.is_dir() and (path.absolute() != here or path == own)]
    return {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


def _read(path: Path, ended: tuple[int, bytes]) -> Look:
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        status, printed = ended
        last = printed.decode(errors="replace").strip().splitlines()[-1:]
        how = f"signal {-status}" if status < 0 else f"status {status}"
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
