"""Uploads in a folder of this machine, which no web server looks into."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from bastide.core.foundation import ConfigurationError, StoreUnavailable
from bastide.core.uploads import UploadMissing

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
PART: Final = ".part"


class FolderStorage:
    """See ``UploadStorage``; a file has its name only once it is whole and on the disk.

    Args:
        folder: made where it is missing; only this user may look into it. See ``require_unserved``.

    Raises:
        ConfigurationError: it cannot be made.

    Threat: a stored file that is run, guessed or half there (V5.3.1, V5.3.2).
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        except OSError as error:
            msg = f"the folder for uploads cannot be made: {error.strerror}"
            raise ConfigurationError(msg) from error
        self.folder: Path = folder.resolve()

    def write(self, name: str, data: bytes) -> None:
        """See ``UploadStorage``."""
        part, whole = self.folder / (name + PART), self.folder / name
        with _as_outage():
            try:
                descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(descriptor)
                # A link, unlike a rename, never takes the place of what is there.
                os.link(part, whole)
            finally:
                with suppress(FileNotFoundError):
                    part.unlink()
            self._sync_folder()

    def open(self, name: str) -> BinaryIO:
        """See ``UploadStorage``."""
        with _as_outage():
            try:
                return BytesIO((self.folder / name).read_bytes())
            except FileNotFoundError:
                raise UploadMissing(name) from None

    def delete(self, name: str) -> None:
        """See ``UploadStorage``."""
        with _as_outage():
            for path in (self.folder / (name + PART), self.folder / name):
                path.unlink(missing_ok=True)

    def _sync_folder(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def require_unserved(folder: Path, served: Iterable[Path]) -> None:
    """Refuse a folder for uploads that shares its files with one that is sent to everybody.

    Args:
        folder: where uploads are to be kept.
        served: the folders of static and media files, which no rule of a route guards.

    Raises:
        ConfigurationError: one of them is the folder itself, or lies in it or around it; links are followed.

    Threat: files that a web server sends unchecked, without a sandbox, or runs (V5.3.1).
    """
    own = folder.resolve()
    for other in {path.resolve() for path in served}:
        if own.is_relative_to(other) or other.is_relative_to(own):
            msg = f"uploads need a folder of its own: {own} shares its files with {other}, sent to everybody"
            raise ConfigurationError(msg)


@contextmanager
def _as_outage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        msg = "the folder of uploads did not answer"
        raise StoreUnavailable(msg) from error
