"""Spans of time in words: exact, in the number that goes with them, in any language."""

from datetime import timedelta

import pytest

from bastide.pages import Messages
from bastide.pages.durations import duration_text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(days=2), "2 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(minutes=10), "10 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(seconds=61), "61 seconds"),
        (timedelta(seconds=1, milliseconds=999), "1 second"),
        (timedelta(), "0 seconds"),
    ],
)
def test_a_span_is_said_in_the_longest_unit_that_is_exact(span: timedelta, text: str) -> None:
    assert duration_text(span) == text


class Polish:
    """A language with three forms of a number."""

    def gettext(self, message: str) -> str:
        return message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        assert (singular, plural) == ("{number} minute", "{number} minutes")
        return {1: "{number} minuta", 2: "{number} minuty"}.get(number, "{number} minut")


def test_a_language_chooses_the_form_itself() -> None:
    t = Messages(Polish())
    said = [duration_text(timedelta(minutes=number), t) for number in (1, 2, 10)]
    assert said == ["1 minuta", "2 minuty", "10 minut"]
