"""A bound on bodies under ASGI, where Django keeps each of them whole before anything looks at it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from django.conf import settings
from django.http import HttpRequest

from bastide.django.requests.files import MAX_FORM_SIZE_BYTES
from bastide.django.wiring import bastide

Scope: TypeAlias = dict[str, Any]
Message: TypeAlias = Mapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

CUT: Final = "bastide.body_cut"


class BodyLimit:
    """Around Django's ASGI application: of a body larger than any view takes, nothing more is kept.

    Django's handler writes a body to its temporary file before the first middleware runs, whatever the
    address, and ``DATA_UPLOAD_MAX_MEMORY_SIZE`` is looked at afterwards only. A body that is too large ends
    here, where it says so or where it turns out to be; the middleware then answers 413. What less a single
    view takes is counted there too.

    Args:
        application: what ``get_asgi_application`` returned.

    Threat: a disk filled through any address, by strangers (V5.2.1).
    """

    def __init__(self, application: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection (ASGI 3.0)."""
        if scope["type"] == "http":
            scope = dict(scope)
            receive = _Body(scope, receive).receive
        await self._application(scope, receive, send)


class _Body:
    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self._left = _largest_body()
        length = dict(scope["headers"]).get(b"content-length", b"")
        scope[CUT] = length.isdigit() and int(length) > self._left
        self._is_over = False

    async def receive(self) -> Message:
        """Return the next part of the body, or its end where it is too large."""
        if self._is_over:
            # What is left of a body that was cut is dropped as it comes.
            while (message := await self._receive())["type"] != "http.disconnect":
                pass
            return message
        message = {"type": "http.request"} if self._scope[CUT] else await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self._scope[CUT] = True
            message = {"type": "http.request"}
        self._is_over = not message.get("more_body", False)
        return message


def is_cut(request: HttpRequest) -> bool:
    """Tell whether the request's body was too large to be read."""
    return bool(getattr(request, "scope", {}).get(CUT))


def _largest_body() -> int:
    uploads = bastide().services.uploads
    with_file = 0 if uploads is None else uploads.max_request_bytes
    return max(with_file, settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0, MAX_FORM_SIZE_BYTES)
