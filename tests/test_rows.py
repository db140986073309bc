"""Rows of one claim: all are tried, and each that fails is named."""

import pytest

from support.rows import rows

tried: list[tuple[str, int]] = []


@rows("number", [1, 2])
@rows(("text", "length"), [("ab", 2), ("c", 1)])
def test_rows_of_rows_are_tried_beside_the_fixtures(
    request: pytest.FixtureRequest, text: str, length: int, number: int
) -> None:
    assert request.node.name == "test_rows_of_rows_are_tried_beside_the_fixtures"
    assert len(text) == length
    tried.append((text, number))
    assert len(tried) <= 4


def test_every_row_is_tried_and_each_that_fails_is_named() -> None:
    seen = []

    @rows("number", [3, 1, 0, 2])
    def claim(number: int) -> None:
        seen.append(number)
        with pytest.raises(ZeroDivisionError):
            1 / number
        assert number

    with pytest.raises(BaseExceptionGroup) as caught:
        claim()
    assert seen == [3, 1, 0, 2]
    assert caught.value.message == "4 of 4 rows: (3,), (1,), (0,), (2,)"
    assert [error.__notes__ for error in caught.value.exceptions] == [
        ["in the row (3,)"], ["in the row (1,)"], ["in the row (0,)"], ["in the row (2,)"],
    ]  # fmt: skip
    assert isinstance(caught.value.exceptions[2], AssertionError)
