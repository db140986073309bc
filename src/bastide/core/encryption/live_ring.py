"""The key ring in force, which grows while the application serves (E2)."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, TypeAlias, final

from bastide.core.encryption.key_ring import KeyRing
from bastide.core.foundation import Clock, ConfigurationError, SystemClock

LOOK_EVERY: Final = timedelta(seconds=1)
KEY_LOGGER: Final = logging.getLogger("bastide.keys")
ReadChanged: TypeAlias = Callable[[], KeyRing | None]


@final
class LiveRing:
    """The keys that seal and open now: a key that joins them is taken up, none is given up or exchanged.

    Whatever seals shares one, so that all of it seals and opens with the same keys.

    Args:
        ring: the keys at the start.
        read: returns the ring where its source has changed since the last call, else None; left out for a
            ring that stays as it is.
        clock: the time.

    Threat: a ring that was cut or exchanged while the application serves: what it seals from then on nobody
    else opens, and what is stored opens no more (V13.3.1).
    """

    __slots__ = ("_clock", "_lock", "_looked_at", "_read", "_ring", "_told")

    def __init__(self, ring: KeyRing, *, read: ReadChanged | None = None, clock: Clock | None = None) -> None:
        self._ring = ring
        self._read = read
        self._clock = clock or SystemClock()
        self._lock = Lock()
        self._looked_at: datetime | None = None
        self._told = ""

    def current(self) -> KeyRing:
        """Return the ring to seal with; looks at its source at most once a second."""
        if self._read is None:
            return self._ring
        now = self._clock.now()
        # A clock that was set back keeps nobody from looking.
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            return self._ring
        self._looked_at = now
        return self.anew()

    def anew(self) -> KeyRing:
        """Return the ring after a look at its source, for a key that is not known yet."""
        if self._read is not None:
            with self._lock:
                try:
                    found = self._read()
                except ConfigurationError as error:
                    self._tell(f"{error}; the keys known so far go on")
                else:
                    self._take(found)
        return self._ring

    def _take(self, found: KeyRing | None) -> None:
        if found is None:
            return
        if found.extends(self._ring):
            if found != self._ring:
                KEY_LOGGER.info("the key ring has grown: key %d seals from now on", found.primary)
            self._ring, self._told = found, ""
        else:
            self._tell("the key ring lost a key or has another one under its id: the keys known so far go on")

    def _tell(self, problem: str) -> None:
        """Log a problem once, however long it lasts."""
        if problem != self._told:
            KEY_LOGGER.error("%s", problem)
        self._told = problem
