"""Entity tags and what is asked of them (RFC 9110, 13.1)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import PreconditionFailed
from bastide.core.inputs import entity_tag, is_known, require_unchanged
from support.rows import rows

TAG = entity_tag({"title": "One"})
OTHER = entity_tag({"title": "Two"})
TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner, max_size=4), max_leaves=8
)


def may_change(if_match: str | None = None, if_none_match: str | None = None) -> bool:
    try:
        require_unchanged(TAG, if_match=if_match, if_none_match=if_none_match)
    except PreconditionFailed:
        return False
    return True


@given(st.dictionaries(TEXT, JSON, max_size=6))
def test_a_tag_is_that_of_the_members_in_whatever_order(shown: dict[str, object]) -> None:
    tag = entity_tag(shown)
    assert tag == entity_tag(dict(reversed(shown.items())))
    assert tag == entity_tag(json.loads(json.dumps(shown)))
    assert (len(tag), tag[0], tag[-1]) == (34, '"', '"')
    assert tag != entity_tag({**shown, "another": None, "more": 1})
    assert is_known(tag, if_none_match=tag)


@pytest.mark.asvs("V15.4.2")
@rows(
    "header",
    [TAG, f" {TAG} ", f"{OTHER}, {TAG}", f"{OTHER},{TAG}", "*", " * ", f'"", {TAG}', f"W/{OTHER},\t{TAG}"],
)
def test_who_saw_what_is_there_may_change_it(header: str) -> None:
    assert may_change(if_match=header)
    assert is_known(TAG, if_none_match=header)
    assert not may_change(if_none_match=header)


@pytest.mark.asvs("V15.4.2")
@rows(
    "header", ["", OTHER, f"W/{OTHER}", TAG.strip('"'), f"x {TAG}", f"{TAG} x", f"{TAG}{TAG}", f"w/{TAG}", f"{TAG},",
    '"' * 10_000, f"{OTHER}," * 5_000, "**", f"*, {TAG}", f"{TAG}\r\n", "\x00"]
)  # fmt: skip
def test_what_names_nothing_else_or_cannot_be_read_matches_nothing(header: str) -> None:
    assert not may_change(if_match=header)
    assert not is_known(TAG, if_none_match=header)
    assert may_change(if_none_match=header)


def test_a_weak_tag_is_good_for_reading_alone() -> None:
    assert is_known(TAG, if_none_match=f"W/{TAG}")
    assert not may_change(if_match=f"W/{TAG}")
    assert not may_change(if_none_match=f"W/{TAG}")


def test_who_asks_for_nothing_is_held_to_nothing() -> None:
    assert may_change()
    assert not is_known(TAG, if_none_match=None)


@given(st.text())
def test_no_header_is_more_than_a_mismatch(header: str) -> None:
    assert may_change(if_match=header) == (TAG in header or header.strip() == "*")
