"""The bodies of answers: what their generators do belongs to the request, to the last chunk."""

from collections.abc import Iterable, Iterator
from typing import Any

from bastide.flask.state import EXCHANGE_KEY, REQUEST_KEY, STREAMED


class Stream:
    """The body of an answer: what its generator does belongs to the request, to the last chunk.

    Statements are looked at and events are the request's, although Flask took its context away.
    """

    def __init__(self, body: Iterable[bytes], environ: dict[str, Any]) -> None:
        self._body = body
        self._chunks = iter(body)
        self._environ = environ

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        token = STREAMED.set(self._environ)
        try:
            return next(self._chunks)
        finally:
            STREAMED.reset(token)

    def close(self) -> None:
        """Close the body, and keep what happened since the answer began."""
        token = STREAMED.set(self._environ)
        try:
            getattr(self._body, "close", _nothing)()
        finally:
            STREAMED.reset(token)
            self._environ[EXCHANGE_KEY].keep_events()
            self._environ.pop(REQUEST_KEY, None)


def _nothing() -> None:
    """Stand for the ``close`` that a body need not have."""
