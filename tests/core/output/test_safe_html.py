"""Escaping, sanitising, Markdown, CSP and headers."""

import json
import unicodedata
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from bastide.core.foundation import ConfigurationError, InvalidInput
from bastide.core.http import (
    MAX_REPORT_SIZE_BYTES,
    CspSettings,
    HeaderSettings,
    Violation,
    issue_nonce,
    parse_reports,
)
from bastide.core.http.csp import NONCE, ContentSecurityPolicy
from bastide.core.output import (
    ARTICLE,
    COMMENT,
    HtmlPolicy,
    SafeHtml,
    json_island,
    needs_cleaning,
    render_markdown,
    safe_url,
    sanitize,
)
from bastide.core.output.html import format_html
from bastide.core.output.safe_html import _is_shallow
from bastide.testing import SeededEntropy


@pytest.mark.asvs("V1.2.2")
@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("/posts/1", "/posts/1"),
        ("posts/a:b", "posts/a:b"),
        ("?a:b", "?a:b"),
        (" /é\"'<>", "/%C3%A9%22'%3C%3E"),
        ("javascript:alert(1)", "#"),
        ("JaVaScRiPt:alert(1)", "#"),
        ("java\tscript:alert(1)", "#"),
        ("\x01javascript:alert(1)", "#"),
        ("data:text/html,x", "#"),
        ("1java:x", "#"),
        ("vbscript:x", "#"),
        ("https:\\\\evil.example", "#"),
        ("\x85javascript:x", "#"),
    ],
)
def test_addresses_only_navigate(raw: str, safe: str) -> None:
    assert safe_url(raw) == safe


@pytest.mark.asvs("V1.2.3")
@given(st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=5))
def test_json_islands_keep_their_value_and_their_end(value: object) -> None:
    island = json_island({"value": value, "end": "</script><!-- \u2028"}, element_id="data")
    assert island.count("</script") == 1
    text = island.partition(">")[2].removesuffix("</script>")
    assert json.loads(text) == {"value": value, "end": "</script><!-- \u2028"}
    assert "\u2028" not in text


@pytest.mark.asvs("V1.3.10")
def test_messages_escape_values_and_do_not_reach_into_them() -> None:
    assert format_html("<b>{}</b> {n:>3}", "<i>", n=7) == Markup("<b>&lt;i&gt;</b>   7")
    assert format_html("{}", Markup("<i>")) == "<i>"
    for template in ("{0.__class__}", "{0[0]}"):
        with pytest.raises(ConfigurationError):
            format_html(template, "x")  # type: ignore[arg-type]


@pytest.mark.asvs("V1.3.1")
@given(st.text(alphabet="<>&/ab \x00\r\xa0\"'=é"))
def test_cleaning_is_idempotent_and_equals_the_library(html: str) -> None:
    clean = sanitize(html, COMMENT)
    assert sanitize(clean, COMMENT) == clean
    cleaned = nh3.clean(html, tags=set(COMMENT.tags), attributes={}, link_rel=None)
    assert clean == cleaned.replace("\x00", "\ufffd")
    tree = html5lib.parseFragment(str(clean), namespaceHTMLElements=False)
    assert {element.tag for element in tree.iter()} <= COMMENT.tags | {"DOCUMENT_FRAGMENT"}


@pytest.mark.asvs("V1.3.1")
@given(st.characters(min_codepoint=1, exclude_categories=["Cs"]))
def test_no_character_nor_a_reference_to_it_breaks_xml(char: str) -> None:
    for html in (f"<p>a{char}b</p>", f"<p>a&#{ord(char)};b</p>"):
        clean = sanitize(html, COMMENT)
        text = "".join(ET.fromstring(clean.replace("&nbsp;", " ")).itertext())  # noqa: S314 -- clean
        assert not any(unicodedata.category(kept) == "Cc" and kept not in "\t\n" for kept in text)
        assert sanitize(clean, COMMENT) == clean


