"""Characters that no text may hold."""

import pytest

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import (
    PERSON_NAME,
    TextRule,
)
from support.rows import rows

TITLE = TextRule(field="title", min_length=5, max_length=200)


@rows("char", ["\uffff", "\ufffe", "\ufdd0", "\U0001fffe"])
def test_noncharacters_are_refused_and_their_neighbours_kept(char: str) -> None:
    with pytest.raises(InvalidInput):
        TITLE.parse(f"Title {char}")
    assert TITLE.parse("Title \ufdf0\ufffd") == "Title \ufdf0\ufffd"


@pytest.mark.parametrize("text", ["\u200b\u200d", "\u3164", "\u2060 \u200b"])
def test_a_name_shows_something(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        PERSON_NAME.parse(text)
    assert caught.value.code == "invisible"
