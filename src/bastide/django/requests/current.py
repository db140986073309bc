"""The request at hand, for code that no request is handed to."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.http import HttpRequest
from django.utils import translation

from bastide.core.request import Exchange
from bastide.django.requests.context import exchange_of
from bastide.pages import speaking

CURRENT: Final[ContextVar[HttpRequest | None]] = ContextVar("bastide_request", default=None)


@contextmanager
def at_hand(request: HttpRequest) -> Iterator[None]:
    """Make the request the one at hand, and let its pages speak the language that Django has active."""
    token = CURRENT.set(request)
    try:
        with speaking(translation):
            yield
    finally:
        CURRENT.reset(token)


def find_exchange() -> Exchange | None:
    """Return the exchange at hand, or None outside a request, as in a shell."""
    request = CURRENT.get()
    return None if request is None else exchange_of(request)
