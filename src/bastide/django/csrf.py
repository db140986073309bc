"""What Django's CSRF tokens are made from: the session of whoever is signed in, or a visitor's cookie."""

import hmac
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from bastide.core.foundation import Secret
from bastide.core.http import Cookie
from bastide.django.context import exchange_of

SECRET_SALT: Final = "bastide.django.csrf"  # noqa: S105 -- a name
SECRET_LENGTH: Final = 32


def read_keys() -> list[bytes]:
    """Return what secrets are bound to sessions with, of the secret key and of those that it replaced."""
    return [
        salted_hmac(SECRET_SALT, "session", secret=secret, algorithm="sha256").digest()
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def find_secret(request: HttpRequest, key: bytes) -> str | None:
    """Return what Django's tokens are masked from: bound to the session, or to a visitor's cookie."""
    exchange = exchange_of(request)
    active = exchange.active
    if active is not None and active.principal.is_signed_in:
        return hmac.digest(key, active.digest, "sha256").hex()[:SECRET_LENGTH]
    visitor = exchange.cookie(exchange.services.settings.cookies.visitor)
    try:
        return None if visitor is None else Signer(salt=SECRET_SALT).unsign(visitor)
    except BadSignature:
        return None


def ready_secret(request: HttpRequest) -> None:
    """Let the forms of a page work that no view made, such as that of an error."""
    if "CSRF_COOKIE" not in request.META:
        secret = find_secret(request, read_keys()[0])
        if secret is not None:
            request.META["CSRF_COOKIE"] = secret


def send_visitor(request: HttpRequest, secret: str) -> None:
    """Give a stranger the cookie that the secret is kept in."""
    exchange = exchange_of(request)
    visitor = Secret(Signer(salt=SECRET_SALT).sign(secret))
    exchange.send_cookie(exchange.services.settings.cookies.visitor, Cookie(visitor, None))
