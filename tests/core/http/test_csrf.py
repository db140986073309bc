"""Forgery: tokens, visitors, and the browser's word on where a request comes from."""

import pytest

from bastide.core.foundation import (
    TAG_SIZE_BYTES,
    Secret,
    Signer,
    VerificationFailed,
    decode_token,
    encode_token,
)
from bastide.core.http import (
    Csrf,
    is_own_page,
    verify_origin,
)
from bastide.testing import SeededEntropy
from support.rows import rows

CSRF = Csrf(signer=Signer(Secret("k" * 32), purpose="csrf"), entropy=SeededEntropy())
OWN = "https://blog.example"


@pytest.mark.asvs("V3.5.1")
def test_tokens_hold_for_their_binding_and_differ_each_time() -> None:
    first, second = CSRF.issue_token(b"a"), CSRF.issue_token(b"a")
    assert first != second
    CSRF.verify_token(first, b"a")
    CSRF.verify_token(second, b"a")
    edited = first[:-2] + ("AA" if first[-2:] != "AA" else "BA")
    for presented, binding, reason in (
        (first, b"b", "csrf_mismatch"), (None, b"a", "csrf_missing"), ("", b"a", "csrf_missing"),
        ("short", b"a", "csrf_malformed"), (edited, b"a", "csrf_m"),
    ):  # fmt: skip
        with pytest.raises(VerificationFailed, match=reason):
            CSRF.verify_token(presented, binding)


def test_visitor_cookies_are_this_servers_own() -> None:
    cookie = CSRF.issue_visitor().reveal()
    assert CSRF.match_visitor(cookie) is not None
    other = Csrf(signer=Signer(Secret("l" * 32), purpose="csrf"), entropy=SeededEntropy())
    assert other.match_visitor(cookie) is None
    assert CSRF.match_visitor(None) is None
    assert CSRF.match_visitor("x" * 64) is None


@pytest.mark.asvs("V3.5.1")
def test_a_visitor_s_cookie_makes_no_token() -> None:
    raw = decode_token(CSRF.issue_visitor().reveal(), size_bytes=16 + TAG_SIZE_BYTES)
    assert raw is not None
    visitor_id, tag = raw[:16], raw[16:]
    with pytest.raises(VerificationFailed, match="csrf_mismatch"):
        CSRF.verify_token(encode_token(bytes(TAG_SIZE_BYTES) + tag), visitor_id)


@pytest.mark.asvs("V3.5.1")
@rows(
    ("origin", "referer", "fetch_site", "passes"),
    [
        (OWN, None, "same-origin", True), (None, None, "none", True), (None, f"{OWN}/x", None, True),
        (None, OWN, None, True), (None, None, None, True), ("null", None, None, False),
        ("https://evil.example", None, None, False), ("http://blog.example", None, None, False),
        (OWN, None, "cross-site", False), (OWN, None, "same-site", False), (None, "https://blog.example.evil/", None, False),
        (None, "https://evil.example/https://blog.example/", None, False),
    ],
)  # fmt: skip
def test_the_browsers_word_on_origin(
    origin: str | None,
    referer: str | None,
    fetch_site: str | None,
    passes: bool,  # noqa: FBT001
) -> None:
    if passes:
        verify_origin(own_origin=OWN, origin=origin, referer=referer, fetch_site=fetch_site)
        return
    with pytest.raises(VerificationFailed):
        verify_origin(own_origin=OWN, origin=origin, referer=referer, fetch_site=fetch_site)


@rows(
    "headers",
    [{"origin": None, "fetch_site": None}, {"origin": "https://evil.example", "fetch_site": None}, {"origin": "null", "fetch_site": None},
     {"origin": "https://evil.example", "fetch_site": "same-origin"}, {"origin": "null", "fetch_site": "same-origin"},
     {"origin": "https://blog.example", "fetch_site": "none"}, {"origin": "https://blog.example", "fetch_site": "same-site"},
     {"origin": "https://blog.example", "fetch_site": "cross-site"}, {"origin": None, "fetch_site": "none"},
     {"origin": "http://blog.example", "fetch_site": None}, {"origin": "https://blog.example:8443", "fetch_site": None}],
)  # fmt: skip
def test_a_request_is_of_a_page_of_this_site_only_where_the_browser_says_so(
    headers: dict[str, str | None],
) -> None:
    assert not is_own_page(own_origin=OWN, **headers)


def test_a_browser_says_so_with_either_header() -> None:
    for origin, fetch_site in ((OWN, None), (OWN, "same-origin"), (None, "same-origin")):
        assert is_own_page(own_origin=OWN, origin=origin, fetch_site=fetch_site)
