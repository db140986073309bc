"""Forgery and transport."""

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bastide.core.foundation import ConfigurationError, Secret, Signer, VerificationFailed
from bastide.core.http import (
    Csrf,
    Peer,
    Proceed,
    RedirectToHttps,
    TransportRefused,
    TransportSettings,
    check_transport,
    resolve_peer,
    verify_origin,
)
from bastide.core.records import FactorSettings
from bastide.core.request import Settings
from bastide.core.sessions.sessions import AgentChange
from bastide.core.sign_in import PolicyPreset
from bastide.testing import SeededEntropy

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
@pytest.mark.parametrize(
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


@pytest.mark.asvs("V4.1.3", "V15.3.4")
@pytest.mark.parametrize(
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
@pytest.mark.parametrize(
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


def test_settings_come_from_a_mapping_and_unknown_names_stop_the_start() -> None:
    settings = Settings.from_mapping({"attempts": {"account_limit": 3}})
    assert settings.attempts.account_limit == 3
    assert settings.sessions == Settings().sessions
    with pytest.raises(ConfigurationError, match="unknown controls"):
        Settings.from_mapping({"attemps": {}})
    with pytest.raises(ConfigurationError, match="unknown settings of attempts"):
        Settings.from_mapping({"attempts": {"acount_limit": 3}})


@pytest.mark.asvs("V6.5.5", "V6.3.3")
def test_a_profile_is_stricter_and_what_is_given_goes_over_it() -> None:
    strict = Settings.from_mapping({"profile": "asvs", "factors": {"backup_codes": 12}})
    assert strict.factors == FactorSettings(drift_steps=0, is_required=True, backup_codes=12)
    assert strict.tickets.registration_lifetime == timedelta(minutes=10)
    assert strict.passwords.preset is PolicyPreset.NIST
    assert Settings.from_mapping({"profile": "asvs", "factors": {"drift_steps": 1}}).factors.drift_steps == 1
    assert Settings.from_mapping({"profile": "default"}) == Settings.from_mapping({}) == Settings()
    with pytest.raises(ConfigurationError, match="unknown profile"):
        Settings.from_mapping({"profile": "asv"})


def test_a_choice_may_be_given_by_its_name_and_by_no_other() -> None:
    settings = Settings.from_mapping(
        {"sessions": {"on_agent_change": "end"}, "passwords": {"preset": "nist"}}
    )
    assert settings.sessions.on_agent_change is AgentChange.END
    assert settings.passwords.preset is PolicyPreset.NIST
    with pytest.raises(ConfigurationError, match="it may be"):
        Settings.from_mapping({"sessions": {"on_agent_change": "ends"}})


@pytest.mark.parametrize("hosts", [["localhost"], {"localhost"}, ("localhost",)])
def test_a_set_may_be_given_as_any_collection_and_never_as_one_word(hosts: Any) -> None:
    transport = {"allowed_hosts": hosts, "plain_http_hosts": hosts}
    settings = Settings.from_mapping({"transport": transport, "uploads": {"kinds": ["png"]}})
    assert settings.transport.plain_http_hosts == frozenset({"localhost"})
    assert settings.uploads.kinds == ("png",)
    with pytest.raises(ConfigurationError, match=r"^allowed_hosts is 'localhost'; it has to be a frozenset$"):
        Settings.from_mapping({"transport": {"allowed_hosts": "localhost"}})


@pytest.mark.parametrize(
    "given",
    [
        {"sessions": {"idle_timeout": 20}},
        {"attempts": {"account_limit": True}},
        {"attempts": {"account_limit": "5"}},
        {"factors": {"is_required": 1}},
        {"registration": {"role": None}},
        {"sessions": {"on_agent_change": []}},
        {"sessions": ["idle_timeout"]},
        {"profile": "asvs", "factors": None},
    ],
)
def test_a_value_of_another_type_is_refused_by_name(given: Any) -> None:
    name = next(reversed(given))
    wanted = next(iter(given[name])) if isinstance(given[name], dict) else name
    with pytest.raises(ConfigurationError, match=rf"{wanted} (is|are) .+; (it|they) (has|have|may) .*be"):
        Settings.from_mapping(given)


def test_the_page_of_settings_lists_each_with_its_default() -> None:
    page = (Path(__file__).parents[3] / "docs/settings.md").read_text(encoding="utf-8")
    listed = [
        (section.partition("`")[0], *row)
        for section in page.split("\n## `")[1:]
        for row in re.findall(r"^\| `(\w+)` \| `(.+?)` \|", section, flags=re.MULTILINE)
    ]
    settings = Settings()
    assert [row for row in listed if row[1] != "phrases"] == [
        (control.name, setting.name, _as_written(getattr(getattr(settings, control.name), setting.name)))
        for control in fields(settings)
        for setting in fields(getattr(settings, control.name))
        if setting.name != "phrases"
    ]


def _as_written(value: object) -> str:
    if not isinstance(value, timedelta):
        return f'"{value}"' if isinstance(value, str) else repr(value)
    units = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
    seconds = round(value.total_seconds())
    unit = next(unit for unit, length in units.items() if seconds % length == 0)
    return f"timedelta({unit}={seconds // units[unit]})"
