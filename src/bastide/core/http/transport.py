"""Hosts, proxies and HTTPS: what a request may claim about how it got here."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from bastide.core.foundation import UNKNOWN_ADDRESS, ConfigurationError

_NAME: Final = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?)*"
_HOST: Final = re.compile(rf"(?P<name>{_NAME}|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{{1,5}}))?")
_WILDCARD: Final = re.compile(rf"\.{_NAME}")
_WITH_PORT: Final = re.compile(r"\[(?P<v6>[^\[\]]+)\](?::[0-9]{1,5})?|(?P<v4>[0-9.]+):[0-9]{1,5}")
_MAX_PORT: Final = 65_535
_OWN_PORTS: Final = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportSettings:
    """Where the application may be reached.

    Attributes:
        allowed_hosts: host names, lower case; one with a port (``blog.example:8443``) is allowed on that
            port, one without on the scheme's own. ``.blog.example`` allows ``blog.example`` and every name
            below it: whoever answers under one of them chooses what mailed links point to. Nothing is
            allowed by default.
        proxies: how many proxies of one's own stand in front and append to ``X-Forwarded-For``.
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
            if not _split(host)[0] and _WILDCARD.fullmatch(host) is None:
                msg = f"allowed host {host!r} must be a lower-case host name, or one after a dot"
                raise ConfigurationError(msg)
        if not all(self.allows(host) for host in self.plain_http_hosts):
            msg = "plain_http_hosts must be among allowed_hosts"
            raise ConfigurationError(msg)
        if self.proxies < 0:
            msg = "the number of proxies cannot be negative"
            raise ConfigurationError(msg)
        if not self.api_prefix.startswith("/") or not self.api_prefix.endswith("/"):
            msg = "api_prefix must begin and end with a slash"
            raise ConfigurationError(msg)

    def allows(self, host: str) -> bool:
        """Tell whether ``host``, lower case, is allowed by itself or by a wildcard."""
        return host in self.allowed_hosts or any(
            wildcard[0] == "." and (host == wildcard[1:] or host.endswith(wildcard))
            for wildcard in self.allowed_hosts
        )

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


class Peer(NamedTuple):
    """How the request reached the outermost proxy of one's own.

    Attributes:
        address: the client's address.
        scheme: ``http`` or ``https``.
        host: host with port, untrusted.
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
    """Return what the outermost trusted proxy saw; what the client invented is ignored.

    Each proxy appends the address that it saw to ``X-Forwarded-For``, so only the last ``proxies`` entries
    count, and the first of those is the client. Too few entries mean that the request came around the
    proxies: what the connection itself says stands. Scheme and host are counted apart, since most proxies
    set them anew and some append: the first of the last ``proxies`` entries that are there.

    Spec: V4.1.3, V15.3.4; RFC 6454, 6.1 (the host as an origin has it).
    """
    hops = _entries(forwarded_for)
    if not proxies or (forwarded_for is not None and len(hops) < proxies):
        return direct._replace(host=_canonical(direct.host, direct.scheme))
    address, forwarded_scheme = hops[-proxies:][0], _entries(forwarded_proto)[-proxies:][0].lower()
    scheme = forwarded_scheme if forwarded_scheme in _OWN_PORTS else direct.scheme
    return Peer(
        address=_parse_address(address) if address else direct.address,
        scheme=scheme,
        host=_canonical(_entries(forwarded_host)[-proxies:][0] or direct.host, scheme),
    )


def _entries(header: str | None) -> list[str]:
    return [part.strip() for part in (header or "").split(",")]


def _parse_address(entry: str) -> str:
    """Return the address of an entry, which some proxies write with the client's port."""
    match = _WITH_PORT.fullmatch(entry)
    address = (match["v6"] or match["v4"]) if match else entry
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return UNKNOWN_ADDRESS


def _canonical(host: str, scheme: str) -> str:
    """Return the host as browsers spell it in an origin: lower case, without the scheme's own port."""
    name, _, port = host.lower().rpartition(":")
    return name if name and port == _OWN_PORTS.get(scheme) else host.lower()


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
    name, port = _split(peer.host)
    is_plain = name in settings.plain_http_hosts
    # A port of the caller's choice would travel in mailed links; those to a loopback name lead to the
    # machine of whoever opens them.
    is_own_port = port in {None, _OWN_PORTS.get(peer.scheme)} or (is_plain and name in _LOOPBACK)
    if not name or not (settings.allows(peer.host) or (is_own_port and settings.allows(name))):
        return TransportRefused("host")
    if peer.scheme == "https" or is_plain:
        return _PROCEED
    if may_redirect:
        return RedirectToHttps(f"https://{name}/{path_and_query.lstrip('/')}")
    return TransportRefused("plain_http")


def _split(host: str) -> tuple[str, str | None]:
    """Return name and port of a lower-case host; no name where it is none."""
    match = _HOST.fullmatch(host)
    if match is None or int(match["port"] or 0) > _MAX_PORT:
        return "", None
    return match["name"], match["port"]
