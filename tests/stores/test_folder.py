"""The folder of uploads: whole files under their names, or nothing."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import pytest

from bastide.core.foundation import ConfigurationError, StoreUnavailable
from bastide.core.uploads import UploadMissing
from bastide.stores.folder import FolderStorage

NAME = "ab" * 20


@pytest.mark.asvs("V5.3.1", "V5.3.2")
def test_files_are_whole_private_and_cannot_be_run(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "deep" / "uploads")
    storage.write(NAME, b"#!/bin/sh\n")
    (path,) = (tmp_path / "deep" / "uploads").iterdir()
    assert path.name == NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with storage.open(NAME) as file:
        assert file.read() == b"#!/bin/sh\n"
    storage.delete(NAME)
    storage.delete(NAME)
    with pytest.raises(UploadMissing):
        storage.open(NAME)


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    storage.write(NAME, b"old")
    with pytest.raises(StoreUnavailable):
        storage.write(NAME, b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(NAME, b"old")]


@pytest.mark.parametrize("call", ["open", "write", "fsync", "link"])
def test_a_full_disk_at_any_step_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    storage = FolderStorage(tmp_path)
    storage.write("0" * 40, b"old")
    if call == "write":

        class Full:
            def __init__(self, descriptor: int, _mode: str) -> None:
                self.descriptor = descriptor

            def __enter__(self) -> Self:
                return self

            def __exit__(self, *_: object) -> None:
                os.close(self.descriptor)

            write = full

        monkeypatch.setattr("bastide.stores.folder.os.fdopen", Full)
    else:
        monkeypatch.setattr(f"bastide.stores.folder.os.{call}", full)
    with pytest.raises(StoreUnavailable) as caught:
        storage.write(NAME, b"x" * 100_000)
    assert isinstance(caught.value.__cause__, OSError)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("0" * 40, b"old")]


KILLED = """
import os, sys
from pathlib import Path
from bastide.stores import folder
os.fsync = lambda _: os._exit(9)
folder.FolderStorage(Path(sys.argv[1])).write("%s", b"x" * 100_000)
"""


def test_a_process_killed_while_it_writes_leaves_a_part_that_is_no_file(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 -- the test's own code
        [sys.executable, "-c", KILLED % NAME, str(tmp_path)], check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 9
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.part"]
    storage = FolderStorage(tmp_path)
    with pytest.raises(UploadMissing):
        storage.open(NAME)
    storage.delete(NAME)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_told_at_start_up_and_later_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigurationError):
        FolderStorage(tmp_path / "file" / "uploads")
    storage = FolderStorage(tmp_path / "uploads")
    (tmp_path / "uploads" / NAME).mkdir()
    with pytest.raises(StoreUnavailable):
        storage.open(NAME)
    with pytest.raises(StoreUnavailable):
        storage.delete(NAME)
