"""Ranges of a file (U4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.django.requests.ranges import RangeRefused, parse_range
from support.rows import rows


@rows(
    ("header", "expected"),
    [
        (None, None), ("", None), ("bytes=-", None), ("bytes=0-4", (0, 5)), ("bytes=5-", (5, 10)),
        ("bytes=-3", (7, 10)), ("bytes=-99", (0, 10)), ("bytes=2-99", (2, 10)), ("bytes=4-2", None),
        ("bytes=0-1,3-4", None), ("items=0-1", None), ("bytes=٠-١", None), ("bytes=0-0", (0, 1)),
        ("bytes=9-2", None), (f"bytes=0-{'9' * 16}", None),
    ],
)  # fmt: skip
def test_ranges(header: str | None, expected: tuple[int, int] | None) -> None:
    assert parse_range(header, 10) == expected


@rows("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_ranges_behind_the_end(header: str) -> None:
    with pytest.raises(RangeRefused):
        parse_range(header, 10)


@given(st.from_regex(r"\A[0-9]{0,3}-[0-9]{0,3}\Z") | st.text(max_size=20), st.integers(1, 50))
def test_a_range_is_never_outside_the_file(header: str, size: int) -> None:
    try:
        found = parse_range(f"bytes={header}", size)
    except RangeRefused:
        return
    assert found is None or 0 <= found[0] < found[1] <= size
