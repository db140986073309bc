"""The exchange of the request at hand."""

from typing import Any, Final, cast

from flask import has_request_context, request

from bastide.core.request import Exchange, Services

EXCHANGE_KEY: Final = "bastide.exchange"


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
        )
    return cast("Exchange", found)


def current_exchange() -> Exchange:
    """Return the exchange of the request at hand."""
    return cast("Exchange", request.environ[EXCHANGE_KEY])


def find_exchange() -> Exchange | None:
    """Return the exchange at hand, or None outside a request, as in a shell."""
    return request.environ.get(EXCHANGE_KEY) if has_request_context() else None
