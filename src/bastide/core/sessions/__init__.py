"""Sessions: opaque ids, hashed keys, two limits, immediate ends.

The server keeps the state; what a browser holds opens nothing once the session has ended. Several requests
at once lose none of each other's values.
"""

from bastide.core.sessions.live_session import Acting
from bastide.core.sessions.session_state import DropOldest, keep_all, write_state
from bastide.core.sessions.sessions import (
    ID_SIZE_BYTES,
    UNKNOWN_SESSION,
    ActiveSession,
    Sessions,
    SessionSettings,
    session_gone,
)

__all__ = [
    "ID_SIZE_BYTES",
    "UNKNOWN_SESSION",
    "Acting",
    "ActiveSession",
    "DropOldest",
    "SessionSettings",
    "Sessions",
    "keep_all",
    "session_gone",
    "write_state",
]