@pytest.mark.asvs("V1.3.1")
def test_what_cannot_be_written_is_replaced_and_joins_no_words() -> None:
    assert (
        sanitize("a&#1;b\x02c&#x202e;d\u2066e&#xFFFE;f&#x10FFFF;", COMMENT)
        == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffd"
    )
    link = sanitize('<a href="java&#1;script:alert(1)">x</a>', ARTICLE)
    assert "javascript" not in link


def test_clean_html_is_raw_and_plain_text_added_to_it_is_escaped() -> None:
    clean = sanitize("<p>a<script>x</script><b>b</b></p>", COMMENT)
    assert clean == SafeHtml("<p>ab</p>")
    assert clean + "<i>" == "<p>ab</p>&lt;i&gt;"
    assert clean.__html__() == "<p>ab</p>"
    link = sanitize('<a href="https://example.org" id="x" onclick="y" class="z">a</a>', ARTICLE)
    assert link == '<a href="https://example.org" rel="nofollow noopener noreferrer">a</a>'


@pytest.mark.asvs("V1.3.3", "V15.2.2")
@pytest.mark.parametrize(
    "html", ["<ul>" * 501, "<div><p>" * 400, "<b>" * 100_000, "x" * 200_001, "é<" + "x" * 200_000]
)
def test_hostile_markup_is_refused_before_parsing(html: str) -> None:
    with pytest.raises(InvalidInput, match="too_"):
        sanitize(html, ARTICLE)


@pytest.mark.asvs("V1.3.3", "V15.2.2")
@pytest.mark.parametrize(
    "unit",
    [
        "<div></x>", "<div></p>", "<b></B>", "<div></br>", "<br-x>", "<svg><link>", "<div a='</div>'>", "<p a='</p>'>", "<div></x a='</div>'>",
        '<div a="></div><i b=">', "<div\v></div>", "<kbd></KbdKbd>", "<div><!--</div>-->",
        "<div><!></div>-->", "<div><a</div>", "<div><title></div></title>", "<div></div x=<p>", "<a><i></a>",
    ],
)  # fmt: skip
def test_end_tags_that_close_nothing_hide_no_depth(unit: str) -> None:
    with pytest.raises(InvalidInput, match="too_deep"):
        sanitize(unit * 600, ARTICLE)


@pytest.mark.asvs("V1.3.3", "V15.2.2")
def test_end_tags_within_an_attribute_close_nothing_before_it() -> None:
    half = "<div>" * 150
    with pytest.raises(InvalidInput, match="too_deep"):
        sanitize(f"{half}</p title='{'</div>' * 150}'>{half}" + "<br>" * 100, ARTICLE)


@pytest.mark.asvs("V1.3.3", "V15.2.2")
def test_formatting_that_is_opened_again_in_every_paragraph_is_refused() -> None:
    often = "".join(f"<em a={number}>" for number in range(150)) + "<p>x</p>" * 1_000
    with pytest.raises(InvalidInput, match="too_deep"):
        sanitize(often, ARTICLE)


TAGS = (
    "a", "b", "br", "button", "desc", "div", "em", "form", "h1", "hr", "img", "li", "link", "math", "mi", "object",
    "option", "p", "script", "select", "span", "svg", "template", "textarea", "title", "ul",
)  # fmt: skip
PIECES = st.one_of(
    st.builds("<{}{}>".format, st.sampled_from(TAGS), st.sampled_from(["", " t=x", " t='a>b'", " /", "/"])),
    st.builds("</{}{}>".format, st.sampled_from(TAGS), st.sampled_from(["", " ", " x"])),
    st.sampled_from(
        ["x", "<!--y-->", "<!-->", "<!--", "<![CDATA[", "]]>", "< ", "<?", "</>", "<a t='", '"', "'"]
    ),
)


