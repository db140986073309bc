"""Which fields and which ids arrive."""

import pytest

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import parse_fields, parse_identifier
from support.rows import rows


def test_fields_of_a_query_are_named_so() -> None:
    with pytest.raises(InvalidInput, match="query: unknown_field"):
        parse_fields({"author__password": ["x"]}, declared=("sort",), place="query")


@pytest.mark.asvs("V1.4.2")
@rows("raw", ["0", "-1", str(2**31), str(10**30), "", "1.0", "１", "1\n", " 1"])
def test_ids_out_of_bounds_are_refused(raw: str) -> None:
    with pytest.raises(InvalidInput):
        parse_identifier(raw)
    assert parse_identifier(str(2**31 - 1)) == 2**31 - 1


@pytest.mark.asvs("V15.3.3", "V15.3.7")
def test_only_declared_fields_arrive_once_each() -> None:
    assert parse_fields({"a": ["1"], "token": ["t"]}, declared=("a", "b"), ignored=("token",)) == {
        "a": "1",
        "b": "",
    }
    with pytest.raises(InvalidInput, match="unknown_field"):
        parse_fields({"role": ["admin"]}, declared=("a",))
    with pytest.raises(InvalidInput, match="repeated_field"):
        parse_fields({"a": ["1", "2"]}, declared=("a",))
