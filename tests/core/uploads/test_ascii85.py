"""Letters are read as ``base64`` reads them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.uploads._ascii85 import decode_ascii85
from support.rows import rows


@given(st.binary(max_size=60) | st.lists(st.sampled_from([bytes(4), b"\xff" * 4, b"a"])).map(b"".join))
def test_what_was_written_is_read(data: bytes) -> None:
    assert decode_ascii85(base64.a85encode(data)) == data


@given(st.lists(st.integers(0x21, 0x75), max_size=12).map(bytes))
def test_any_letters_are_read_as_by_the_standard_library(letters: bytes) -> None:
    try:
        expected = base64.a85decode(letters)
    except ValueError:
        with pytest.raises(ValueError, match="group"):
            decode_ascii85(letters)
    else:
        assert decode_ascii85(letters) == expected


@rows("letters", [b"\x80", b"v", b"a b", b"~", b"uuuuu", b's8W-"'])
def test_what_is_no_letter_and_too_much_is_refused(letters: bytes) -> None:
    with pytest.raises(ValueError, match=r"group|code"):
        decode_ascii85(letters)
