"""The exchange of the request at hand."""

from contextvars import ContextVar
from typing import Any, Final, cast

from flask import Request, has_request_context, request

from bastide.core.request import Exchange, Services

EXCHANGE_KEY: Final = "bastide.exchange"
# Flask takes its own reference away before an answer streams.
REQUEST_KEY: Final = "bastide.request"
CSRF_FIELD: Final = "csrf_token"
STREAMED: Final[ContextVar[dict[str, Any] | None]] = ContextVar("bastide_streamed", default=None)


def open_exchange(services: Services, environ: dict[str, Any]) -> Exchange:
    """Return the exchange of a WSGI request, made on the first call."""
    found = environ.get(EXCHANGE_KEY)
    if found is None:
        found = environ[EXCHANGE_KEY] = Exchange(
            services,
            scheme=environ["wsgi.url_scheme"],
            host=environ.get("HTTP_HOST", ""),
            address=environ.get("REMOTE_ADDR", ""),
            user_agent=environ.get("HTTP_USER_AGENT", ""),
            cookies=environ.get("HTTP_COOKIE", ""),
            authorization=environ.get("HTTP_AUTHORIZATION", ""),
            origin=environ.get("HTTP_ORIGIN"),
            query=environ.get("QUERY_STRING", ""),
            mount=environ.get("SCRIPT_NAME", "").encode("latin-1").decode("utf-8", "replace"),
        )
    return cast("Exchange", found)


def path_and_query() -> str:
    """Return path and query of the request at hand, the prefix of its mount included."""
    return request.script_root + request.full_path.rstrip("?")


def current_exchange() -> Exchange:
    """Return the exchange of the request at hand; in the generator of an answer too."""
    found = find_exchange()
    if found is None:
        msg = "there is no request at hand"
        raise RuntimeError(msg)
    return found


def find_exchange() -> Exchange | None:
    """Return the exchange at hand, or None outside a request, as in a shell."""
    environ = _environ()
    return None if environ is None else environ.get(EXCHANGE_KEY)


def find_request() -> Request | None:
    """Return the request at hand, or None outside of one."""
    environ = _environ()
    return None if environ is None else environ.get(REQUEST_KEY)


def _environ() -> dict[str, Any] | None:
    return request.environ if has_request_context() else STREAMED.get()
