"""The bundled list of common passwords: sorted digests in one memory-mapped file."""

import hashlib
import mmap
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ENTRY_SIZE_BYTES: Final = 8
BUNDLED: Final = Path(__file__).parent / "common_passwords.bin"


def entry_of(password: str) -> bytes:
    """Return the entry under which a password stands in the list: 64 bits of SHA-256."""
    return hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()[:ENTRY_SIZE_BYTES]


def build_table(passwords: Iterable[str]) -> bytes:
    """Return the file's content for these passwords."""
    return b"".join(sorted({entry_of(password) for password in passwords}))


class CommonPasswords:
    """Looks passwords up without loading the list; worker processes share its pages.

    Args:
        path: a file made by ``build_table``.

    Spec: V6.2.4.
    """

    def __init__(self, path: Path = BUNDLED) -> None:
        with path.open("rb") as file:
            self._table = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._count = len(self._table) // ENTRY_SIZE_BYTES

    def __contains__(self, password: str) -> bool:
        wanted = entry_of(password)
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            start = middle * ENTRY_SIZE_BYTES
            if self._table[start : start + ENTRY_SIZE_BYTES] < wanted:
                low = middle + 1
            else:
                high = middle
        start = low * ENTRY_SIZE_BYTES
        return self._table[start : start + ENTRY_SIZE_BYTES] == wanted

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Unmap the file."""
        self._table.close()
