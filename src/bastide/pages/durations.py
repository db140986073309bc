"""Spans of time in words, for pages and mails that name a lifetime from the settings in force."""

from datetime import timedelta
from typing import Final

from bastide.pages.messages import MESSAGES, Messages

_SECOND: Final = ("seconds", timedelta(seconds=1))
_LONGER: Final = (
    ("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1))
)  # fmt: skip


def duration_text(span: timedelta, t: Messages = MESSAGES) -> str:
    """Return the span in the longest unit that says it exactly: "1 hour", "90 minutes", "2 days".

    Args:
        span: zero or more. Parts of a second are left out, so that a text never promises too much.
        t: the texts of the language at hand.
    """
    unit, size = next((unit for unit in _LONGER if span >= unit[1] and not span % unit[1]), _SECOND)
    return t.count_text(unit, span // size)
