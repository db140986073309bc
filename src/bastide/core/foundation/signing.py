"""Keyed tags over short messages; one derived key per purpose."""

import hmac
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

    Raises:
        ConfigurationError: the key is shorter than 32 bytes.

    Threat: a token minted for one form presented at another (V9.2.2).
    Spec: RFC 2104, RFC 5869.
    """

    __slots__ = ("_key",)

    def __init__(self, key: Secret, *, purpose: str) -> None:
        material = key.reveal().encode()
        if len(material) < MIN_KEY_SIZE_BYTES:
            msg = f"the secret key has {len(material)} bytes; it needs at least {MIN_KEY_SIZE_BYTES}"
            raise ConfigurationError(msg)
        info = f"bastide:{purpose}".encode()
        self._key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(material)

    def tag(self, message: bytes) -> bytes:
        """Return the 32-byte tag of ``message``."""
        return hmac.digest(self._key, message, "sha256")

    def matches(self, message: bytes, presented_tag: bytes) -> bool:
        """Tell in constant time whether ``presented_tag`` is the tag of ``message``."""
        return hmac.compare_digest(self.tag(message), presented_tag)
