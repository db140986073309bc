"""Hashing with Argon2id: one price for every answer, and a cap on the memory it may take."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Final

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from bastide.core.foundation import ConfigurationError, Secret, StoreUnavailable

_MIN_MEMORY_KIB_BY_TIME_COST: Final = ((5, 7_168), (4, 9_216), (3, 12_288), (2, 19_456), (1, 47_104))


@dataclass(frozen=True, slots=True, kw_only=True)
class HashingSettings:
    """Argon2id parameters and the number of hashes at once.

    Attributes:
        memory_kib: memory per hash, in KiB.
        time_cost: passes over the memory.
        parallelism: lanes.
        slots: hashes at once per process; the memory they may take is ``slots * memory_kib``.
        slot_wait: longest wait for a free slot before the request is refused.
        allow_weak: accept parameters below the floor; for tests, and refused by start-up checks.

    Spec: RFC 9106; V11.4.2 (OWASP floor: 19 MiB with 2 passes, or the equivalents).
    """

    memory_kib: int = 19_456
    time_cost: int = 2
    parallelism: int = 1
    slots: int = 4
    slot_wait: timedelta = timedelta(seconds=10)
    allow_weak: bool = False

    def __post_init__(self) -> None:
        enough = any(
            self.time_cost >= passes and self.memory_kib >= memory
            for passes, memory in _MIN_MEMORY_KIB_BY_TIME_COST
        )
        if not enough and not self.allow_weak:
            msg = f"Argon2id with {self.memory_kib} KiB and {self.time_cost} passes is below the floor"
            raise ConfigurationError(msg)
        if self.slots < 1:
            msg = "hashing needs at least one slot"
            raise ConfigurationError(msg)


class HashingSlots:
    """Lets as many hashes be made at once as there are slots; others wait, and not for ever.

    Threat: memory exhaustion by parallel sign-ins (V15.2.2).
    """

    def __init__(self, settings: HashingSettings) -> None:
        self._slots = BoundedSemaphore(settings.slots)
        self._wait_seconds = settings.slot_wait.total_seconds()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a slot for the length of the block.

        Raises:
            StoreUnavailable: none became free in time.
        """
        if not self._slots.acquire(timeout=self._wait_seconds):
            msg = "every hashing slot is busy"
            raise StoreUnavailable(msg)
        try:
            yield
        finally:
            self._slots.release()


class PasswordHasher:
    """Hashes and checks passwords; an unknown account costs what a known one costs.

    Threat: telling accounts apart by time (V6.3.8).
    """

    def __init__(self, settings: HashingSettings) -> None:
        self._hasher = argon2.PasswordHasher(
            time_cost=settings.time_cost,
            memory_cost=settings.memory_kib,
            parallelism=settings.parallelism,
            type=argon2.Type.ID,
        )
        self._slots = HashingSlots(settings)
        self._dummy_hash = self._hasher.hash("no account has this password")

    def hash(self, password: Secret) -> str:
        """Return the encoded Argon2id hash, with its parameters and a fresh salt.

        Raises:
            StoreUnavailable: no slot became free in time.
        """
        with self._slots.take():
            return self._hasher.hash(_to_bytes(password))

    def verify(self, password: Secret, stored_hash: str | None) -> bool:
        """Tell whether ``password`` made ``stored_hash``.

        Args:
            password: as presented.
            stored_hash: None where there is no account or no password: the same work is done and
                the answer is False. A hash in a foreign format is treated likewise.

        Raises:
            StoreUnavailable: no slot became free in time.
        """
        known = stored_hash if stored_hash is not None and stored_hash.startswith("$argon2id$") else None
        try:
            with self._slots.take():
                is_right = self._hasher.verify(known or self._dummy_hash, _to_bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        return is_right and known is not None

    def needs_rehash(self, stored_hash: str) -> bool:
        """Tell whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored_hash)


def _to_bytes(password: Secret) -> bytes:
    return password.reveal().encode("utf-8", "surrogatepass")
