"""The content security policy and the reports that browsers send of it."""

import json

import pytest

from bastide.core.foundation import ConfigurationError, InvalidInput
from bastide.core.http import (
    MAX_REPORT_SIZE_BYTES,
    CspSettings,
    Violation,
    issue_nonce,
    parse_reports,
)
from bastide.core.http.csp import NONCE, ContentSecurityPolicy
from bastide.testing import SeededEntropy
from support.rows import rows


@pytest.mark.asvs("V3.4.3", "V3.4.6", "V3.4.7")
def test_the_default_policy_lets_scripts_in_by_nonce_only() -> None:
    policy = CspSettings().enforced_policy()
    assert policy.header("abc", is_secure=True) == (
        "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; object-src 'none'; report-uri /csp-reports; report-to bastide"
    )
    assert "script-src 'none';" in policy.header(None, is_secure=True)
    assert "report" not in ContentSecurityPolicy.strict().header(None, is_secure=True)
    assert len(issue_nonce(SeededEntropy())) == 22


def test_merging_changes_neither_policy() -> None:
    policy = ContentSecurityPolicy.strict()
    before = policy.header(None, is_secure=True)
    merged = policy.merged({"img-src": ["'self'", "https://images.example.org"]})
    assert "img-src 'self' https://images.example.org" in merged.header(None, is_secure=True)
    assert policy.header(None, is_secure=True) == before
    report_only = CspSettings(report_only={"style-src": ("'none'",)}).report_only_policy()
    assert report_only is not None
    assert "style-src 'none'" in report_only.header(None, is_secure=True)
    assert CspSettings().report_only_policy() is None


@rows(
    "directives",
    [{"script-src": [NONCE, "'unsafe-inline'"]}, {"script-src": ["*"]}, {"object-src": ["'self'"]}, {"base-uri": ["*"]},
     {"default-src": ["*"]}, {"img-src": ["a; script-src *"]}, {"img-src;": ["a"]}, {"img-src": ["a\r\nX: y"]}],
)  # fmt: skip
def test_weak_policies_stop_the_start(directives: dict[str, list[str]]) -> None:
    with pytest.raises(ConfigurationError):
        CspSettings(directives=directives).enforced_policy()


@pytest.mark.asvs("V3.4.7")
def test_reports_of_both_formats_are_read_and_cleaned() -> None:
    old = {"csp-report": {"violated-directive": "script-src 'self'", "blocked-uri": "https://u:p@evil.example/x?secret=1",
                          "document-uri": "https://a.example/page?token=1"}}  # fmt: skip
    expected = Violation(directive="script-src", blocked="https://evil.example", document="/page")
    assert parse_reports(json.dumps(old).encode(), "application/csp-report; charset=utf-8") == (expected,)
    new = [{"type": "csp-violation", "body": {"effectiveDirective": "script-src-elem", "blockedURL": "inline",
                                              "documentURL": "https://[bad"}}, {"type": "other"}]  # fmt: skip
    found = parse_reports(json.dumps(new).encode(), "application/reports+json")
    assert found == (Violation(directive="script-src-elem", blocked="inline", document=""),)
    assert len({expected.fingerprint, found[0].fingerprint}) == 2
    link = {
        "csp-report": {
            "effective-directive": "img-src",
            "document-uri": f"https://a.example/account/reset/{'x' * 43}",
        }
    }
    assert (
        parse_reports(json.dumps(link).encode(), "application/csp-report")[0].document == "/account/reset/…"
    )
    blob = {"csp-report": {"effective-directive": "img-src", "blocked-uri": "data:x", "document-uri": "/"}}
    assert parse_reports(json.dumps(blob).encode(), "application/csp-report")[0].blocked == "data"


@rows(
    ("body", "kind", "code"),
    [(b"x" * (MAX_REPORT_SIZE_BYTES + 1), "application/csp-report", "too_long"), (b"{}", "text/plain", "content_type"),
     (b"{", "application/csp-report", "not_json"), (b"[" * 10_000, "application/csp-report", "not_json"),
     (b"[]", "application/csp-report", "shape"), (b"{}", "application/csp-report", "shape"),
     (b"{}", "application/reports+json", "shape"), (b"[1]", "application/reports+json", "shape"),
     (b'[{"type":"csp-violation","body":1}]', "application/reports+json", "shape"), (b"\xff", "application/csp-report", "not_json")],
)  # fmt: skip
def test_odd_reports_are_refused(body: bytes, kind: str, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        parse_reports(body, kind)
