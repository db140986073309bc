"""The exchange of the request at hand, for code that no request is handed to."""

from contextvars import ContextVar
from typing import Final

from bastide.core.exchange import Exchange

CURRENT: Final[ContextVar[Exchange | None]] = ContextVar("bastide_exchange", default=None)


def find_exchange() -> Exchange | None:
    """Return the exchange at hand, or None outside a request, as in a shell."""
    return CURRENT.get()
