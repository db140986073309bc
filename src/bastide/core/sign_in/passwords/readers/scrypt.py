"""scrypt: werkzeug's, Django's and passlib's, which spell one thing three ways."""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from bastide.core.sign_in.passwords.readers.parts import (
    MIN_DIGEST_BYTES,
    Limits,
    ReadHash,
    encode,
    from_base64,
    from_hex,
    require_form,
    take_apart,
)

_COSTS: Final = r"(?P<n>[0-9]{1,10}):(?P<r>[0-9]{1,10}):(?P<p>[0-9]{1,10})"
_WERKZEUG: Final = re.compile(rf"scrypt:{_COSTS}\$(?P<salt>[^$]*)\$(?P<digest>[^$]+)")
_DJANGO: Final = re.compile(
    r"scrypt\$(?P<n>[0-9]{1,10})\$(?P<salt>[^$]+)\$(?P<r>[0-9]{1,10})\$(?P<p>[0-9]{1,10})\$(?P<digest>[^$]+)"
)
_PASSLIB: Final = re.compile(
    r"\$scrypt\$ln=(?P<ln>[0-9]{1,2}),r=(?P<r>[0-9]{1,10}),p=(?P<p>[0-9]{1,10})\$(?P<salt>[^$]*)\$(?P<digest>[^$]+)"
)
_BLOCK_BYTES: Final = 128
_MAX_DIGEST_BYTES: Final = 64


def parse_scrypt(stored: str, limits: Limits) -> ReadHash | None:
    """Return the hash taken apart, or None where it is no scrypt.

    Raises:
        UnreadableHash: it is malformed, or too costly.

    Spec: RFC 7914 2.
    """
    if stored.startswith("scrypt:"):
        part = take_apart(_WERKZEUG, stored)
        return _read(part, int(part["n"]), encode(part["salt"]), from_hex(part["digest"]), limits)
    if stored.startswith("scrypt$"):
        part = take_apart(_DJANGO, stored)
        return _read(part, int(part["n"]), encode(part["salt"]), from_base64(part["digest"]), limits)
    if stored.startswith("$scrypt$"):
        part = take_apart(_PASSLIB, stored)
        salt, expected = from_base64(part["salt"]), from_base64(part["digest"])
        return _read(part, 1 << int(part["ln"]), salt, expected, limits)
    return None


def _read(part: Mapping[str, str], n: int, salt: bytes, expected: bytes, limits: Limits) -> ReadHash:
    r, p = int(part["r"]), int(part["p"])
    limits.require_memory(_BLOCK_BYTES * n * r // 1024, passes=p)
    limits.require_memory(_BLOCK_BYTES * r * p // 1024, passes=1)
    require_form(ok=n > 1 and n & (n - 1) == 0 and r >= 1 and p >= 1 and n.bit_length() <= 16 * r)
    require_form(ok=MIN_DIGEST_BYTES <= len(expected) <= _MAX_DIGEST_BYTES)

    def make(password: bytes) -> bytes:
        digest = hashlib.scrypt(
            password, salt=salt, n=n, r=r, p=p, maxmem=_BLOCK_BYTES * r * (n + p + 4), dklen=len(expected)
        )
        # It begins with PBKDF2, whose HMAC fills its key up with NULs.
        return b"" if password.endswith(b"\0") else digest

    return ReadHash(cost=f"scrypt:{n},{r},{p}", make=make, expected=expected)
