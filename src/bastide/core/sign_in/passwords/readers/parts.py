"""What the readers share: a hash taken apart, why one is not read, and what one may cost."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from bastide.core.foundation import BastideError
from bastide.core.sign_in.ports import HashFault

# Shorter ones are matched by chance, or by search.
MIN_DIGEST_BYTES: Final = 16
_WORK_PER_MEMORY: Final = 4


class UnreadableHash(BastideError):
    """Nothing can be checked against the stored hash.

    Attributes:
        fault: why.
    """

    def __init__(self, fault: HashFault) -> None:
        super().__init__(fault)
        self.fault = fault


def encode(password: str) -> bytes:
    """Return the bytes that are hashed; no two texts share them."""
    return password.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadHash:
    """A stored hash taken apart; nothing is computed until a password is put to it.

    Attributes:
        cost: family and parameters; what has the same cost takes the same time.
        make: what bytes become with the hash's salt and parameters.
        expected: what the right ones become.
        tries: each gives bytes that a typed password may have been hashed as.
        weak_format: name of the weak format that it is of, or empty.
        salt: of a weak one, as text.
    """

    cost: str
    make: Callable[[bytes], bytes]
    expected: bytes
    tries: Sequence[Callable[[str], bytes]] = (encode,)
    weak_format: str = ""
    salt: str = ""

    def matches(self, password: str) -> bool:
        """Tell whether ``password`` made the hash, in constant time for every wrong one."""
        forms = dict.fromkeys(prepare(password) for prepare in self.tries)
        return any(compare_digest(self.make(form), self.expected) for form in forms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one check may take; a hash that says more is refused before anything is computed.

    The stored hash says itself what checking it takes, and whoever writes to one row would decide how
    much memory each sign-in allocates.

    Attributes:
        memory_kib: of Argon2 and scrypt, in KiB; passes over it may come to four times that.
        lanes: of Argon2, each a thread.
        iterations: of PBKDF2.
        bcrypt_rounds: the logarithm of them.
        sha_crypt_rounds: of SHA-crypt, each of which Python makes.

    Threat: memory and time exhaustion by one row (V15.2.2).
    """

    memory_kib: int = 262_144
    lanes: int = 16
    iterations: int = 5_000_000
    bcrypt_rounds: int = 15
    sha_crypt_rounds: int = 1_000_000

    def require_memory(self, memory_kib: int, *, passes: int) -> None:
        """Raise ``UnreadableHash`` where a memory-hard hash takes too much."""
        require_cost(
            ok=memory_kib <= self.memory_kib and memory_kib * passes <= _WORK_PER_MEMORY * self.memory_kib
        )


def require_cost(*, ok: bool) -> None:
    """Raise ``UnreadableHash`` unless the cost is within the limits."""
    if not ok:
        raise UnreadableHash(HashFault.TOO_COSTLY)


def require_form(*, ok: bool) -> None:
    """Raise ``UnreadableHash`` unless the hash is well formed."""
    if not ok:
        raise UnreadableHash(HashFault.MALFORMED)


def take_apart(pattern: re.Pattern[str], stored: str) -> dict[str, str]:
    """Return the named parts of the hash, or raise ``UnreadableHash``."""
    form = pattern.fullmatch(stored)
    if form is None:
        raise UnreadableHash(HashFault.MALFORMED)
    return form.groupdict(default="")


def from_base64(text: str, *, special: str = "+/") -> bytes:
    """Return the bytes of base64, padded or not, or raise ``UnreadableHash``.

    Args:
        text: as stored.
        special: the last two letters of the alphabet.
    """
    try:
        standard = text.rstrip("=").replace(special[0], "+").replace(special[1], "/")
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error:
        raise UnreadableHash(HashFault.MALFORMED) from None


def from_hex(text: str) -> bytes:
    """Return the bytes of hexadecimal digits, or raise ``UnreadableHash``."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise UnreadableHash(HashFault.MALFORMED) from None
