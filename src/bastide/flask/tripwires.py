"""Hangs the tripwires into SQLAlchemy's and Flask's hooks."""

from collections.abc import Iterator
from typing import Any, Final

from flask import Response, request
from sqlalchemy import event

from bastide.core.request import check_reflection
from bastide.core.tripwires import (
    NotedBody,
    OnQuery,
    OnReflection,
    Value,
    body_values,
    environ_values,
    pair_values,
)
from bastide.flask.installed import Installed
from bastide.flask.state import current_exchange, find_exchange, find_request
from bastide.pages.resend import FILES_TYPE, FORM_TYPE

FORM_TYPES: Final = frozenset({FORM_TYPE, FILES_TYPE})
MAX_PAGE_SIZE_BYTES: Final = 1_000_000


def watch_statements(installed: Installed) -> None:
    """Look at the application's statements, as its settings say."""
    if installed.services.settings.tripwires.on_query is not OnQuery.OFF:
        installed.app.before_request(_note_body)
        for engine in installed.engines:
            event.listen(engine, "before_cursor_execute", _statement_check(installed))


def watch_answers(installed: Installed) -> None:
    """Look at the application's answers, as its settings say."""
    if installed.services.settings.tripwires.on_reflection is OnReflection.RAISE:
        installed.app.after_request(_check_answer)


def _statement_check(installed: Installed) -> Any:
    guard, services = installed.guard, installed.services

    def check(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if guard.is_constant(statement):
            return
        exchange = find_exchange()
        # Another application may share the engine, and looks at its own.
        if exchange is not None and exchange.services is services:
            guard.check_statement(exchange, statement, _request_values())

    return check


def _note_body() -> None:
    """Keep what the view reads of the body by itself."""
    environ = request.environ
    if "wsgi.input" in environ:
        environ["wsgi.input"] = NotedBody(environ["wsgi.input"])


def _check_answer(response: Response) -> Response:
    if response.mimetype == "text/html" and not response.is_streamed and not response.direct_passthrough:
        body = response.get_data()
        if len(body) <= MAX_PAGE_SIZE_BYTES:
            check_reflection(current_exchange(), body.decode("utf-8", "replace"), _request_values())
    return response


def _request_values() -> Iterator[Value]:
    """Yield what the request carried; a body only once the view has read it."""
    asked = find_request()
    if asked is None:
        return
    yield from environ_values(asked.environ)
    yield from pair_values("cookie", asked.cookies.items(multi=True))
    read = vars(asked)
    is_taken_apart = "form" in read and asked.mimetype in FORM_TYPES
    if "form" in read:
        yield from pair_values("form", read["form"].items(multi=True))
        files = read["files"].items(multi=True)
        yield from pair_values("file", ((name, file.filename or "") for name, file in files))
    if "_cached_data" in read:
        yield from body_values(read["_cached_data"])
    elif not is_taken_apart and isinstance(body := asked.environ.get("wsgi.input"), NotedBody):
        yield from body_values(body.noted)
