"""What Django's CSRF tokens are made from: the session of whoever is signed in, or a visitor's cookie."""

import hmac
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from bastide.core.foundation import Secret
from bastide.core.http import Cookie
from bastide.django.requests.context import exchange_of
from bastide.django.requests.guards import class_of

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


def share_secret(request: HttpRequest, secret: str | None) -> None:
    """Let Django's own protection find the secret, which decorators and other libraries ask besides.

    Threat: its cookie, planted from a sibling domain, taken for the secret.
    """
    if secret is None:
        request.META.pop("CSRF_COOKIE", None)
        request.COOKIES.pop(settings.CSRF_COOKIE_NAME, None)
    else:
        request.META["CSRF_COOKIE"] = request.COOKIES[settings.CSRF_COOKIE_NAME] = secret


def needs_secret(request: HttpRequest, response: Any) -> bool:
    """Tell whether the answer shows a token, although a decorator may have sent Django's cookie already."""
    sent = response.cookies.get(settings.CSRF_COOKIE_NAME)
    is_sent = sent is not None and sent.value == request.META.get("CSRF_COOKIE")
    return is_sent or bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))


def leaves_check_to_sessions(view: Callable[..., Any]) -> bool:
    """Tell whether the view is one of REST framework's.

    All of them are exempt from the check, and leave it to the authenticator that takes sessions; one that
    people often put in its place asks for nothing.
    """
    return hasattr(class_of(view), "authentication_classes")


def send_visitor(request: HttpRequest, secret: str) -> None:
    """Give a stranger the cookie that the secret is kept in."""
    exchange = exchange_of(request)
    visitor = Secret(Signer(salt=SECRET_SALT).sign(secret))
    exchange.send_cookie(exchange.services.settings.cookies.visitor, Cookie(visitor, None))
