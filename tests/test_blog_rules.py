"""The blog's own fields: their bounds, and that no text breaks a rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import FieldRule
from blog_shared.rules import (
    BIO,
    COMMENT_BODY,
    FULL_NAME,
    MESSAGE,
    POST_CONTENT,
    POST_TITLE,
    SUBJECT,
    TAGS,
)

BOUNDS = [
    (POST_TITLE, 5, 200), (POST_CONTENT, 10, 10_000), (COMMENT_BODY, 2, 2_000), (SUBJECT, 3, 120),
    (MESSAGE, 10, 1_000),
]  # fmt: skip


@pytest.mark.asvs("V2.2.1")
@pytest.mark.parametrize(("rule", "shortest", "longest"), BOUNDS, ids=[row[0].field for row in BOUNDS])
def test_a_text_within_its_bounds_passes_and_one_beyond_is_refused(
    rule: FieldRule, shortest: int, longest: int
) -> None:
    for length in (shortest, longest):
        assert rule.parse("x" * length) == "x" * length
    for raw, code in (
        ("", "required"),
        ("x" * (shortest - 1), "too_short"),
        ("x" * (longest + 1), "too_long"),
    ):
        with pytest.raises(InvalidInput, match=code):
            rule.parse(raw)


@pytest.mark.asvs("V2.2.1")
def test_a_full_name_may_be_left_out() -> None:
    assert FULL_NAME.parse("") is None
    assert FULL_NAME.parse("李") == "李"
    with pytest.raises(InvalidInput, match="too_long"):
        FULL_NAME.parse("x" * 101)


@pytest.mark.asvs("V2.2.1")
def test_a_biography_has_five_words_or_is_none() -> None:
    assert BIO.parse("") is None
    assert BIO.parse("one two three four five") == "one two three four five"
    with pytest.raises(InvalidInput, match="too_few_words"):
        BIO.parse("only four words here")
    with pytest.raises(InvalidInput, match="too_long"):
        BIO.parse("w " * 250 + "w")


@pytest.mark.asvs("V2.2.1")
def test_a_post_has_ten_tags_of_forty_letters_at_most() -> None:
    assert TAGS.parse("") == ()
    assert TAGS.parse("a, B,a,, b ,c-d_1") == ("a", "b", "c-d_1")
    assert TAGS.parse(",".join("abcdefghij")) == tuple("abcdefghij")
    assert TAGS.parse("x" * 40) == ("x" * 40,)
    for raw, code in (
        ("x" * 501, "too_long"), (",".join("abcdefghijk"), "too_many_tags"),
        ("a b", "tag_characters"), ("x" * 41, "tag_characters"), ("<b>", "tag_characters"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=code):
            TAGS.parse(raw)


@pytest.mark.parametrize(
    "rule", [BIO, FULL_NAME, TAGS, *(row[0] for row in BOUNDS)], ids=lambda rule: rule.field
)
@given(raw=st.text(max_size=40))
def test_no_text_breaks_a_rule(rule: FieldRule, raw: str) -> None:
    try:
        value = rule.parse(raw)
    except InvalidInput as error:
        assert error.field == rule.field  # noqa: PT017 -- either outcome is checked
        return
    assert value is None or "\x00" not in str(value)
