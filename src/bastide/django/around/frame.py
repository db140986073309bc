"""Around every request and answer, for sync and async alike."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse

from bastide.core.request import Exchange
from bastide.django.requests.current import at_hand


class Frame(ABC):
    """Opens an exchange, asks about transport, and adds to the answer what the exchange decided.

    What a middleware does besides, it says in the hooks. Asynchronous requests get a thread for what asks the
    database, and for nothing else.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[..., Any]) -> None:
        self.get_response: Callable[..., Any] = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
            asynchronous: Any = self._aprocess_view
            self.process_view = asynchronous  # type: ignore[method-assign]  # no thread where none is needed

    def __call__(self, request: HttpRequest) -> Any:
        """Answer one request."""
        if self._is_async:
            return self.__acall__(request)
        exchange = self._open(request)
        with at_hand(request):
            try:
                refusal = self._check_transport(request, exchange)
                response = refusal() if refusal else self.get_response(request)
                return self._finish(request, exchange, self._settle(request, response))
            finally:
                exchange.keep_events()

    async def __acall__(self, request: HttpRequest) -> Any:
        """Answer one request."""
        inner: Any = self.get_response
        exchange = self._open(request)
        with at_hand(request):
            try:
                # A token that is where it must not be is looked up.
                asks = exchange.bearer is not None or exchange.exposed_token is not None
                check = partial(self._check_transport, request, exchange)
                refusal = await sync_to_async(check)() if asks else check()
                response = await sync_to_async(refusal)() if refusal else await inner(request)
                if self._settles_slowly(request, response):
                    response = await sync_to_async(self._settle)(request, response)
                else:
                    response = self._settle(request, response)
                return self._finish(request, exchange, response)
            finally:
                if exchange.events:
                    await sync_to_async(exchange.keep_events)()

    async def _aprocess_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        check = partial(type(self).process_view, self, request, view, args, kwargs)
        return await sync_to_async(check)() if self._decides_slowly(request, view) else check()

    @abstractmethod
    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Return what stands in the place of the view's answer; None lets the request through to it."""

    @abstractmethod
    def _decides_slowly(self, request: HttpRequest, view: Callable[..., Any]) -> bool:
        """Tell whether ``process_view`` may ask the database."""

    @abstractmethod
    def _open(self, request: HttpRequest) -> Exchange:
        """Return the request's exchange."""

    @abstractmethod
    def _check_transport(self, request: HttpRequest, exchange: Exchange) -> Callable[[], HttpResponse] | None:
        """Return what makes the refusal of a request that is not even routed, or None."""

    @abstractmethod
    def _settle(self, request: HttpRequest, response: Any) -> Any:
        """Return the answer as it goes out, but for its headers."""

    @abstractmethod
    def _settles_slowly(self, request: HttpRequest, response: Any) -> bool:
        """Tell whether ``_settle`` may ask the database."""

    @abstractmethod
    def _finish(self, request: HttpRequest, exchange: Exchange, response: Any) -> Any:
        """Return the answer with the headers and cookies that the exchange decided on."""
