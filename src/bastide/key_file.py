"""The key ring as an application is given it: lines in the environment, or a file that only it reads.

``python -m bastide.key_file`` prints a first ring, before there is an application that could start.
"""

import os
import shlex
import stat
import sys
from pathlib import Path
from typing import Final

from bastide.core.encryption import NEW_RING, KeyRing, LiveRing, new_ring
from bastide.core.foundation import Clock, ConfigurationError, SystemEntropy

_FORBIDDEN: Final = stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH


def read_ring(given: str | Path, *, clock: Clock | None = None) -> LiveRing | None:
    """Return the ring, or None for nothing; keys that join its file are taken up by whoever serves.

    Args:
        given: the lines of the ring, which stay as they are; or the path of the file that holds them, as a
            ``Path`` or as text that begins with ``/``.
        clock: the time.

    Raises:
        ConfigurationError: the file is missing, others may read it or the group may write to it, or it holds
            no ring.

    Threat: a key beside the data that it seals, or readable by all of the machine (V13.3.1, V13.3.2).
    """
    if isinstance(given, Path) or given.startswith("/"):
        file = _RingFile(Path(given))
        return LiveRing(file.read(), read=file.read_changed, clock=clock)
    return LiveRing(KeyRing.parse(given)) if given else None


class _RingFile:
    """The file of a ring, which is read again when it was written, replaced or opened to others."""

    def __init__(self, path: Path) -> None:
        # Wherever the process goes.
        self._path = path.absolute()
        self._seen: tuple[int, ...] = ()

    def read(self) -> KeyRing:
        seen = self._state()
        ring = KeyRing.parse(_read_private(self._path))
        self._seen = seen
        return ring

    def read_changed(self) -> KeyRing | None:
        return None if self._state() == self._seen else self.read()

    def _state(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except OSError:
            return ()  # reading it says what is wrong
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _read_private(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        msg = (
            f"the key file {path} cannot be read ({type(error).__name__}): put the key ring back there; where"
            f" there was none yet, `(umask 077; {NEW_RING} >> {shlex.quote(str(path))})` makes it"
        )
        raise ConfigurationError(msg) from None
    if mode & _FORBIDDEN:
        msg = f"others may read the key file {path}, or the group may change it: chmod 600 {path}"
        raise ConfigurationError(msg)
    return text


if __name__ == "__main__":
    sys.stdout.write(new_ring(SystemEntropy()))
