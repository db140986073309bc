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
