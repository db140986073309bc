"""Which pictures of a text a page's own policy keeps browsers from showing."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

_SOURCE: Final = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[^*/:]+)(?::(?P<port>\d+|\*))?(?P<path>/.*)?",
    re.IGNORECASE,
)
_PORTS: Final = {"http": 80, "https": 443}


class _Images(HTMLParser):
    """Collects where the pictures of clean HTML come from."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, None] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("src") if tag == "img" else None
        if address:
            self.found[address] = None


def hidden_images(html: str, sources: Sequence[str], *, page: str) -> tuple[str, ...]:
    """Return the addresses of pictures that browsers will not load, each once.

    Args:
        html: clean.
        sources: of ``img-src``, as the page that shows it states them.
        page: origin of that page, ``https://blog.example``.

    Spec: CSP Level 3, 6.7.2 (matching an address and a source).
    """
    own = urlsplit(page)
    return tuple(
        address
        for address in _Images(html).found
        if not any(_lets_in(source, _resolve(address, page), own) for source in sources)
    )


def _resolve(address: str, page: str) -> SplitResult:
    try:
        url = urlsplit(urljoin(page, address))
        url.port  # noqa: B018 -- read to be checked
    except ValueError:
        return urlsplit("")
    return url


def _lets_in(source: str, url: SplitResult, own: SplitResult) -> bool:
    if source == "'self'":
        source = own._replace(path="").geturl()
    if source == "*":
        return url.scheme in _PORTS
    if source.endswith(":"):
        return _is_scheme(source[:-1].lower(), url.scheme)
    parts = _SOURCE.fullmatch(source)
    if parts is None or not url.hostname:
        return False
    host, path = parts["host"].lower(), parts["path"] or ""
    return (
        _is_scheme((parts["scheme"] or own.scheme).lower(), url.scheme)
        and (host in {"*", url.hostname} or (host[:2] == "*." and url.hostname.endswith(host[1:])))
        and _is_port(parts["port"], parts["scheme"], url)
        and (path in {"", url.path} or (path.endswith("/") and url.path.startswith(path)))
    )


def _is_scheme(named: str, scheme: str) -> bool:
    return scheme == named or (named, scheme) == ("http", "https")


def _is_port(named: str | None, scheme: str | None, url: SplitResult) -> bool:
    usual = _PORTS.get(url.scheme)
    port = url.port or usual
    # That of the scheme before an upgrade to HTTPS stands for the one after it.
    if named is None or named == str(_PORTS.get(scheme or url.scheme)):
        return port == usual
    return named in {"*", str(port)}
