"""Cookies are read by their whole name and go to this host over HTTPS only."""

import pytest

from bastide.core.foundation import ConfigurationError, Secret
from bastide.core.http import Cookie, CookieSettings, find_cookie, format_cookie


def test_cookies_are_found_by_their_whole_name_and_the_first_counts() -> None:
    header = 'a=1; __Host-session=one;__Host-session=two; b; c="x=y"'
    assert find_cookie(header, "__Host-session") == "one"
    assert find_cookie(header, "c") == '"x=y"'
    assert find_cookie(header, "b") is None
    assert find_cookie(header, "session") is None


@pytest.mark.asvs("V3.3.1", "V3.3.2", "V3.3.3", "V3.3.4")
def test_cookies_go_to_this_host_over_https_only() -> None:
    cookie = format_cookie("__Host-session", Cookie(Secret("v"), None), path="/")
    assert cookie == "__Host-session=v; Secure; HttpOnly; Path=/; SameSite=Lax"
    dropped = format_cookie("__Host-session", Cookie(Secret(""), 0), path="/app/")
    assert dropped == "__Host-session=; Max-Age=0; Secure; HttpOnly; Path=/app/; SameSite=Lax"


@pytest.mark.asvs("V3.3.1", "V3.3.3")
def test_names_that_browsers_would_not_protect_stop_the_start() -> None:
    shop = CookieSettings(session="__Secure-s", device="__Secure-d", visitor="__Secure-v", path="/shop/")
    assert (shop.session, shop.path) == ("__Secure-s", "/shop/")
    for bad in (
        {"session": "sessionid"}, {"session": "__host-session"}, {"device": "__Host-"}, {"visitor": "__Host-a;b"},
        {"session": "__Host-device"}, {"path": "/shop/"}, {"path": "shop"}, {"path": "/a;b"},
    ):  # fmt: skip
        with pytest.raises(ConfigurationError):
            CookieSettings(**bad)
