"""Weak hashes: digests that a graphics card tries by the billion; and Argon2id laid over them.

They are read only where the settings name them, so that a row in such a format opens nothing elsewhere.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Final

from bastide.core.foundation import ConfigurationError
from bastide.core.sign_in.passwords.readers.argon2 import parse_argon2
from bastide.core.sign_in.passwords.readers.parts import (
    Limits,
    ReadHash,
    UnreadableHash,
    encode,
    from_hex,
    take_apart,
)
from bastide.core.sign_in.ports import HashFault


def _plain(name: str, _salt: bytes, password: bytes) -> bytes:
    return hashlib.new(name, password, usedforsecurity=False).digest()


def _salted(name: str, salt: bytes, password: bytes) -> bytes:
    return hashlib.new(name, salt + password, usedforsecurity=False).digest()


def _keyed(name: str, salt: bytes, password: bytes) -> bytes:
    return hmac.digest(salt, password, name)


# Format: how a digest is made of salt and password.
_MAKERS: Final[dict[str, Callable[[bytes, bytes], bytes]]] = {
    **{f"hex_{name}": partial(_plain, name) for name in ("md5", "sha1", "sha256", "sha512")},
    **{f"django_{name}": partial(_salted, name) for name in ("md5", "sha1")},
    **{f"werkzeug_{name}": partial(_keyed, name) for name in ("md5", "sha1", "sha256", "sha512")},
}
WEAK_FORMATS: Final = frozenset(_MAKERS)

_DIGEST_BY_LENGTH: Final = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
_HEX: Final = re.compile(r"(?P<digest>[0-9A-Fa-f]+)")
_SALTED: Final = re.compile(r"(?P<hash>md5|sha1|sha256|sha512)\$(?P<salt>[^$]*)\$(?P<digest>[0-9A-Fa-f]+)")
_WRAPPED: Final = re.compile(r"bastide\$(?P<format>[a-z0-9_]+)\$(?P<salt>[^$]*)(?P<inner>\$argon2id\$.+)")


def require_one_meaning(formats: Collection[str]) -> None:
    """Raise ``ConfigurationError`` where two formats are spelled alike."""
    for name in ("md5", "sha1"):
        if {f"django_{name}", f"werkzeug_{name}"} <= set(formats):
            msg = f"django_{name} and werkzeug_{name} are spelled alike: name the one that made the hashes"
            raise ConfigurationError(msg)


def parse_weak(stored: str, named: Collection[str]) -> ReadHash | None:
    """Return the hash taken apart, or None where it is none of the weak formats.

    Args:
        stored: the hash.
        named: the formats that may be read.

    Raises:
        UnreadableHash: it is malformed, or not of a format that is named.
    """
    if _HEX.fullmatch(stored) and len(stored) in _DIGEST_BY_LENGTH:
        return _read({f"hex_{_DIGEST_BY_LENGTH[len(stored)]}"}, "", stored, named)
    if not stored.startswith(tuple(f"{name}$" for name in _DIGEST_BY_LENGTH.values())):
        return None
    part = take_apart(_SALTED, stored)
    if not part["salt"]:
        return _read({f"hex_{part['hash']}"}, "", part["digest"], named)
    makers = {f"{maker}_{part['hash']}" for maker in ("django", "werkzeug")}
    return _read(makers, part["salt"], part["digest"], named)


def parse_wrapped(stored: str, limits: Limits) -> ReadHash | None:
    """Return a weak hash with Argon2id over it taken apart, or None where it is none.

    Raises:
        UnreadableHash: it is malformed, or too costly.
    """
    if not stored.startswith("bastide$"):
        return None
    part = take_apart(_WRAPPED, stored)
    inner = parse_argon2(part["inner"], limits)
    if inner is None or part["format"] not in _MAKERS:
        raise UnreadableHash(HashFault.MALFORMED)
    weak = partial(_MAKERS[part["format"]], encode(part["salt"]))
    return ReadHash(
        cost=inner.cost, make=lambda password: inner.make(weak(password)), expected=inner.expected
    )


def wrap_weak(weak: ReadHash, make: Callable[[bytes], str]) -> str:
    """Return the weak hash with Argon2id over it.

    Args:
        weak: as read.
        make: makes the Argon2id hash of bytes.
    """
    return f"bastide${weak.weak_format}${weak.salt}{make(weak.expected)}"


def _read(possible: Collection[str], salt: str, digest: str, named: Collection[str]) -> ReadHash:
    found = sorted(set(possible) & set(named))
    if not found:
        raise UnreadableHash(HashFault.NOT_NAMED)
    return ReadHash(
        cost=found[0], make=partial(_MAKERS[found[0]], encode(salt)), expected=from_hex(digest),
        weak_format=found[0], salt=salt,
    )  # fmt: skip
