"""Hangs the tripwires into Django's hooks: every connection but the stores' own, and every answer."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db.backends.signals import connection_created
from django.http import HttpRequest

from bastide.core.request import check_reflection
from bastide.core.tripwires import (
    NotedBody,
    OnQuery,
    OnReflection,
    TripwireTripped,
    Value,
    body_values,
    environ_values,
    pair_values,
)
from bastide.django.around.charsets import is_form
from bastide.django.connection import ALIAS
from bastide.django.errors import refuse
from bastide.django.requests.context import exchange_of
from bastide.django.requests.current import CURRENT
from bastide.django.wiring import bastide

MAX_PAGE_SIZE_BYTES: Final = 1_000_000


def install() -> None:
    """Look at the statements of every connection that is opened from now on."""
    connection_created.connect(_wrap, dispatch_uid="bastide.tripwires")


def note_body(request: HttpRequest) -> None:
    """Keep what the view reads of the body by itself, as REST framework does."""
    read = vars(request)
    # What `read` and all that stands on it read from.
    if "_stream" in read and "_body" not in read:
        read["_stream"] = NotedBody(read["_stream"])


def _wrap(*, connection: Any, **_: Any) -> None:
    # A connection that is opened anew keeps its wrappers.
    if connection.alias != ALIAS and _check_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_check_statement)


def _check_statement(
    execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: dict[str, Any]
) -> Any:
    request = CURRENT.get()
    if request is not None:
        own = bastide()
        if own.services.settings.tripwires.on_query is not OnQuery.OFF:
            text = sql if isinstance(sql, str) else str(sql)
            if not own.guard.is_constant(text):
                own.guard.check_statement(exchange_of(request), text, _request_values(request))
    return execute(sql, params, many, context)


def checked_answer(request: HttpRequest, response: Any) -> Any:
    """Return the answer, or an error in its place where it gives markup of the request back."""
    if bastide().services.settings.tripwires.on_reflection is OnReflection.OFF or response.streaming:
        return response
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    if is_page and len(response.content) <= MAX_PAGE_SIZE_BYTES:
        try:
            page = response.content.decode("utf-8", "replace")
            check_reflection(exchange_of(request), page, _request_values(request))
        except TripwireTripped as error:
            return refuse(request, error)
    return response


def _request_values(request: HttpRequest) -> Iterator[Value]:
    """Yield what the request carried; a body only once the view has read it."""
    yield from environ_values(request.META)
    yield from pair_values("cookie", request.COOKIES.items())
    read = vars(request)
    if "_post" in read:
        for name, texts in read["_post"].lists():
            yield from pair_values("form", ((name, text) for text in texts))
        for name, files in read["_files"].lists():
            yield from pair_values("file", ((name, file.name or "") for file in files))
    if "_body" in read:
        yield from body_values(read["_body"])
    elif isinstance(read.get("_stream"), NotedBody) and not ("_post" in read and is_form(request)):
        yield from body_values(read["_stream"].noted)
