"""Cross-origin requests: which other sites' pages may call the API, with a token and never with a cookie."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bastide.core.foundation import ConfigurationError
from bastide.core.http.headers import Header

VARY_ORIGIN: Final[Header] = ("Vary", "Origin")
MAX_AGE_LIMIT: Final = timedelta(hours=2)
_ORIGIN: Final = re.compile(r"https://[a-z0-9][a-z0-9.\-]*(?::[0-9]{1,5})?|http://localhost(?::[0-9]{1,5})?")
_NAME: Final = re.compile(r"[a-z0-9\-]+")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsSettings:
    """Who may call routes that take API tokens from a page of another origin.

    Credentials are never allowed: a page elsewhere acts with a token that it has, not with the visitor's
    cookies. Every other route answers as if this did not exist.

    Attributes:
        origins: whole origins (``https://app.example``), compared exactly; empty turns it off.
        methods: what those pages may send.
        headers: request headers that they may set, lower case.
        exposed_headers: response headers that they may read besides the simple ones, lower case.
        max_age: how long a browser may keep the answer to its question, two hours at most.

    Raises:
        ConfigurationError: an origin that is no whole one, such as ``*`` or ``null``, or a bad name.
    """

    origins: frozenset[str] = frozenset()
    methods: tuple[str, ...] = ("GET", "POST", "PATCH", "DELETE")
    headers: tuple[str, ...] = ("authorization", "content-type", "if-match", "if-none-match")
    exposed_headers: tuple[str, ...] = ("etag", "location", "ratelimit", "ratelimit-policy", "retry-after")
    max_age: timedelta = timedelta(minutes=10)

    def __post_init__(self) -> None:
        for origin in self.origins:
            if _ORIGIN.fullmatch(origin) is None:
                msg = f"{origin!r} is no origin to let in: write https://host or https://host:port"
                raise ConfigurationError(msg)
        if not _METHODS.issuperset(self.methods) or not all(
            map(_NAME.fullmatch, (*self.headers, *self.exposed_headers))
        ):
            msg = f"CORS methods are some of {sorted(_METHODS)}, and headers are lower-case names"
            raise ConfigurationError(msg)
        if not timedelta() <= self.max_age <= MAX_AGE_LIMIT:
            msg = "the answer to a CORS question is kept for two hours at most"
            raise ConfigurationError(msg)


def cors_headers(settings: CorsSettings, origin: str | None) -> list[Header]:
    """Return what an answer of the API says to a page of this origin.

    Args:
        settings: see ``CorsSettings``.
        origin: the ``Origin`` header as sent, or None.

    Spec: Fetch Standard, CORS protocol; V3.4.2.
    """
    if not settings.origins:
        return []
    if origin not in settings.origins:
        return [VARY_ORIGIN]
    exposed = ", ".join(settings.exposed_headers)
    return [
        VARY_ORIGIN, ("Access-Control-Allow-Origin", str(origin)), ("Access-Control-Expose-Headers", exposed)
    ]  # fmt: skip


def preflight_headers(
    settings: CorsSettings, origin: str | None, *, method: str, headers: str | None
) -> list[Header] | None:
    """Return what answers a browser's question, besides ``cors_headers``; None for a refusal.

    Args:
        settings: see ``CorsSettings``.
        origin: the ``Origin`` header as sent, or None.
        method: ``Access-Control-Request-Method`` as sent.
        headers: ``Access-Control-Request-Headers`` as sent, or None.
    """
    wanted = {name.strip().lower() for name in (headers or "").split(",")} - {""}
    if (
        origin not in settings.origins
        or method not in settings.methods
        or not wanted.issubset(settings.headers)
    ):
        return None
    return [
        ("Access-Control-Allow-Methods", ", ".join(settings.methods)),
        ("Access-Control-Allow-Headers", ", ".join(settings.headers)),
        ("Access-Control-Max-Age", str(int(settings.max_age.total_seconds()))),
    ]
