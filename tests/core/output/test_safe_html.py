"""Sanitising and Markdown."""

import unicodedata
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import ConfigurationError, InvalidInput
from bastide.core.output import (
    ARTICLE,
    COMMENT,
    HtmlPolicy,
    SafeHtml,
    needs_cleaning,
    render_markdown,
    sanitize,
)
from bastide.core.output.safe_html import _is_shallow
from support.rows import rows


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
@rows("html", ["<ul>" * 501, "<div><p>" * 400, "<b>" * 100_000, "x" * 200_001, "é<" + "x" * 200_000])
def test_hostile_markup_is_refused_before_parsing(html: str) -> None:
    with pytest.raises(InvalidInput, match="too_"):
        sanitize(html, ARTICLE)


@pytest.mark.asvs("V1.3.3", "V15.2.2")
@rows(
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
    small = HtmlPolicy(name="small", version=1, tags=frozenset(), max_size_bytes=10)
    assert sanitize("é" * 5, small) == "é" * 5
    with pytest.raises(InvalidInput, match="too_long"):
        sanitize("é" * 6, small)
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
