"""Tools that a machine may lack: there the tests that need them say so in one line, or fail in CI."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest


def unavailable(reason: str) -> None:
    if os.environ.get("BASTIDE_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def fast_folder() -> Path:
    """Return where databases that last for one test are kept: in memory where the machine has such a folder.

    Making, syncing and dropping hundreds of them on a disk takes longer than all that the tests do.
    """
    memory = Path("/dev/shm")  # noqa: S108 -- every folder in it has a random name
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def find_tool(*names: str, package: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        unavailable(f"no {names[0]}: install Debian's package {package}")
    return found or ""


def find_chromium() -> str:
    return find_tool("chromium", "chromium-browser", package="chromium")


def find_postgres(program: str) -> Path:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / program).exists():
            return folder / program
    found = shutil.which(program)
    if found is None:
        unavailable("no PostgreSQL server: install Debian's package postgresql")
    return Path(found or "")
