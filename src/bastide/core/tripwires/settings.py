"""What happens when a tripwire is touched."""

from dataclasses import dataclass
from enum import StrEnum


class OnQuery(StrEnum):
    """Answers to a statement whose text carries a value of the request."""

    BLOCK = "block"
    RAISE = "raise"
    OFF = "off"


class OnReflection(StrEnum):
    """Answers to a page that gives markup of the request back as markup."""

    OFF = "off"
    RAISE = "raise"


@dataclass(frozen=True, slots=True, kw_only=True)
class TripwireSettings:
    """What the tripwires do.

    Attributes:
        on_query: answer to a statement whose text carries a value of the request: ``"block"`` keeps it
            from the database, records it and answers 400, ``"raise"`` makes it an error of the
            application, for tests and development, ``"off"`` looks at nothing.
        on_reflection: answer to a page that gives markup of the request back unescaped: ``"raise"`` in
            tests and development; looking costs time, so production has it ``"off"``.
    """

    on_query: OnQuery = OnQuery.BLOCK
    on_reflection: OnReflection = OnReflection.OFF


class TripwireTripped(AssertionError):
    """The application has a hole; raised in tests and development only."""
