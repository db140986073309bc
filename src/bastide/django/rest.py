"""API tokens for views of REST framework: ``authentication_classes = [TokenAuthentication]``."""

from typing import Any, Final

from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from bastide.core.foundation import TokenRefused, TooManyRequests
from bastide.core.request import Exchange
from bastide.django.auth import user_of
from bastide.django.requests.context import exchange_of
from bastide.django.requests.tokens import user_by_token
from bastide.pages.answers import whole_seconds

REFUSED: Final = "No token opens this."


class TokenAuthentication:
    """Signs in whoever shows an API token of Bastide's, within its scopes; each call is counted.

    ``request.user`` is the token's owner, whose rights are asked within the scopes only; ``request.auth``
    is the `Principal`, whose permissions are what is left of the scopes.

    Threat: floods of made-up tokens, and tokens that say more than their owner may (V6.3.1, V8.2.1).
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the owner and the principal; None where no bearer token came.

        Raises:
            AuthenticationFailed: the token opens nothing.
            Throttled: it, its owner or the network called too often.
        """
        exchange: Exchange = exchange_of(request._request)  # noqa: SLF001 -- REST framework's documented name
        if exchange.bearer is None:
            return None
        try:
            if not exchange.is_by_token:
                exchange.admit_call()
        except TokenRefused:
            raise AuthenticationFailed(REFUSED) from None
        except TooManyRequests as error:
            raise Throttled(whole_seconds(error.retry_after)) from None
        user = user_of(exchange) if exchange.services.owns_accounts else user_by_token(exchange)
        return user, exchange.principal

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 -- REST framework's signature
        """Name the scheme, so that a refusal is 401 and not 403."""
        return "Bearer"
