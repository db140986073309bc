"""Secrets show themselves only when asked, and tokens have one spelling."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import (
    Secret,
    decode_token,
    encode_token,
)
from support.rows import rows


@pytest.mark.asvs("V16.2.5")
def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret("open sesame")
    assert "sesame" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "open sesame"
    assert secret == Secret("open sesame")
    assert hash(secret) == hash(Secret("open sesame"))
    assert secret != Secret("open sesam")
    assert secret != "open sesame"
    with pytest.raises(TypeError):
        copy.deepcopy(secret)


@given(st.binary(max_size=64))
def test_tokens_decode_to_what_was_encoded(raw: bytes) -> None:
    assert decode_token(encode_token(raw), size_bytes=len(raw)) == raw


@pytest.mark.asvs("V7.2.1")
@rows("forged", ["", "AAA", "AAAA=", "AA+A", "AA/A", "AAAé", "AAAA\n", "AAB", "A" * 5000, "\ud800"])
def test_tokens_that_are_not_canonical_are_refused(forged: str) -> None:
    assert decode_token(forged, size_bytes=3) is None
    assert decode_token("AAAA", size_bytes=3) == b"\0\0\0"
    assert decode_token("AAF", size_bytes=2) is None
