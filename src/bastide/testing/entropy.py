"""Bytes that repeat from run to run: for tests only."""

import hashlib


class SeededEntropy:
    """See ``bastide.core.foundation.Entropy``; every call gives other bytes, every run the same."""

    def __init__(self, seed: str = "") -> None:
        self._seed = seed
        self._count = 0

    def token_bytes(self, size_bytes: int) -> bytes:
        """Return the next ``size_bytes`` bytes of the seeded stream."""
        self._count += 1
        return hashlib.shake_256(f"{self._seed}:{self._count}".encode()).digest(size_bytes)
