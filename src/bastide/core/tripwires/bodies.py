"""Bodies that views read as a stream: what went through is known afterwards."""

from collections.abc import Callable, Iterator
from typing import Any, Final

# What one reads past this may reach a statement unseen; it is held in memory beside what the view holds.
MAX_NOTED: Final = 4_000_000


class NotedBody:
    """A stream that keeps the beginning of what was read from it.

    Threat: a value that reaches a statement's text past the framework's own forms and documents (V1.2.4).

    Args:
        stream: the body, as the server or the framework hands it over.
    """

    __slots__ = ("_noted", "_stream")

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._noted = bytearray()

    @property
    def noted(self) -> bytes:
        """What was read until now."""
        return bytes(self._noted)

    def read(self, *size: Any) -> bytes:
        """Return what comes next."""
        return self._note(self._stream.read(*size))

    def readline(self, *size: Any) -> bytes:
        """Return the next line."""
        return self._note(self._stream.readline(*size))

    def readlines(self, *_hint: Any) -> list[bytes]:
        """Return all lines that are left."""
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines that are left."""
        return iter(self.readline, b"")

    def seekable(self) -> bool:
        """Tell whether the stream can be read once more; that of a server cannot."""
        ask: Callable[[], bool] | None = getattr(self._stream, "seekable", None)
        return ask is not None and ask()

    def seek(self, *place: Any) -> int:
        """Go to another place of the stream and return where that is."""
        found: int = self._stream.seek(*place)
        return found

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def _note(self, found: bytes) -> bytes:
        left = MAX_NOTED - len(self._noted)
        if left > 0:
            self._noted += found[:left]
        return found
