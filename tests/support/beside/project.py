"""A project in a process of its own, and what is asked of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

from conftest import ROOT

START: Final = "Browser().get('/')"


class Project:
    """A project of Django's usual kind, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ask(self, script: str, *layers: str, **given: Any) -> subprocess.CompletedProcess[str]:
        """Run the script there; what it says on its last line is returned with it."""
        paths = os.pathsep.join(str(ROOT / name) for name in ("src", "tests"))
        beside = {"folder": str(self._folder), "layers": layers, **given}
        environment = {
            **os.environ, "PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": "support.beside.settings",
            "BESIDE": json.dumps(beside),
        }  # fmt: skip
        command = [sys.executable, "-c", "from support.beside.desk import *\n" + dedent(script)]
        return subprocess.run(  # noqa: S603 -- this interpreter
            command, cwd=self._folder, env=environment, capture_output=True, text=True, check=False
        )

    def holds(self, script: str, *layers: str, **given: Any) -> None:
        done = self.ask(script, *layers, **given)
        assert done.returncode == 0, done.stdout + done.stderr

    def refuses(self, script: str, *layers: str, **given: Any) -> str:
        done = self.ask(script, *layers, **given)
        assert done.returncode != 0, done.stdout
        return done.stderr.strip().rpartition("\n")[2]
