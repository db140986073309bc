"""From reports to directives: what is needed is proposed, what would weaken the policy is only named."""

from datetime import UTC, datetime

import pytest

from bastide.core.http import CspSettings, Violation, ViolationGroup, propose_directives
from support.rows import rows

WHEN = datetime(2026, 1, 2, tzinfo=UTC)


def group(directive: str, blocked: str, document: str = "/", count: int = 1) -> ViolationGroup:
    violation = Violation(directive=directive, blocked=blocked, document=document)
    return ViolationGroup(violation=violation, count=count, first_seen=WHEN, last_seen=WHEN)


def test_hosts_are_added_to_what_the_policy_has() -> None:
    settings = CspSettings(directives={"img-src": ["'self'", "https://old.example.org"]})
    groups = [
        group("img-src", "https://images.example.org", "/a", 2),
        group("img-src", "https://images.example.org", "/b", 3),
        group("img-src", "https://old.example.org"),
        group("style-src-elem", "https://cdn.example.org:8443"),
        group("connect-src", "wss://live.example.org"),
        group("frame-src", "https://player.example.org"),
        group("media-src", "https://site.example"),
        group("worker-src", "self"),
    ]
    found = propose_directives(groups, settings, own_hosts={"site.example"})
    assert found.directives == {
        "img-src": ("'self'", "https://old.example.org", "https://images.example.org"),
        "style-src": ("'self'", "https://cdn.example.org:8443"),
        "connect-src": ("'self'", "wss://live.example.org"),
        "frame-src": ("https://player.example.org",),
        "media-src": ("'self'",),
        "worker-src": ("'self'",),
    }
    assert found.refused == ()
    assert [each.where for each in found.proposed if each.directive == "img-src"] == ["5 reports, on /a, /b"]
    # What is proposed is a policy.
    assert CspSettings(directives=found.directives).enforced_policy()


@pytest.mark.asvs("V3.4.3")
@rows(
    "directive, blocked, source",
    [
        ("script-src-elem", "inline", "'unsafe-inline'"),
        ("script-src-attr", "inline", "'unsafe-inline'"),
        ("style-src-attr", "inline", "'unsafe-inline'"),
        ("script-src", "eval", "'unsafe-eval'"),
        ("script-src", "wasm-eval", "'wasm-unsafe-eval'"),
        ("img-src", "data", "data:"),
        ("font-src", "data", "data:"),
        ("worker-src", "blob", "blob:"),
        ("script-src-elem", "https://cdn.example.org", "https://cdn.example.org"),
        ("img-src", "http://plain.example.org", "http://plain.example.org"),
        ("img-src", "https://*.example.org", "https://*.example.org"),
        ("img-src", "https://*", "https://*"),
        ("img-src", "https:", "https:"),
        ("img-src", "*", "*"),
        ("img-src", "https://a.example.org 'unsafe-inline'", "https://a.example.org 'unsafe-inline'"),
        ("img-src", "https://10.0.0.1", "https://10.0.0.1"),
        ("object-src", "https://a.example.org", "https://a.example.org"),
        ("base-uri", "self", "'self'"),
        ("frame-ancestors", "https://a.example.org", "https://a.example.org"),
        ("default-src", "https://a.example.org", "https://a.example.org"),
    ],
)
def test_what_would_weaken_the_policy_is_named_and_not_proposed(
    directive: str, blocked: str, source: str
) -> None:
    found = propose_directives([group(directive, blocked)], CspSettings())
    assert (found.directives, found.proposed) == ({}, ())
    (named,) = found.refused
    assert (named.source, named.where) == (source, "1 report, on /")
    assert named.advice


def test_without_strict_dynamic_a_host_of_scripts_is_proposed() -> None:
    settings = CspSettings(directives={"script-src": ["'self'"]}, is_enforced=False)
    found = propose_directives([group("script-src-elem", "https://cdn.example.org")], settings)
    assert found.directives == {"script-src": ("'self'", "https://cdn.example.org")}


def test_reports_of_no_directive_and_of_what_is_let_in_say_nothing() -> None:
    groups = [group("x; script-src *", "https://evil.example"), group("img-src", "self")]
    found = propose_directives(groups, CspSettings())
    assert (found.directives, found.proposed, found.refused) == ({}, (), ())


def test_many_pages_are_counted() -> None:
    groups = [group("img-src", "https://a.example.org", f"/{number}") for number in range(5)]
    groups.append(group("img-src", "https://a.example.org", ""))
    (found,) = propose_directives(groups, CspSettings()).proposed
    assert found.where == "6 reports, on -, /0, /1 and 3 more"


def test_none_gives_way_to_what_is_proposed() -> None:
    settings = CspSettings(directives={"media-src": ["'none'"]})
    found = propose_directives([group("media-src", "https://a.example.org")], settings)
    assert found.directives == {"media-src": ("https://a.example.org",)}