def depth_of(element: Any) -> int:
    return 1 + max((depth_of(child) for child in element if isinstance(child.tag, str)), default=0)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_parser_gets_deeper_than_the_scan_says(html: str) -> None:
    depth = depth_of(html5lib.parseFragment(html, namespaceHTMLElements=False)) - 1
    # One more than are open: a void element, or the paragraph that an end tag alone makes.
    assert depth <= 1 or not _is_shallow(html, depth - 2)


def test_wide_markup_passes_the_depth_scan() -> None:
    wide = "<p>a<br></p></p>" * 300
    assert sanitize(wide, ARTICLE).count("<p>a<br></p>") == 300


@pytest.mark.asvs("V1.3.5")
def test_markdown_is_rendered_and_cleaned() -> None:
    assert (
        render_markdown("*a* **b** <script>x</script>", COMMENT) == "<p><em>a</em> <strong>b</strong> </p>\n"
    )
    assert "href" not in render_markdown("[x](javascript:alert(1))", ARTICLE)
    assert render_markdown("# T\n\n> q", ARTICLE) == "<h1>T</h1>\n<blockquote>\n<p>q</p>\n</blockquote>\n"
    with pytest.raises(InvalidInput, match="too_long"):
        render_markdown("x" * 20_001, COMMENT)


def test_policies_that_let_scripts_in_stop_the_start() -> None:
    assert not needs_cleaning("article:2", ARTICLE)
    assert needs_cleaning("article:0", ARTICLE)
    for bad in (
        {"tags": frozenset({"script"})},
        {"tags": frozenset({"p"}), "attributes": {"p": frozenset({"onclick"})}},
        {"tags": frozenset({"p"}), "attributes": {"p": frozenset({"style"})}},
        {"tags": frozenset({"a"}), "schemes": frozenset({"javascript"})},
    ):
        with pytest.raises(ConfigurationError):
            HtmlPolicy(name="mine", version=1, **bad)  # type: ignore[arg-type]


@pytest.mark.asvs("V3.4.3", "V3.4.6", "V3.4.7")
def test_the_default_policy_lets_scripts_in_by_nonce_only() -> None:
    policy = CspSettings().enforced_policy()
    assert policy.header("abc") == (
        "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; object-src 'none'; report-uri /csp-reports; report-to bastide"
    )
    assert "script-src 'none';" in policy.header(None)
    assert "report" not in ContentSecurityPolicy.strict().header(None)
    assert len(issue_nonce(SeededEntropy())) == 22


def test_merging_changes_neither_policy() -> None:
    policy = ContentSecurityPolicy.strict()
    before = policy.header(None)
    merged = policy.merged({"img-src": ["'self'", "https://images.example.org"]})
    assert "img-src 'self' https://images.example.org" in merged.header(None)
    assert policy.header(None) == before
    report_only = CspSettings(report_only={"style-src": ("'none'",)}).report_only_policy()
    assert report_only is not None
    assert "style-src 'none'" in report_only.header(None)
    assert CspSettings().report_only_policy() is None


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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


@pytest.mark.asvs("V3.4.1", "V3.4.4", "V3.4.5", "V3.4.8", "V3.5.8")
def test_the_constant_headers() -> None:
    plain, secure = (dict(HeaderSettings().build(is_secure=flag)) for flag in (False, True))
    assert secure["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in plain
    assert plain["X-Content-Type-Options"] == "nosniff"
    assert plain["Referrer-Policy"] == "same-origin"
    assert plain["Cross-Origin-Opener-Policy"] == plain["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in plain["Permissions-Policy"]
    bold = dict(
        HeaderSettings(
            hsts_preload=True, cross_origin_embedder=True, allowed_features=frozenset({"camera"})
        ).build(is_secure=True)
    )
    assert bold["Strict-Transport-Security"].endswith("; preload")
    assert bold["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "camera=(self)" in bold["Permissions-Policy"]
    with pytest.raises(ConfigurationError):
        HeaderSettings(hsts=timedelta(days=30))
    with pytest.raises(ConfigurationError):
        HeaderSettings(referrer_policy="unsafe-url")
