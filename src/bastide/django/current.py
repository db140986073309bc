"""The request at hand, for code that no request is handed to."""

from contextvars import ContextVar
from typing import Final

from django.http import HttpRequest

from bastide.core.request import Exchange
from bastide.django.context import exchange_of

CURRENT: Final[ContextVar[HttpRequest | None]] = ContextVar("bastide_request", default=None)


def find_exchange() -> Exchange | None:
    """Return the exchange at hand, or None outside a request, as in a shell."""
    request = CURRENT.get()
    return None if request is None else exchange_of(request)
