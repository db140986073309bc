"""Hosts, schemes and proxies."""

import pytest

from bastide.core.foundation import ConfigurationError
from bastide.core.http import (
    Peer,
    Proceed,
    RedirectToHttps,
    TransportRefused,
    TransportSettings,
    check_transport,
    resolve_peer,
)
from support.rows import rows


@pytest.mark.asvs("V4.1.3", "V15.3.4")
@rows(
    ("proxies", "forwarded_for", "address"),
    [(0, "1.1.1.1", "9.9.9.9"), (1, "1.1.1.1", "1.1.1.1"), (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
     (2, "6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"), (2, "1.1.1.1", "9.9.9.9"), (1, None, "9.9.9.9"), (1, " ", "9.9.9.9")],
)  # fmt: skip
def test_only_ones_own_proxies_are_believed(proxies: int, forwarded_for: str | None, address: str) -> None:
    direct = Peer("9.9.9.9", "http", "inner")
    seen = resolve_peer(
        direct, forwarded_for=forwarded_for, forwarded_proto="https" if proxies else None,
        forwarded_host="blog.example" if proxies == 1 else None, proxies=proxies,
    )  # fmt: skip
    assert seen.address == address
    assert seen.scheme == ("https" if proxies == 1 else "http")
    assert seen.host == ("blog.example" if proxies == 1 else "inner")


SETTINGS = TransportSettings(
    allowed_hosts=frozenset(
        {"blog.example", "localhost", "intranet.example", "[::1]:8000", "blog.example:8443"}
    ),
    plain_http_hosts=frozenset({"localhost", "intranet.example"}),
)


@pytest.mark.asvs("V4.1.2")
@rows(
    ("scheme", "host", "may_redirect", "outcome"),
    [
        ("https", "blog.example", True, Proceed()), ("https", "BLOG.example:8443", True, Proceed()), ("https", "blog.example:443", True, Proceed()),
        ("http", "localhost:8000", False, Proceed()), ("https", "[::1]:8000", True, Proceed()),
        ("http", "blog.example", True, RedirectToHttps("https://blog.example/a?b=c")),
        ("http", "blog.example:80", True, RedirectToHttps("https://blog.example/a?b=c")),
        ("http", "blog.example", False, TransportRefused("plain_http")),
        ("http", "intranet.example", False, Proceed()), ("http", "intranet.example:80", False, Proceed()),
        ("http", "intranet.example:666", False, TransportRefused("host")),
        *(("https", host, True, TransportRefused("host")) for host in (
            "evil.example", "blog.example:8444", "blog.example:80", "[::1]", "blog.example.evil", "", "blog.example:x", "a@blog.example", "blog.example,evil", "blog.example.",
            "localhost\n", "blog.example/x")),
    ],
)  # fmt: skip
def test_hosts_and_schemes(scheme: str, host: str, may_redirect: bool, outcome: object) -> None:  # noqa: FBT001
    peer = Peer("9.9.9.9", scheme, host)
    found = check_transport(peer, path_and_query="//a?b=c", may_redirect=may_redirect, settings=SETTINGS)
    assert found == outcome


def test_odd_transport_settings_stop_the_start() -> None:
    for bad in (
        {"allowed_hosts": frozenset({"Blog.example"})}, {"allowed_hosts": frozenset({"a:x"})}, {"proxies": -1},
        {"plain_http_hosts": frozenset({"x"})}, {"api_prefix": ""}, {"api_prefix": "/api"},
    ):  # fmt: skip
        with pytest.raises(ConfigurationError):
            TransportSettings(**bad)  # type: ignore[arg-type]
    SETTINGS.require_hosts()
    with pytest.raises(ConfigurationError, match="allowed_hosts is empty"):
        TransportSettings().require_hosts()
