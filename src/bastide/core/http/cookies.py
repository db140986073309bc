"""The cookies that Bastide sends: their names, and how they are read and written."""

from datetime import timedelta
from typing import Final, NamedTuple

from bastide.core.foundation import Secret

# The prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis, 4.1.3.2).
SESSION_COOKIE: Final = "__Host-session"
DEVICE_COOKIE: Final = "__Host-device"
VISITOR_COOKIE: Final = "__Host-visitor"
DEVICE_LIFETIME: Final = timedelta(days=365)


class Cookie(NamedTuple):
    """One cookie to be sent.

    Attributes:
        value: base64url, or empty to make the browser drop the cookie.
        max_age: seconds; None for as long as the browser runs.
    """

    value: Secret
    max_age: int | None


DROPPED: Final = Cookie(Secret(""), 0)


def find_cookie(header: str, name: str) -> str | None:
    """Return the first cookie called ``name`` in a ``Cookie`` header, as sent, or None."""
    for pair in header.split(";"):
        found, separator, value = pair.partition("=")
        if separator and found.strip() == name:
            return value.strip()
    return None


def format_cookie(name: str, cookie: Cookie) -> str:
    """Return the value of a ``Set-Cookie`` header: for this host, HTTPS and HTTP only, same-site (V3.3)."""
    lifetime = "" if cookie.max_age is None else f"; Max-Age={cookie.max_age}"
    return f"{name}={cookie.value.reveal()}{lifetime}; Secure; HttpOnly; Path=/; SameSite=Lax"
