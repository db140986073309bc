"""Bodies that the server cannot take apart: the caller's fault, whatever the server calls it."""

from typing import Any


class ChunkedBody:
    """``wsgi.input`` whose failures are ``OSError``, which werkzeug answers with 400.

    Servers raise classes of their own when the chunks of a body are framed wrongly or cut off (RFC 9112,
    7.1); PEP 3333 names none.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, *size: int) -> bytes:
        """Return what comes next."""
        try:
            found: bytes = self._stream.read(*size)
        except Exception as error:
            message = "the body cannot be read"
            raise OSError(message) from error
        return found
