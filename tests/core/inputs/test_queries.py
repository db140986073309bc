"""Sorting, filtering, paging and searching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import ConfigurationError, InvalidInput
from bastide.core.inputs import Direction, Page, SortMap, escape_like, parse_page, parse_query, parse_term


def test_a_list_may_end_earlier_than_others() -> None:
    assert parse_page("40", size=25, last=40).offset == 975
    for asked in ("41", "0", "-1", "1e3", "¹", "1 OR 1=1"):
        with pytest.raises(InvalidInput):
            parse_page(asked, size=25, last=40)


SORTS = SortMap(columns={"date": "post.date", "title": "post.title"}, default="date", tie_break="post.id")


@pytest.mark.asvs("V1.2.4")
def test_sorts_come_from_the_map_alone() -> None:
    order = SORTS.parse("title", "desc")
    assert (order.column, order.direction, order.tie_break) == ("post.title", Direction.DESCENDING, "post.id")
    assert SORTS.parse(None, None).key == "date"
    for key, direction in (
        ("id", None),
        ("", None),
        ("title; DROP", None),
        ("title", "sideways"),
        ("title", ""),
    ):
        with pytest.raises(InvalidInput, match="undeclared"):
            SORTS.parse(key, direction)
    with pytest.raises(ConfigurationError):
        SortMap(columns={}, default="date", tie_break="post.id")


@pytest.mark.asvs("V15.3.3", "V15.3.7")
def test_a_list_reads_the_parameters_that_it_declares() -> None:
    declared = ("q", "page")
    assert parse_query({"q": ["x"]}, declared=declared) == {"q": "x"}
    assert parse_query({"q": [""], "page": ["2"]}, declared=declared) == {"q": "", "page": "2"}
    assert parse_query({}, declared=declared) == {}
    for presented, field, code in (
        ({"author__password": ["x"]}, "query", "unknown_field"),
        ({"q": ["x"], "role": ["administrator"]}, "query", "unknown_field"),
        ({"utm": ["x"]}, "query", "unknown_field"),
        ({"Q": ["x"]}, "query", "unknown_field"),
        ({"": [""]}, "query", "unknown_field"),
        ({"page": ["1", "2"]}, "page", "repeated_field"),
        ({"page": ["1", "1"]}, "page", "repeated_field"),
    ):
        with pytest.raises(InvalidInput) as caught:
            parse_query(presented, declared=declared)
        assert (caught.value.field, caught.value.code) == (field, code)


def test_what_others_add_to_links_is_dropped_unless_the_list_declares_it() -> None:
    added = {"utm_source": ["a", "b"], "utm_": ["x"], "fbclid": ["x"], "gclid": ["x"], "msclkid": ["x"]}
    assert parse_query({"q": ["x"], **added}, declared=("q",)) == {"q": "x"}
    assert parse_query({"fbclid": ["x"]}, declared=("fbclid",)) == {"fbclid": "x"}
    with pytest.raises(InvalidInput, match="repeated_field"):
        parse_query(added, declared=("utm_source",))


@pytest.mark.asvs("V1.4.2")
def test_pages_are_bounded() -> None:
    assert parse_page(None, size=8) == Page(1, 8)
    assert parse_page("3", size=8).offset == 16
    for raw in ("0", "-1", "10001", str(10**30), "x", "", "٣", "1\n"):
        with pytest.raises(InvalidInput):
            parse_page(raw, size=8)


def test_search_terms_are_bounded() -> None:
    assert parse_term(None) is None
    assert parse_term("  ") is None
    assert parse_term(" bread ") == "bread"
    for raw, code in (("x", "too_short"), ("x" * 101, "too_long"), ("a\x00b", "control_characters")):
        with pytest.raises(InvalidInput, match=code):
            parse_term(raw)


@given(st.text())
def test_escaped_like_patterns_mean_themselves(text: str) -> None:
    escaped = escape_like(text)
    assert escaped.replace("\\\\", "").replace("\\%", "").replace("\\_", "").count("%") == 0
    assert escape_like(r"100%_\x") == r"100\%\_\\x"
