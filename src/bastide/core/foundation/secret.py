"""Text that must not leak through logs, tracebacks or templates, and its encodings."""

import base64
import binascii
import hashlib
import hmac
from typing import Final, final

DIGEST_SIZE_BYTES: Final = 32


@final
class Secret:
    """A string that shows itself only when asked.

    Threat: secrets in log lines, error reports and rendered pages (V16.2.5).
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text itself; every call site is a place to review."""
        return self._value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __reduce__(self) -> str:
        msg = "a Secret is not serialised"
        raise TypeError(msg)


def digest(value: bytes) -> bytes:
    """Return the 32-byte SHA-256 of a high-entropy secret; this is what stores keep.

    Spec: V7.2.3, V11.4.1. Not for passwords: those are hashed with Argon2id.
    """
    return hashlib.sha256(value).digest()


def encode_token(value: bytes) -> str:
    """Return ``value`` as base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def decode_token(presented: str, *, size_bytes: int) -> bytes | None:
    """Return the bytes of a canonical base64url token, or None for anything else."""
    try:
        raw = base64.b64decode(presented + "=" * (-len(presented) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != size_bytes or encode_token(raw) != presented:
        return None
    return raw
