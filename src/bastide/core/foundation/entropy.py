"""Random bytes as the controls see them: from the operating system, and injected."""

import os
from typing import Protocol


class Entropy(Protocol):
    """A source of unpredictable bytes."""

    def token_bytes(self, size_bytes: int) -> bytes:
        """Return ``size_bytes`` random bytes fit for keys and tokens."""


class SystemEntropy:
    """The operating system's generator (V11.5.1)."""

    def token_bytes(self, size_bytes: int) -> bytes:
        """Return ``size_bytes`` random bytes fit for keys and tokens."""
        return os.urandom(size_bytes)
