"""Keyed tags over short messages; one derived key per purpose."""

import hmac
from collections.abc import Sequence
from typing import Final, final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bastide.core.foundation.errors import ConfigurationError
from bastide.core.foundation.secret import Secret

TAG_SIZE_BYTES: Final = 32
MIN_KEY_SIZE_BYTES: Final = 32


@final
class Signer:
    """Makes and checks HMAC-SHA256 tags that hold for one purpose only.

    Args:
        key: the application's secret, at least 32 bytes of entropy as text.
        purpose: a constant name such as ``csrf``; tags never verify across purposes.
        former: secrets that the key replaced: their tags still verify, and none is made with them (K6).

    Raises:
        ConfigurationError: a key is shorter than 32 bytes.

    Threat: a token minted for one form presented at another (V9.2.2).
    Spec: RFC 2104, RFC 5869.
    """

    __slots__ = ("_former", "_key")

    def __init__(self, key: Secret, *, purpose: str, former: Sequence[Secret] = ()) -> None:
        self._key = _derive(key, purpose)
        self._former = tuple(_derive(old, purpose) for old in former)

    def tag(self, message: bytes) -> bytes:
        """Return the 32-byte tag of ``message``."""
        return hmac.digest(self._key, message, "sha256")

    def tags(self, message: bytes) -> list[bytes]:
        """Return the tags that verify: the one under the key, and those under former ones."""
        return [self.tag(message), *(hmac.digest(key, message, "sha256") for key in self._former)]

    def matches(self, message: bytes, presented_tag: bytes) -> bool:
        """Tell in constant time whether ``presented_tag`` is a tag of ``message``."""
        return any(hmac.compare_digest(tag, presented_tag) for tag in self.tags(message))


def is_long_enough(key: Secret) -> bool:
    """Tell whether ``key`` may sign."""
    return len(key.reveal().encode()) >= MIN_KEY_SIZE_BYTES


def _derive(key: Secret, purpose: str) -> bytes:
    material = key.reveal().encode()
    if not is_long_enough(key):
        msg = f"the secret key has {len(material)} bytes; it needs at least {MIN_KEY_SIZE_BYTES}"
        raise ConfigurationError(msg)
    info = f"bastide:{purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(material)
