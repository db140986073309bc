"""Tags hold for one purpose and message."""

import pytest

from bastide.core.foundation import ConfigurationError, Secret, Signer


@pytest.mark.asvs("V9.2.2", "V11.4.1")
def test_tags_hold_for_one_purpose_and_message() -> None:
    key = Secret("k" * 32)
    signer = Signer(key, purpose="one")
    tag = signer.tag(b"message")
    assert len(tag) == 32
    assert signer.matches(b"message", tag)
    assert not signer.matches(b"massage", tag)
    assert not Signer(key, purpose="two").matches(b"message", tag)
    assert not Signer(Secret("l" * 32), purpose="one").matches(b"message", tag)


def test_short_keys_stop_the_start() -> None:
    with pytest.raises(ConfigurationError, match="31 bytes"):
        Signer(Secret("k" * 31), purpose="one")


def test_what_a_former_key_signed_verifies_and_nothing_is_signed_with_it() -> None:
    old, new = Secret("o" * 32), Secret("n" * 32)
    before, after = Signer(old, purpose="one"), Signer(new, purpose="one", former=[old])
    assert after.matches(b"message", before.tag(b"message"))
    assert not after.matches(b"massage", before.tag(b"message"))
    assert not Signer(new, purpose="two", former=[old]).matches(b"message", before.tag(b"message"))
    assert after.tag(b"message") == Signer(new, purpose="one").tag(b"message")
    assert after.tags(b"message") == [after.tag(b"message"), before.tag(b"message")]
    with pytest.raises(ConfigurationError, match="3 bytes"):
        Signer(new, purpose="one", former=[Secret("old")])
