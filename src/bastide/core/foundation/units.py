"""Several writes that stand or fall together, and what is to be told only once they stand."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar


class Units:
    """Opens a unit: a crash between two of its writes leaves neither (V2.3.3).

    Rows of accounts and tickets are written before the event that tells of it: the head of the log is
    everybody's, and whoever holds it must not wait for a row of somebody else's.

    Args:
        begin: opens the stores' transaction; see ``Stores.unit``.
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[None]]) -> None:
        self._begin = begin
        self._waiting: ContextVar[list[Callable[[], object]] | None] = ContextVar("waiting", default=None)

    @property
    def is_open(self) -> bool:
        """Tell whether the caller is inside a unit."""
        return self._waiting.get() is not None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Open a unit, or stay in the one at hand."""
        if self.is_open:
            yield
            return
        waiting: list[Callable[[], object]] = []
        token = self._waiting.set(waiting)
        try:
            with self._begin():
                yield
        finally:
            self._waiting.reset(token)
        for call in waiting:
            call()

    def afterwards(self, call: Callable[[], object]) -> None:
        """Call once everything is kept, or at once where no unit is open; never after a failure."""
        waiting = self._waiting.get()
        if waiting is None:
            call()
        else:
            waiting.append(call)
