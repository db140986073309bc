"""Django's cache keeps nothing that was made for one person, whether it stands around the site or a view."""

import functools
from typing import Any, Final

from django.http import HttpRequest
from django.middleware.cache import UpdateCacheMiddleware
from django.utils.cache import patch_vary_headers

from bastide.core.http import NO_STORE, VARY_AUTHORIZATION, VARY_COOKIE
from bastide.core.request import Exchange
from bastide.django.requests.csrf import needs_secret

_UPDATE: Final = UpdateCacheMiddleware.process_response


def install() -> None:
    """Have each answer say for whom it is before Django decides whether to keep it.

    The decorator ``cache_page`` runs inside every middleware, so that only the method that decides is left
    to say it in.

    Threat: one person's page, or its nonce or form token, handed to the next (V14.3.2).
    """
    middleware: Any = UpdateCacheMiddleware
    middleware.process_response = _update


@functools.wraps(_UPDATE)
def _update(middleware: UpdateCacheMiddleware, request: HttpRequest, response: Any) -> Any:
    exchange: Exchange | None = getattr(request, "bastide", None)
    if exchange is not None:
        _say_for_whom(request, exchange, response)
    return _UPDATE(middleware, request, response)


def _say_for_whom(request: HttpRequest, exchange: Exchange, response: Any) -> None:
    """Set the headers that the answer would get at its end, by what it has drawn from until now."""
    if not exchange.services.owns_accounts:
        # Sessions and tokens are the project's; it is for Django to say what draws from them.
        if exchange.is_private:
            response.headers[NO_STORE[0]] = NO_STORE[1]
        return
    is_one_person_s = (
        request.session.modified
        or needs_secret(request, response)
        or "HTTP_AUTHORIZATION" in request.META
        or response.cookies
    )
    exchange.is_private = exchange.is_private or bool(is_one_person_s)
    if exchange.is_private:
        response.headers[NO_STORE[0]] = NO_STORE[1]
    if exchange.is_private or "Cache-Control" not in response.headers:
        patch_vary_headers(response, [VARY_COOKIE[1]])
    if exchange.rule is not None and exchange.rule.takes_tokens:
        patch_vary_headers(response, [VARY_AUTHORIZATION[1]])
