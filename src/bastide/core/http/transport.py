"""Hosts, proxies and HTTPS: what a request may claim about how it got here."""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from bastide.core.foundation import ConfigurationError

_HOST: Final = re.compile(
    r"(?P<name>[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?)*"
    r"|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportSettings:
    """Where the application may be reached.

    Attributes:
        allowed_hosts: host names, lower case; one with a port (``blog.example:8443``) is allowed on that
            port, one without on the scheme's own. Nothing is allowed by default.
        proxies: how many proxies of one's own stand in front and append to ``X-Forwarded-*``.
        plain_http_hosts: hosts for which plain HTTP is accepted; ``localhost``, for development, on any port.
        api_prefix: below this path every refusal is a problem (RFC 9457) and plain HTTP is refused, never
            redirected, also where no route is.
    """

    allowed_hosts: frozenset[str] = frozenset()
    proxies: int = 0
    plain_http_hosts: frozenset[str] = frozenset()
    api_prefix: str = "/api/"

    def __post_init__(self) -> None:
        for host in self.allowed_hosts:
            if _HOST.fullmatch(host) is None:
                msg = f"allowed host {host!r} must be a lower-case host name"
                raise ConfigurationError(msg)
        if not self.plain_http_hosts <= self.allowed_hosts:
            msg = "plain_http_hosts must be among allowed_hosts"
            raise ConfigurationError(msg)
        if self.proxies < 0:
            msg = "the number of proxies cannot be negative"
            raise ConfigurationError(msg)
        if not self.api_prefix.startswith("/") or not self.api_prefix.endswith("/"):
            msg = "api_prefix must begin and end with a slash"
            raise ConfigurationError(msg)

    def require_hosts(self) -> None:
        """Raise unless a host is allowed.

        Raises:
            ConfigurationError: none is; every request would be refused.
        """
        if not self.allowed_hosts:
            msg = (
                "transport.allowed_hosts is empty, so every request would be refused: name the site's hosts"
                " (on Django in ALLOWED_HOSTS)"
            )
            raise ConfigurationError(msg)


@dataclass(frozen=True, slots=True)
class Peer:
    """How the request reached the outermost proxy of one's own.

    Attributes:
        address: the client's address.
        scheme: ``http`` or ``https``.
        host: host with port, as the client sent it.
    """

    address: str
    scheme: str
    host: str


def resolve_peer(
    direct: Peer,
    *,
    forwarded_for: str | None,
    forwarded_proto: str | None,
    forwarded_host: str | None,
    proxies: int,
) -> Peer:
    """Return what the outermost trusted proxy saw; entries that the client invented are ignored.

    Each trusted proxy appends one entry, so only the last ``proxies`` entries count, and the first of
    those is the client. Too few entries mean that the request came around the proxies: what the
    connection itself says stands.

    Spec: V4.1.3, V15.3.4.
    """

    def entry(header: str | None) -> str | None:
        parts = [part.strip() for part in (header or "").split(",")]
        return parts[-proxies] if proxies and len(parts) >= proxies and parts[-proxies] else None

    return Peer(
        address=entry(forwarded_for) or direct.address,
        scheme=entry(forwarded_proto) or direct.scheme,
        host=entry(forwarded_host) or direct.host,
    )


@dataclass(frozen=True, slots=True)
class Proceed:
    """Host and transport are fine."""


@dataclass(frozen=True, slots=True)
class RedirectToHttps:
    """A page asked for over plain HTTP: send the browser to the same page over HTTPS."""

    location: str


@dataclass(frozen=True, slots=True)
class TransportRefused:
    """The host is not ours, or plain HTTP carried something that must not be repeated."""

    reason: str


TransportOutcome: TypeAlias = Proceed | RedirectToHttps | TransportRefused
_PROCEED: Final = Proceed()
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_OWN_PORTS: Final = {"http": "80", "https": "443"}


def check_transport(
    peer: Peer, *, path_and_query: str, may_redirect: bool, settings: TransportSettings
) -> TransportOutcome:
    """Decide on host and scheme.

    Args:
        peer: from ``resolve_peer``.
        path_and_query: for the redirect, percent-encoded, beginning with one slash.
        may_redirect: a page fetched by GET or HEAD; API calls and forms over plain HTTP are
            refused, since a redirect would hide that secrets travelled in clear (V4.1.2).
        settings: the allowed hosts.
    """
    host = peer.host.lower()
    match = _HOST.fullmatch(host)
    name, port = (match["name"], match["port"]) if match else ("", None)
    is_plain = name in settings.plain_http_hosts
    # A port of the caller's choice would travel in mailed links; those to a loopback name lead to the
    # machine of whoever opens them.
    is_own_port = port in {None, _OWN_PORTS.get(peer.scheme)} or (is_plain and name in _LOOPBACK)
    if not (host in settings.allowed_hosts or (name in settings.allowed_hosts and is_own_port)):
        return TransportRefused("host")
    if peer.scheme == "https" or is_plain:
        return _PROCEED
    if may_redirect:
        return RedirectToHttps(f"https://{name}/{path_and_query.lstrip('/')}")
    return TransportRefused("plain_http")
