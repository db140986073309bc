"""The key ring: what opens and seals everything that is encrypted at rest."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bastide.core.foundation import ConfigurationError, Entropy

KEY_SIZE_BYTES: Final = 32
MAX_KEY_ID: Final = 2**16 - 1
INDEX: Final = "index"
# Two people who make a key each seldom meet in an id, and a ring takes a hundred changes.
MAX_STEP: Final = 1024
NEW_RING: Final = "python -m bastide.key_file"
_KEY_ID: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by id; one seals, all of them open.

    Attributes:
        keys: id (1 to 65535) to 32 random bytes.
        index: 32 random bytes for blind indexes, or None; it stays the same when the other keys change, so
            that what is unique stays unique.
        sealing: id of the key that seals; None for the highest.

    Raises:
        ConfigurationError: no key, or one of another size.

    Spec: V11.2.1, V13.3.1.
    """

    keys: Mapping[int, bytes] = field(repr=False)
    index: bytes | None = field(default=None, repr=False)
    sealing: int | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        every = [*self.keys.values(), *([] if self.index is None else [self.index])]
        if not self.keys or any(len(key) != KEY_SIZE_BYTES for key in every):
            msg = f"a key ring needs keys of {KEY_SIZE_BYTES} bytes each"
            raise ConfigurationError(msg)
        if not all(0 < key_id <= MAX_KEY_ID for key_id in self.keys):
            msg = f"a key's id is a number from 1 to {MAX_KEY_ID}"
            raise ConfigurationError(msg)
        if len(set(every)) != len(every):
            msg = "a key of the ring is there twice; each id and the index have a key of their own"
            raise ConfigurationError(msg)

    @property
    def primary(self) -> int:
        """The id of the key that seals."""
        return max(self.keys) if self.sealing is None else self.sealing

    def extends(self, former: "KeyRing") -> bool:
        """Tell whether every key of the former ring is here, under its id."""
        return self.keys.items() >= former.keys.items() and former.index in {None, self.index}

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Return the ring that ``text`` lists, one per line.

        A line is ``<id>:<base64 of 32 bytes>``, or ``index:<base64 of 32 bytes>`` for blind indexes.

        Raises:
            ConfigurationError: a line of another shape, or an id twice; no key is quoted.
        """
        keys: dict[int | str, bytes] = {}
        for number, line in enumerate(text.split(), start=1):
            name, _, encoded = line.partition(":")
            key_id = int(name) if _KEY_ID.fullmatch(name) else name
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                key = b""
            if not (key_id == INDEX or isinstance(key_id, int)) or key_id in keys or not key:
                msg = f"line {number} of the key ring is not <id>:<base64 of 32 bytes> with an id of its own"
                raise ConfigurationError(msg)
            keys[key_id] = key
        return cls({name: key for name, key in keys.items() if isinstance(name, int)}, keys.get(INDEX))


def new_key_line(name: int | str, entropy: Entropy) -> str:
    """Return a line for a key ring with a fresh key; ``name`` is an id, or ``INDEX``."""
    return f"{name}:{base64.b64encode(entropy.token_bytes(KEY_SIZE_BYTES)).decode()}"


def new_ring(entropy: Entropy) -> str:
    """Return the lines of a first ring: one key, and one for blind indexes."""
    return f"{next_key_line(None, entropy)}\n{new_key_line(INDEX, entropy)}\n"


def next_key_line(ring: KeyRing | None, entropy: Entropy) -> str:
    """Return a line to append to a ring; its key seals from then on.

    Its id is above all others by a random step, so that keys which two people make do not share one.

    Raises:
        ConfigurationError: the ring has used up every id.
    """
    highest = 0 if ring is None else ring.primary
    if highest == MAX_KEY_ID:
        msg = f"no id is left: {MAX_KEY_ID} is the highest"
        raise ConfigurationError(msg)
    steps = min(MAX_STEP, MAX_KEY_ID - highest)
    return new_key_line(highest + 1 + int.from_bytes(entropy.token_bytes(4), "big") % steps, entropy)
