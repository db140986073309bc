"""PBKDF2: werkzeug's, Django's and passlib's."""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from bastide.core.sign_in.passwords.readers.parts import (
    Limits,
    ReadHash,
    encode,
    from_base64,
    from_hex,
    require_cost,
    require_form,
    take_apart,
)

_HASHES: Final = r"(?P<hash>sha1|sha224|sha256|sha384|sha512)"
_WERKZEUG: Final = re.compile(
    rf"pbkdf2:{_HASHES}:(?P<iterations>[0-9]{{1,10}})\$(?P<salt>[^$]*)\$(?P<digest>[^$]+)"
)
_DJANGO: Final = re.compile(
    r"pbkdf2_(?P<hash>sha1|sha256)\$(?P<iterations>[0-9]{1,10})\$(?P<salt>[^$]+)\$(?P<digest>[^$]+)"
)
_PASSLIB: Final = re.compile(
    r"\$pbkdf2(?:-(?P<hash>sha256|sha512))?\$(?P<iterations>[0-9]{1,10})\$(?P<salt>[^$]*)\$(?P<digest>[^$]+)"
)


def parse_pbkdf2(stored: str, limits: Limits) -> ReadHash | None:
    """Return the hash taken apart, or None where it is no PBKDF2.

    Raises:
        UnreadableHash: it is malformed, or too costly.

    Spec: RFC 8018 5.2.
    """
    if stored.startswith("pbkdf2:"):
        part = take_apart(_WERKZEUG, stored)
        return _read(part, encode(part["salt"]), from_hex(part["digest"]), limits)
    if stored.startswith("pbkdf2_"):
        part = take_apart(_DJANGO, stored)
        return _read(part, encode(part["salt"]), from_base64(part["digest"]), limits)
    if stored.startswith("$pbkdf2"):
        part = take_apart(_PASSLIB, stored)
        salt, expected = (from_base64(part[name], special="./") for name in ("salt", "digest"))
        return _read(part, salt, expected, limits)
    return None


def _read(part: Mapping[str, str], salt: bytes, expected: bytes, limits: Limits) -> ReadHash:
    name, iterations = part["hash"] or "sha1", int(part["iterations"])
    require_cost(ok=iterations <= limits.iterations)
    # A longer digest would take that many times the iterations.
    require_form(ok=iterations >= 1 and len(expected) == hashlib.new(name).digest_size)

    def make(password: bytes) -> bytes:
        digest = hashlib.pbkdf2_hmac(name, password, salt, iterations)
        # HMAC fills its key up with NULs: `abc` and `abc\0` would be one password.
        return b"" if password.endswith(b"\0") else digest

    return ReadHash(cost=f"pbkdf2:{name},{iterations}", make=make, expected=expected)
