"""Which pages elsewhere may call the API."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import ConfigurationError
from bastide.core.http import CorsSettings, cors_headers, preflight_headers
from support.rows import rows

APP = "https://app.example"
LISTED = CorsSettings(origins=frozenset({APP}))


def test_nobody_is_listed_by_default() -> None:
    assert cors_headers(CorsSettings(), APP) == []
    assert preflight_headers(CorsSettings(), APP, method="GET", headers=None) is None


@pytest.mark.asvs("V3.4.2")
def test_a_listed_origin_is_named_exactly_and_without_credentials() -> None:
    assert cors_headers(LISTED, APP) == [
        ("Vary", "Origin"), ("Access-Control-Allow-Origin", APP),
        ("Access-Control-Expose-Headers", "etag, location, ratelimit, ratelimit-policy, retry-after"),
    ]  # fmt: skip
    assert preflight_headers(LISTED, APP, method="PATCH", headers="Authorization, content-type,") == [
        ("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE"),
        ("Access-Control-Allow-Headers", "authorization, content-type, if-match, if-none-match"),
        ("Access-Control-Max-Age", "600"),
    ]


@given(st.text() | st.sampled_from(["null", "*", "https://app.example.evil", "https://evil-app.example",
                                    "http://app.example", "https://app.example:8443", "HTTPS://APP.EXAMPLE", "https://app.example/"]))  # fmt: skip
def test_every_other_origin_gets_nothing(origin: str) -> None:
    if origin != APP:
        assert cors_headers(LISTED, origin) == [("Vary", "Origin")]
        assert preflight_headers(LISTED, origin, method="GET", headers=None) is None


def test_what_is_not_listed_is_not_to_be_sent() -> None:
    assert preflight_headers(LISTED, APP, method="PUT", headers=None) is None
    assert preflight_headers(LISTED, APP, method="get", headers=None) is None
    assert preflight_headers(LISTED, APP, method="GET", headers="x-other") is None
    assert preflight_headers(LISTED, None, method="GET", headers=None) is None


@rows(
    "bad",
    [
        {"origins": frozenset({"*"})}, {"origins": frozenset({"null"})}, {"origins": frozenset({"http://app.example"})},
        {"origins": frozenset({"https://app.example/"})}, {"origins": frozenset({"https://*.example"})},
        {"methods": ("TRACE",)}, {"headers": ("Authorization",)}, {"exposed_headers": ("*",)},
        {"max_age": timedelta(hours=3)}, {"max_age": timedelta(seconds=-1)},
    ],
)  # fmt: skip
def test_settings_are_held_to_whole_origins(bad: Any) -> None:
    with pytest.raises(ConfigurationError):
        CorsSettings(**bad)
