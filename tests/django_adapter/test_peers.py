"""Other libraries in a project that uses Bastide, asked by tests of their own kind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

PEERS = ROOT / "tests" / "support" / "peers"
SUITES = sorted(path.stem.removeprefix("suite_") for path in PEERS.glob("suite_*.py"))


@pytest.mark.parametrize("suite", SUITES)
def test_a_suite_of_their_kind_passes(suite: str, tmp_path: Path) -> None:
    paths = os.pathsep.join(str(ROOT / name) for name in ("src", "tests"))
    environment = {**os.environ, "PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": "support.peers.settings"}
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\npython_files = suite_*.py\naddopts = --import-mode=importlib\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-c",
        str(tmp_path / "pytest.ini"),
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [*command, str(PEERS / f"suite_{suite}.py")],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "never-made.sqlite3").exists()
