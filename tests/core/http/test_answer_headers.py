"""The headers of an answer: constant ones, and its policy."""

from bastide.core.http import AnswerHeaders, CspSettings, HeaderSettings

HEADERS, CSP = HeaderSettings(), CspSettings()


def test_the_view_s_own_word_goes_over_the_constant_one() -> None:
    answers = AnswerHeaders(HEADERS, CSP)
    for is_secure in (True, False):
        every = HEADERS.build(is_secure=is_secure)
        assert answers.constant({"content-type"}, is_secure=is_secure) == tuple(every)
        assert answers.constant({"referrer-policy"}, is_secure=is_secure) == tuple(
            header for header in every if header[0] != "Referrer-Policy"
        )
    names = {is_secure: dict(answers.constant((), is_secure=is_secure)) for is_secure in (True, False)}
    assert set(names[True]) - set(names[False]) == {"Strict-Transport-Security"}


def test_a_policy_carries_this_answer_s_nonce_and_directives_and_the_next_has_neither() -> None:
    answers = AnswerHeaders(HEADERS, CspSettings(report_only={"script-src": ("'self'",)}))
    plain = dict(answers.csp(None, {}, is_secure=True))
    changed = dict(answers.csp("n0nce", {"frame-ancestors": ("'self'",)}, is_secure=True))
    assert list(plain) == [
        "Content-Security-Policy",
        "Content-Security-Policy-Report-Only",
        "Reporting-Endpoints",
    ]
    assert "'nonce-n0nce'" in changed["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in changed["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in plain["Content-Security-Policy"]
    assert dict(answers.csp(None, {}, is_secure=True)) == plain


def test_a_policy_that_only_reports_leaves_what_one_answer_states_enforced() -> None:
    answers = AnswerHeaders(HEADERS, CspSettings(is_enforced=False, directives={"img-src": ("*",)}))
    plain = dict(answers.csp("n0nce", {}, is_secure=True))
    assert list(plain) == ["Content-Security-Policy-Report-Only", "Reporting-Endpoints"]
    assert "script-src 'nonce-n0nce' 'strict-dynamic'" in plain["Content-Security-Policy-Report-Only"]
    assert "img-src *" in plain["Content-Security-Policy-Report-Only"]
    sealed = dict(answers.csp(None, {"sandbox": ()}, is_secure=True))
    assert sealed["Content-Security-Policy"] == "sandbox ; report-uri /csp-reports; report-to bastide"
    assert "sandbox" in sealed["Content-Security-Policy-Report-Only"]


def test_over_plain_http_reports_go_where_browsers_send_them() -> None:
    answers = AnswerHeaders(HEADERS, CSP)
    for nonce in (None, "n0nce"):
        secure = dict(answers.csp(nonce, {}, is_secure=True))
        assert secure["Content-Security-Policy"].endswith("; report-uri /csp-reports; report-to bastide")
        assert secure["Reporting-Endpoints"] == 'bastide="/csp-reports"'
        ((name, value),) = answers.csp(nonce, {}, is_secure=False)
        assert name == "Content-Security-Policy"
        assert value.endswith("; report-uri /csp-reports")


def test_without_a_place_for_reports_none_is_named() -> None:
    answers = AnswerHeaders(HEADERS, CspSettings(report_path=""))
    assert [name for name, _ in answers.csp(None, {}, is_secure=True)] == ["Content-Security-Policy"]


def test_below_a_mount_reports_go_below_it_too() -> None:
    answers = AnswerHeaders(HEADERS, CSP)
    plain = answers.csp(None, {}, is_secure=True)
    assert answers.csp(None, {}, is_secure=True, mount="/") == plain
    for mount, place in (
        ("/app", "/app"), ("//evil.example/", "/evil.example"), ("/a;b", "/a%3Bb"), ('/a"b', "/a%22b"), ("/\u00e9", "/%C3%A9"),
    ):  # fmt: skip
        headers = dict(answers.csp(None, {}, is_secure=True, mount=mount))
        assert headers["Content-Security-Policy"].endswith(
            f"; report-uri {place}/csp-reports; report-to bastide"
        )
        assert headers["Reporting-Endpoints"] == f'bastide="{place}/csp-reports"'
        ((_, value),) = answers.csp("n0nce", {}, is_secure=False, mount=mount)
        assert value.endswith(f"; report-uri {place}/csp-reports")
