"""The cookies that Bastide sends: their names, and how they are read and written."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from bastide.core.foundation import ConfigurationError, Secret

DEVICE_LIFETIME: Final = timedelta(days=365)
_NAME: Final = re.compile(r"__(?:Host|Secure)-[A-Za-z0-9_.~-]+")
_PATH: Final = re.compile(r"/[A-Za-z0-9_.~/-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieSettings:
    """What Bastide's cookies are called; applications on one host need names of their own on every port.

    Attributes:
        session: holds the session's id.
        device: proves that an owner signed in from this browser before.
        visitor: what a stranger's form tokens are bound to.
        path: below which they are sent, for applications that share a host by path; other than ``/`` it
            needs names that begin with ``__Secure-``, since browsers insist on ``/`` for ``__Host-``.
        former: what the session's cookie was called before Bastide; empty for the framework's usual name.

    Spec: RFC 6265bis, 4.1.3; V3.3.1, V3.3.3.
    """

    session: str = "__Host-session"
    device: str = "__Host-device"
    visitor: str = "__Host-visitor"
    path: str = "/"
    former: str = ""

    def __post_init__(self) -> None:
        names = {self.session, self.device, self.visitor}
        if len(names) < 3 or not all(map(_NAME.fullmatch, names)):  # noqa: PLR2004 -- one each
            msg = f"cookies need three names that begin with __Host- or __Secure-, not {sorted(names)}"
            raise ConfigurationError(msg)
        if _PATH.fullmatch(self.path) is None:
            msg = f"the path of cookies is {self.path!r}, which is no path"
            raise ConfigurationError(msg)
        if self.path != "/" and any(name.startswith("__Host-") for name in names):
            msg = f"browsers take no cookie __Host-... for {self.path!r}: call them __Secure-..."
            raise ConfigurationError(msg)


class Cookie(NamedTuple):
    """One cookie to be sent.

    Attributes:
        value: base64url, or empty to make the browser drop the cookie.
        max_age: seconds; None for as long as the browser runs.
        path: where it is not one of Bastide's own; empty for theirs.
        domain: likewise; empty for this host.
    """

    value: Secret
    max_age: int | None
    path: str = ""
    domain: str = ""


DROPPED: Final = Cookie(Secret(""), 0)


def find_cookie(header: str, name: str) -> str | None:
    """Return the first cookie called ``name`` in a ``Cookie`` header, as sent, or None."""
    for pair in header.split(";"):
        found, separator, value = pair.partition("=")
        if separator and found.strip() == name:
            return value.strip()
    return None


def format_cookie(name: str, cookie: Cookie, *, path: str) -> str:
    """Return the value of a ``Set-Cookie`` header: for this host, HTTPS and HTTP only, same-site (V3.3)."""
    lifetime = "" if cookie.max_age is None else f"; Max-Age={cookie.max_age}"
    domain = f"; Domain={cookie.domain}" if cookie.domain else ""
    place = f"{domain}; Secure; HttpOnly; Path={cookie.path or path}"
    return f"{name}={cookie.value.reveal()}{lifetime}{place}; SameSite=Lax"
