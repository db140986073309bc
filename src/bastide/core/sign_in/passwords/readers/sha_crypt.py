"""SHA-crypt (``$5$``, ``$6$``): Unix systems', and passlib's ``sha256_crypt`` and ``sha512_crypt``.

From the published specification; the module of the standard library that asked the system for it is gone
since Python 3.13.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, TypeAlias

from bastide.core.sign_in.passwords.readers.parts import (
    Limits,
    ReadHash,
    encode,
    require_cost,
    require_form,
    take_apart,
)

_FORM: Final = re.compile(
    r"\$(?P<kind>[56])\$(?:rounds=(?P<rounds>[0-9]{1,9})\$)?(?P<salt>[^$]{0,16})\$(?P<digest>[./0-9A-Za-z]+)"
)
_HASHES: Final = {"5": "sha256", "6": "sha512"}
_LETTERS: Final = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGEST_LENGTHS: Final = {"sha256": 43, "sha512": 86}
_DEFAULT_ROUNDS: Final = 5000
_MIN_ROUNDS: Final = 1000
# What is done in each round grows with the password, which nothing else bounds.
_MAX_PASSWORD_BYTES: Final = 256
# After so many rounds what is added to each repeats: every second, third and seventh differ.
_PERIOD: Final = 42

_Hash: TypeAlias = Callable[[bytes], bytes]


def parse_sha_crypt(stored: str, limits: Limits) -> ReadHash | None:
    """Return the hash taken apart, or None where it is no SHA-crypt.

    Raises:
        UnreadableHash: it is malformed, or too costly.

    Spec: Drepper, Unix crypt using SHA-256 and SHA-512.
    """
    if not stored.startswith(("$5$", "$6$")):
        return None
    part = take_apart(_FORM, stored)
    name, rounds = _HASHES[part["kind"]], int(part["rounds"] or _DEFAULT_ROUNDS)
    require_cost(ok=rounds <= limits.sha_crypt_rounds)
    require_form(ok=rounds >= _MIN_ROUNDS and len(part["digest"]) == _DIGEST_LENGTHS[name])
    return ReadHash(
        cost=f"sha_crypt:{name},{rounds}",
        make=partial(_make, name, encode(part["salt"]), rounds),
        expected=part["digest"].encode(),
    )


def _make(name: str, salt: bytes, rounds: int, presented: bytes) -> bytes:
    """Return the hash; of what is too long nothing that any hash is, in the time of what is not.

    Threat: a long guess that is answered at once where there is an account with such a hash (V6.3.8).
    """
    new, password = getattr(hashlib, name), presented[:_MAX_PASSWORD_BYTES]

    def digest(data: bytes) -> bytes:
        found: bytes = new(data).digest()
        return found

    start = digest(password + salt + _of_both(password, digest(password + salt + password)))
    key = _stretched(digest(password * len(password)), len(password))
    spice = _stretched(digest(salt * (16 + start[0])), len(salt))
    made = _spelled(_repeated(digest, start, key, spice, rounds), name)
    return made if password == presented else b""


def _of_both(password: bytes, other: bytes) -> bytes:
    """Return the other digest to the password's length, then either of both by the bits of that length."""
    picked, length = [_stretched(other, len(password))], len(password)
    while length:
        picked.append(other if length & 1 else password)
        length >>= 1
    return b"".join(picked)


def _stretched(digest: bytes, length: int) -> bytes:
    return (digest * (length // len(digest) + 1))[:length]


def _repeated(digest: _Hash, start: bytes, key: bytes, spice: bytes, rounds: int) -> bytes:
    # Before and after what the round before made.
    around = [
        (key + more, b"") if number % 2 else (b"", more + key)
        for number in range(_PERIOD)
        for more in [(spice if number % 3 else b"") + (key if number % 7 else b"")]
    ]
    found = start
    for number in range(rounds):
        before, after = around[number % _PERIOD]
        found = digest(before + found + after)
    return found


def _spelled(digest: bytes, name: str) -> bytes:
    """Return the digest in the letters of crypt, its bytes in the order of the specification."""
    letters = bytearray()
    for group in _groups(name):
        bits = int.from_bytes(bytes(digest[place] for place in group), "big")
        letters += bytes(_LETTERS[bits >> 6 * number & 63] for number in range(-(-len(group) * 8 // 6)))
    return bytes(letters)


def _groups(name: str) -> Iterator[tuple[int, ...]]:
    """Yield the places of three bytes at a time, the last of which are fewer."""
    third = 10 if name == "sha256" else 21
    places = (0, third, 2 * third)
    for _ in range(third):
        yield places
        one, two, three = (place + 1 for place in places)
        places = (three, one, two) if name == "sha256" else (two, three, one)
    yield (31, 30) if name == "sha256" else (63,)
