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

DIRECT = Peer("9.9.9.9", "http", "inner")


def resolve(proxies: int, **forwarded: str) -> Peer:
    sent = {f"forwarded_{name}": forwarded.get(name) for name in ("for", "proto", "host")}
    return resolve_peer(DIRECT, proxies=proxies, **sent)


@pytest.mark.asvs("V4.1.3", "V15.3.4")
@rows(
    ("proxies", "forwarded_for", "address"),
    [(0, "1.1.1.1", "9.9.9.9"), (1, "1.1.1.1", "1.1.1.1"), (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
     (2, "6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"), (2, "1.1.1.1", "9.9.9.9"), (1, " ", "9.9.9.9"), (2, "1.1.1.1,", "1.1.1.1"),
     (1, "1.1.1.1:55123", "1.1.1.1"), (1, "[2001:db8::1]:443", "2001:db8::1"), (1, "[2001:db8::1]", "2001:db8::1"),
     (1, "2001:db8::1", "2001:db8::1"), (1, "unknown", "unknown"), (1, "_hidden", "unknown"), (1, "1.1.1.1:x", "unknown")],
)  # fmt: skip
def test_only_ones_own_proxies_are_believed(proxies: int, forwarded_for: str, address: str) -> None:
    assert resolve(proxies, **{"for": forwarded_for}).address == address


@pytest.mark.asvs("V4.1.3", "V15.3.4")
@pytest.mark.parametrize(
    ("proxies", "forwarded", "peer"),
    [
        (0, {"proto": "https", "host": "a.example"}, DIRECT),
        (1, {}, DIRECT),
        (1, {"proto": "https", "host": "a.example"}, Peer("9.9.9.9", "https", "a.example")),
        # A network of proxies: all of them append the address, the inner one sets scheme and host anew.
        (2, {"for": "1.1.1.1, 2.2.2.2", "proto": "https", "host": "a.example"}, Peer("1.1.1.1", "https", "a.example")),
        (2, {"for": "6.6.6.6, 1.1.1.1, 2.2.2.2", "proto": "http, https, https"}, Peer("1.1.1.1", "https", "inner")),
        (2, {"for": "6.6.6.6, 1.1.1.1, 2.2.2.2", "proto": "https, http, http"}, Peer("1.1.1.1", "http", "inner")),
        # Around the proxies: nothing that was sent along counts.
        (2, {"for": "1.1.1.1", "proto": "https", "host": "a.example"}, DIRECT),
        (1, {"for": "1.1.1.1", "proto": "HTTPS"}, Peer("1.1.1.1", "https", "inner")),
        (1, {"for": "1.1.1.1", "proto": "gopher"}, Peer("1.1.1.1", "http", "inner")),
    ],
)  # fmt: skip
def test_each_forwarded_header_is_counted_apart(proxies: int, forwarded: dict[str, str], peer: Peer) -> None:
    assert resolve(proxies, **forwarded) == peer


@pytest.mark.parametrize(
    ("scheme", "host", "canonical"),
    [("https", "Blog.example:443", "blog.example"), ("http", "blog.example:80", "blog.example"), ("https", "blog.example:80", "blog.example:80"),
     ("http", "blog.example:443", "blog.example:443"), ("https", "[::1]:443", "[::1]"), ("https", "[::443]", "[::443]"), ("https", "", ""), ("https", ":443", ":443")],
)  # fmt: skip
def test_a_host_is_spelled_as_browsers_spell_it_in_an_origin(scheme: str, host: str, canonical: str) -> None:
    for proxies in (0, 1):
        direct = Peer("9.9.9.9", scheme, host)
        peer = resolve_peer(
            direct, forwarded_for=None, forwarded_proto=None, forwarded_host=None, proxies=proxies
        )
        assert peer == Peer("9.9.9.9", scheme, canonical)
    behind = resolve(1, proto=scheme, host=host)
    assert behind.host == (canonical if host else "inner")


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
        ("https", "blog.example", True, Proceed()), ("https", "blog.example:8443", True, Proceed()), ("https", "blog.example:443", True, Proceed()),
        ("http", "localhost:8000", False, Proceed()), ("https", "[::1]:8000", True, Proceed()),
        ("http", "blog.example", True, RedirectToHttps("https://blog.example/a?b=c")),
        ("http", "blog.example:80", True, RedirectToHttps("https://blog.example/a?b=c")),
        ("http", "blog.example", False, TransportRefused("plain_http")),
        ("http", "intranet.example", False, Proceed()), ("http", "intranet.example:80", False, Proceed()),
        ("http", "intranet.example:666", False, TransportRefused("host")),
        *(("https", host, True, TransportRefused("host")) for host in (
            "evil.example", "blog.example:8444", "blog.example:80", "[::1]", "blog.example.evil", "", "blog.example:70000", "BLOG.example", "blog.example:x", "a@blog.example", "blog.example,evil", "blog.example.",
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
    for odd in ("a:70000", "..a", ".a:443", "*.a", "."):
        with pytest.raises(ConfigurationError, match="must be a lower-case host name"):
            TransportSettings(allowed_hosts=frozenset({odd}))
    SETTINGS.require_hosts()
    with pytest.raises(ConfigurationError, match="allowed_hosts is empty"):
        TransportSettings().require_hosts()


def test_a_name_after_a_dot_allows_itself_and_every_name_below_it() -> None:
    settings = TransportSettings(
        allowed_hosts=frozenset({".blog.example"}), plain_http_hosts=frozenset({"dev.blog.example"})
    )
    for scheme, host, outcome in (
        ("https", "blog.example", Proceed()), ("https", "a.blog.example", Proceed()), ("https", "a.b.blog.example:443", Proceed()),
        ("http", "dev.blog.example", Proceed()), ("http", "a.blog.example", TransportRefused("plain_http")),
        ("https", "a.blog.example:8443", TransportRefused("host")), ("https", "evilblog.example", TransportRefused("host")),
        ("https", "blog.example.evil", TransportRefused("host")), ("https", ".blog.example", TransportRefused("host")),
    ):  # fmt: skip
        peer = Peer("9.9.9.9", scheme, host)
        assert check_transport(peer, path_and_query="/", may_redirect=False, settings=settings) == outcome, (
            host
        )
