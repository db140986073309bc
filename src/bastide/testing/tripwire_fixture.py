"""A test fails when it touches a tripwire, whatever the application made of the error."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pytest

# Among the application's settings, while it is tested.
RAISING_TRIPWIRES: Final[Mapping[str, Mapping[str, Any]]] = {
    "tripwires": {"on_query": "raise", "on_reflection": "raise"}
}


class Tripped(logging.Handler):
    """Collects what tripped while it listens."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message and the stack that led there."""
        self.messages.append(f"{record.getMessage()}\n{record.stack_info or ''}".rstrip())

    @contextmanager
    def expected(self) -> Iterator[list[str]]:
        """Give the messages of what trips inside; none of them fails the test.

        Raises:
            AssertionError: nothing tripped.
        """
        before, inside = self.messages, []  # type: tuple[list[str], list[str]]
        self.messages = inside
        try:
            yield inside
        finally:
            self.messages = before
        assert inside, "no tripwire was touched"  # noqa: S101 -- for tests


@pytest.fixture(autouse=True)
def tripwires() -> Iterator[Tripped]:
    """Fail the test at its end where a tripwire was touched outside of ``tripwires.expected()``."""
    tripped = Tripped()
    logger = logging.getLogger("bastide.tripwires")
    logger.addHandler(tripped)
    try:
        yield tripped
    finally:
        logger.removeHandler(tripped)
    if tripped.messages:
        pytest.fail("\n".join(tripped.messages), pytrace=False)
