"""A hash taken apart computes nothing until a password is put to it, and each form of one once."""

import pytest

from bastide.core.sign_in.passwords.readers import HashFault, Limits, ReadHash, UnreadableHash
from bastide.core.sign_in.passwords.readers.parts import encode, from_base64, from_hex
from support.rows import rows


def test_a_wrong_password_is_tried_in_every_form_and_each_form_once() -> None:
    made = list[bytes]()

    def make(password: bytes) -> bytes:
        made.append(password)
        return password

    def doubled(password: str) -> bytes:
        return encode(password * 2)

    found = ReadHash(cost="", make=make, expected=b"abab", tries=(encode, doubled, encode))
    assert made == []
    assert not found.matches("a")
    assert made == [b"a", b"aa"]
    assert found.matches("ab")
    assert made[2:] == [b"ab", b"abab"]


def test_no_two_texts_are_hashed_as_the_same_bytes() -> None:
    assert encode("\ud800") == b"\xed\xa0\x80"
    assert encode("ä") != encode("a\u0308")


@rows(
    "text, special, expected", [("YWI", "+/", b"ab"), ("YWI=", "+/", b"ab"), (".//.", "./", b"\xfb\xff\xfe")]
)
def test_base64_is_read_padded_and_bare_and_in_the_alphabet_of_passlib(
    text: str, special: str, expected: bytes
) -> None:
    assert from_base64(text, special=special) == expected


@rows(
    "read, text",
    [(from_base64, "a"), (from_base64, "a$b="), (from_base64, "YWI\n"), (from_hex, "abc"), (from_hex, "zz")],
)
def test_what_is_no_digest_is_malformed(read: object, text: str) -> None:
    assert callable(read)
    with pytest.raises(UnreadableHash) as raised:
        read(text)
    assert raised.value.fault is HashFault.MALFORMED


@pytest.mark.asvs("V15.2.2")
def test_memory_and_the_passes_over_it_have_a_limit() -> None:
    limits = Limits(memory_kib=100)
    limits.require_memory(100, passes=4)
    for memory, passes in ((101, 1), (100, 5)):
        with pytest.raises(UnreadableHash) as raised:
            limits.require_memory(memory, passes=passes)
        assert raised.value.fault is HashFault.TOO_COSTLY
