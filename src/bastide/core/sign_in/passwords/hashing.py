"""Hashing with Argon2id: one price for every answer, and a cap on the memory it may take."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Final

import argon2
from argon2.exceptions import HashingError

from bastide.core.foundation import Clock, ConfigurationError, Secret, StoreUnavailable, SystemClock
from bastide.core.sign_in.passwords.readers import (
    STRONG_FORMATS,
    HashReaders,
    Limits,
    ReadHash,
    UnreadableHash,
    encode,
    wrap_weak,
)
from bastide.core.sign_in.passwords.usual import UsualHash, no_hashes
from bastide.core.sign_in.ports import HashFault

_MIN_MEMORY_KIB_BY_TIME_COST: Final = ((5, 7_168), (4, 9_216), (3, 12_288), (2, 19_456), (1, 47_104))
_MOST_READ_MEMORY_KIB: Final = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class HashingSettings:
    """Argon2id parameters and the number of hashes at once.

    Attributes:
        memory_kib: memory per hash, in KiB.
        time_cost: passes over the memory.
        parallelism: lanes.
        slots: hashes at once per process; the memory they may take is ``slots * memory_kib``.
        slot_wait: longest wait for a free slot before the request is refused.
        formats: hashes of other libraries that are read; weak ones are to be named. Argon2 always is.
        max_read_memory_kib: memory that checking a hash of another library may take, in KiB.
        allow_weak: accept parameters below the floor; for tests, and refused by start-up checks.

    Spec: RFC 9106; V11.4.2 (OWASP floor: 19 MiB with 2 passes, or the equivalents).
    """

    memory_kib: int = 19_456
    time_cost: int = 2
    parallelism: int = 1
    slots: int = 4
    slot_wait: timedelta = timedelta(seconds=10)
    formats: tuple[str, ...] = STRONG_FORMATS
    max_read_memory_kib: int = 262_144
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
        if not 0 < self.max_read_memory_kib <= _MOST_READ_MEMORY_KIB:
            msg = f"checking a hash may take up to {_MOST_READ_MEMORY_KIB} KiB"
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
    """Hashes with Argon2id, checks what other libraries hashed, too; an unknown account costs what most cost.

    Args:
        settings: of today's hashes, and what others are read.
        sample: returns some of the stored hashes, at most as many as it is given.
        clock: the time.
        keyed_salt: ``SECURITY_PASSWORD_SALT`` of an application that used Flask-Security, or None.

    Raises:
        ConfigurationError: ``settings.formats`` names what cannot be read.

    Threat: telling accounts apart by time (V6.3.8). What remains: accounts whose hash costs otherwise than
        most do, until their next sign-in.
    """

    def __init__(
        self,
        settings: HashingSettings,
        *,
        sample: Callable[[int], Sequence[str]] = no_hashes,
        clock: Clock | None = None,
        keyed_salt: Secret | None = None,
    ) -> None:
        self._hasher = argon2.PasswordHasher(
            time_cost=settings.time_cost,
            memory_cost=settings.memory_kib,
            parallelism=settings.parallelism,
            type=argon2.Type.ID,
        )
        self._slots = HashingSlots(settings)
        dummy_hash = self._hasher.hash("no account has this password")
        # What Bastide itself is set to is never too much.
        own_memory_kib = max(settings.memory_kib, settings.memory_kib * settings.time_cost // 4 + 1)
        self._readers = HashReaders(
            formats=settings.formats,
            limits=Limits(
                memory_kib=max(settings.max_read_memory_kib, own_memory_kib),
                lanes=max(Limits().lanes, settings.parallelism),
            ),
            own_prefix=dummy_hash.rsplit("$", 2)[0] + "$",
            keyed_salt=keyed_salt,
        )
        self._dummy = self._readers.read(dummy_hash)
        self._usual = UsualHash(sample=sample, cost_of=self._cost_of, clock=clock or SystemClock())

    def hash(self, password: Secret) -> str:
        """Return the encoded Argon2id hash, with its parameters and a fresh salt.

        Raises:
            StoreUnavailable: no slot became free in time.
        """
        with self._slots.take():
            return self._hasher.hash(encode(password.reveal()))

    def verify(self, password: Secret, stored_hash: str | None) -> bool:
        """Tell whether ``password`` made ``stored_hash``.

        Args:
            password: as presented.
            stored_hash: None where there is no account or no password: the work that most accounts take is
                done and the answer is False. A hash with a fault is treated likewise.

        Raises:
            StoreUnavailable: no slot became free in time, or there is no memory for a hash.
        """
        known = None if stored_hash is None else self._read(stored_hash)
        usual = self._usual.find()
        checked = known or (usual and self._read(usual)) or self._dummy
        try:
            with self._slots.take():
                is_right = checked.matches(password.reveal())
        except HashingError as error:
            msg = f"no hash could be made: {error}"
            raise StoreUnavailable(msg) from None
        return is_right and known is not None

    def find_fault(self, stored_hash: str) -> HashFault | None:
        """Return why nothing can be checked against the hash, or None where something can."""
        try:
            self._readers.read(stored_hash)
        except UnreadableHash as unreadable:
            return unreadable.fault
        return None

    def needs_rehash(self, stored_hash: str) -> bool:
        """Tell whether the hash was made in another way, or with other parameters, than today's."""
        is_ours = stored_hash.startswith("$argon2id$")
        return not is_ours or self._hasher.check_needs_rehash(stored_hash)

    def wrap(self, stored_hash: str) -> str | None:
        """Return Argon2id over a hash of a weak format that the settings name; None for any other hash.

        Raises:
            StoreUnavailable: no slot became free in time.
        """
        weak = self._read(stored_hash)
        if weak is None or not weak.weak_format:
            return None
        with self._slots.take():
            return wrap_weak(weak, self._hasher.hash)

    def _read(self, stored_hash: str) -> ReadHash | None:
        try:
            return self._readers.read(stored_hash)
        except UnreadableHash:
            return None

    def _cost_of(self, stored_hash: str) -> str | None:
        found = self._read(stored_hash)
        return None if found is None else found.cost
