"""Who is at the other end of a request, as far as the controls may know."""

import ipaddress
from typing import NamedTuple

UNKNOWN_ADDRESS = "unknown"


class Client(NamedTuple):
    """The caller of one request.

    Attributes:
        address: IP address after the declared proxies, or ``unknown``.
        user_agent: the header as sent, untrusted; only its family is ever kept.
        device_cookie: the device cookie as presented, untrusted, or None.
        request_id: id of the request, for the log and the error page.
        route: the route's name, for the log.
    """

    address: str = UNKNOWN_ADDRESS
    user_agent: str = ""
    device_cookie: str | None = None
    request_id: str = ""
    route: str = ""


def network_of(address: str) -> str:
    """Return the network that one subscriber holds: the address, or its /64 for IPv6.

    An IPv4 address mapped into IPv6 counts as that IPv4 address. Anything that is not an
    address shares the bucket ``unknown``.

    Threat: an attacker who owns a /64 and uses a fresh address per guess (V6.3.1).
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return UNKNOWN_ADDRESS
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))
