"""The text of API tokens: its looks, its check, and where it must not be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.api_tokens import bearer_of, find_token
from bastide.core.api_tokens.token_text import SCANNER_PATTERN, issue_token_text, parse_token
from bastide.core.foundation import (
    digest,
)
from bastide.testing import SeededEntropy
from support.rows import rows


@pytest.mark.asvs("V11.5.1", "V6.5.2")
def test_a_token_is_known_by_its_looks_and_only_its_digest_is_kept() -> None:
    made = issue_token_text(SeededEntropy())
    text = made.text.reveal()
    assert re.fullmatch(SCANNER_PATTERN, text)
    assert text.startswith(f"bst_{made.id}_")
    found = parse_token(text)
    assert found is not None
    assert (found.id, found.digest) == (made.id, made.digest) == (text[4:15], digest(text.encode()))
    assert text not in repr(made)
    assert issue_token_text(SeededEntropy(2)).text != made.text


def test_the_shape_of_tokens_stays_what_it_was() -> None:
    assert (
        issue_token_text(SeededEntropy()).text.reveal()
        == "bst_FAS6EHAwa2w_Te3FJnoIz4vKcYTQZUcigO7V9LCaNQycJie3HORWLeU2YWW6q"
    )


@given(st.integers(0, 64), st.characters(codec="utf-8"))
def test_a_typo_is_refused_without_asking_a_store(position: int, char: str) -> None:
    text = issue_token_text(SeededEntropy()).text.reveal()
    position %= len(text)
    changed = text[:position] + char + text[position + 1 :]
    assert (parse_token(changed) is not None) is (changed == text)


@given(st.text(st.characters()))
def test_anything_else_is_no_token(text: str) -> None:
    assert parse_token(text) is None
    assert parse_token("bst_" + text) is None
    assert find_token(text) is None


@rows(
    ("header", "presented"),
    [
        ("Bearer abc", "abc"), ("bearer  abc", "abc"), ("BEARER abc", "abc"), ("Bearer", ""), ("Bearer ", ""),
        ("Bearerabc", None), ("Basic YTpi", None), ("", None), ("Token abc", None), ("Bearer a b", "a b"),
    ],
)  # fmt: skip
def test_the_scheme_is_read_in_any_case(header: str, presented: str | None) -> None:
    assert bearer_of(header) == presented


def test_a_token_is_found_where_it_must_not_be() -> None:
    text = issue_token_text(SeededEntropy()).text.reveal()
    assert find_token(f"q=1&access_token={text}&x=2") == text
    assert find_token("access_token=bst_" + "x" * 61) is None
    assert find_token("q=bst_") is None
