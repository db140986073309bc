"""The key ring, and sealing what must be unreadable to whoever steals the database."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bastide.core.entropy import Entropy
from bastide.core.errors import BastideError, ConfigurationError

KEY_SIZE_BYTES: Final = 32
NONCE_SIZE_BYTES: Final = 12
TAG_SIZE_BYTES: Final = 16
MAX_KEY_ID: Final = 2**32 - 1
_VERSION: Final = b"\x01"
_HEADER_SIZE_BYTES: Final = 5


class SealBroken(BastideError):
    """What should be sealed text is not, was changed, belongs elsewhere, or its key is gone."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Keys by id; the one with the highest id seals, all of them open.

    Attributes:
        keys: id (1 to 2**32 - 1) to 32 random bytes.

    Raises:
        ConfigurationError: no key, or one of another size.

    Spec: V11.2.1, V13.3.1.
    """

    keys: Mapping[int, bytes]

    def __post_init__(self) -> None:
        if not self.keys or any(len(key) != KEY_SIZE_BYTES for key in self.keys.values()):
            msg = f"a key ring needs keys of {KEY_SIZE_BYTES} bytes each"
            raise ConfigurationError(msg)
        if not all(0 < key_id <= MAX_KEY_ID for key_id in self.keys):
            msg = f"a key's id is a number from 1 to {MAX_KEY_ID}"
            raise ConfigurationError(msg)

    @property
    def primary(self) -> int:
        """The id of the key that seals."""
        return max(self.keys)

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Return the ring that ``text`` lists: one ``<id>:<base64 of 32 bytes>`` per line.

        Raises:
            ConfigurationError: a line of another shape, or an id twice; no key is quoted.
        """
        keys: dict[int, bytes] = {}
        for number, line in enumerate(text.split(), start=1):
            key_id, _, encoded = line.partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                key = b""
            if not (key_id.isascii() and key_id.isdigit()) or int(key_id) in keys or not key:
                msg = f"line {number} of the key ring is not <id>:<base64 of 32 bytes> with an id of its own"
                raise ConfigurationError(msg)
            keys[int(key_id)] = key
        return cls(keys)


def new_key_line(key_id: int, entropy: Entropy) -> str:
    """Return a line for a key ring with a fresh key."""
    return f"{key_id}:{base64.b64encode(entropy.token_bytes(KEY_SIZE_BYTES)).decode()}"


def next_key_line(ring: str, entropy: Entropy) -> str:
    """Return a line to append to a ring's text; its key seals from then on.

    Args:
        ring: the lines there are, or empty text.
        entropy: randomness.

    Raises:
        ConfigurationError: the text is no ring.
    """
    return new_key_line(KeyRing.parse(ring).primary + 1 if ring else 1, entropy)


class Sealer:
    """Seals and opens short values with keys derived for one purpose.

    Format: version (1 byte), key id (4, big endian), nonce (12, random), AES-256-GCM ciphertext and tag.
    What a value belongs to is authenticated with it, so that it cannot be moved to another row.

    Args:
        ring: the keys.
        purpose: a constant name; values never open across purposes.
        entropy: randomness.

    Threat: a stolen database, and values swapped between rows (V11.3.2, V11.3.4).
    Spec: NIST SP 800-38D, RFC 5869.
    """

    def __init__(self, ring: KeyRing, *, purpose: str, entropy: Entropy) -> None:
        self._primary = ring.primary
        self._entropy = entropy
        self._ciphers = {
            key_id: AESGCM(_derive(key, f"bastide:seal:{purpose}")) for key_id, key in ring.keys.items()
        }

    def seal(self, plain: bytes, *, belongs_to: str) -> bytes:
        """Return the sealed value.

        Args:
            plain: what to keep secret.
            belongs_to: table, column and row (``bastide_totp.secret:7``).
        """
        header = _VERSION + self._primary.to_bytes(4, "big")
        nonce = self._entropy.token_bytes(NONCE_SIZE_BYTES)
        associated = header + belongs_to.encode()
        return header + nonce + self._ciphers[self._primary].encrypt(nonce, plain, associated)

    def open(self, sealed: bytes, *, belongs_to: str) -> bytes:
        """Return what was sealed.

        Raises:
            SealBroken: truncated, edited, moved from another row, or sealed with an unknown key.
        """
        header, rest = sealed[:_HEADER_SIZE_BYTES], sealed[_HEADER_SIZE_BYTES:]
        cipher = self._ciphers.get(int.from_bytes(header[1:], "big"))
        if header[:1] != _VERSION or cipher is None or len(rest) < NONCE_SIZE_BYTES + TAG_SIZE_BYTES:
            raise SealBroken(belongs_to)
        nonce, ciphertext = rest[:NONCE_SIZE_BYTES], rest[NONCE_SIZE_BYTES:]
        try:
            return cipher.decrypt(nonce, ciphertext, header + belongs_to.encode())
        except InvalidTag:
            raise SealBroken(belongs_to) from None


def _derive(key: bytes, info: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_SIZE_BYTES, salt=None, info=info.encode()).derive(key)
