"""The key ring as an application is given it: lines in the environment, or a file that only it reads.

``python -m bastide.key_file`` prints a first ring, before there is an application that could start.
"""

import os
import shlex
import stat
import sys
from pathlib import Path
from typing import Final

from bastide.core.encryption import NEW_RING, KeyRing, new_ring
from bastide.core.foundation import ConfigurationError, SystemEntropy

_FORBIDDEN: Final = stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH


def read_ring(given: str | Path) -> KeyRing | None:
    """Return the ring, or None for nothing.

    Args:
        given: the lines of the ring; or the path of the file that holds them, as a ``Path`` or as text that
            begins with ``/``.

    Raises:
        ConfigurationError: the file is missing, others may read it or the group may write to it, or it holds
            no ring.

    Threat: a key beside the data that it seals, or readable by all of the machine (V13.3.1, V13.3.2).
    """
    if isinstance(given, Path) or given.startswith("/"):
        return KeyRing.parse(_read_private(Path(given)))
    return KeyRing.parse(given) if given else None


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
