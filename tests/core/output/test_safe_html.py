"""Sanitising and Markdown."""

import unicodedata
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
    safe_html,
    sanitize,
)
from support.markup import NOT_SETTLED, PIECES
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


@pytest.mark.asvs("V1.3.1")
@rows("policy", [ARTICLE, COMMENT])
def test_cleaning_goes_on_until_nothing_changes(policy: HtmlPolicy) -> None:
    for html in NOT_SETTLED:
        clean = sanitize(html, policy)
        assert sanitize(clean, policy) == clean, html


@pytest.mark.asvs("V1.3.1")
@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from([ARTICLE, COMMENT]))
def test_cleaning_twice_changes_nothing(html: str, policy: HtmlPolicy) -> None:
    clean = sanitize(html, policy)
    assert sanitize(clean, policy) == clean
    tree = html5lib.parseFragment(str(clean), namespaceHTMLElements=False)
    assert {element.tag for element in tree.iter()} <= policy.tags | {"DOCUMENT_FRAGMENT"}


@pytest.mark.asvs("V1.3.1")
def test_what_never_comes_to_rest_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_html, "MAX_PASSES", 1)
    with pytest.raises(InvalidInput, match="too_deep"):
        sanitize("<p><button><p>a", ARTICLE)


def test_blank_lines_at_the_head_of_preformatted_text_stay() -> None:
    assert sanitize("<pre>\n\n\na</pre>", ARTICLE) == "<pre>\n\n\na</pre>"
    assert sanitize("<pre>&#10;&#10;a</pre>", ARTICLE) == "<pre>\n\na</pre>"
    assert sanitize("<pre>\na</pre>", ARTICLE) == "<pre>a</pre>"
    assert sanitize('<p>a</p><img alt="<pre>\n">', ARTICLE) == '<p>a</p><img alt="&lt;pre&gt;\n">'


def test_wide_markup_passes_the_depth_scan() -> None:
    wide = "<p>a<br></p></p>" * 300
    assert sanitize(wide, ARTICLE).count("<p>a<br></p>") == 300


def test_policies_that_let_scripts_in_stop_the_start() -> None:
    assert not needs_cleaning("article:3", ARTICLE)
    assert needs_cleaning("article:2", ARTICLE)
    assert needs_cleaning("comment:2", COMMENT)
    for bad in (
        {"tags": frozenset({"script"})},
        {"tags": frozenset({"p"}), "attributes": {"p": frozenset({"onclick"})}},
        {"tags": frozenset({"p"}), "attributes": {"p": frozenset({"style"})}},
        {"tags": frozenset({"p"}), "values": {"p": {"class": frozenset({"x"})}}},
        {"tags": frozenset({"p"}), "fixed": {"p": {"onclick": "x"}}},
        {"tags": frozenset({"p"}), "id_prefix": ""},
        {"tags": frozenset({"p"}), "id_prefix": "-"},
        {"tags": frozenset({"code"}), "class_prefixes": {"code": "language"}},
        {"tags": frozenset({"a"}), "schemes": frozenset({"javascript"})},
    ):
        with pytest.raises(ConfigurationError):
            HtmlPolicy(name="mine", version=1, **bad)  # type: ignore[arg-type]


@pytest.mark.asvs("V1.3.1")
def test_ids_take_the_prefix_and_links_follow_them() -> None:
    assert sanitize('<h2 id="login">a</h2><a href="#login">b</a>', ARTICLE) == (
        '<h2 id="user-content-login">a</h2><a href="#user-content-login" rel="nofollow noopener noreferrer">b</a>'
    )
    for kept in ("#", "#top", "#user-content-x", "/other#x", "?a#x"):
        clean = sanitize(f'<a href="{kept}">a</a>', ARTICLE)
        assert f'href="{kept}"' in clean
    assert 'href="#user-content-x"' in sanitize('<a href=" #x">a</a>', ARTICLE)
    assert "id=" not in sanitize(
        '<p id="a">b</p><img id="c"><input id="d"><table id="e"></table><a id="f">g</a>', ARTICLE
    )
    assert "name=" not in sanitize('<a name="a">b</a><input name="c"><img name="d">', ARTICLE)


@pytest.mark.asvs("V1.3.1")
@rows("policy", [ARTICLE, COMMENT])
def test_no_attribute_stays_that_a_policy_does_not_name(policy: HtmlPolicy) -> None:
    assert sanitize("<em title=a lang=b dir=c>d</em>", policy) == "<em>d</em>"


@pytest.mark.asvs("V1.3.1")
def test_only_classes_of_languages_and_boxes_that_cannot_be_ticked_stay() -> None:
    assert sanitize('<code class="language-c++ button language-x">a</code>', ARTICLE) == (
        '<code class="language-c++ language-x">a</code>'
    )
    for html in ('<code class="notice primary">a</code>', f'<code class="language-{"x" * 33}">a</code>'):
        assert "class" not in sanitize(html, ARTICLE).replace('class=""', "")
    assert "class" not in sanitize('<p class="language-x">a</p>', ARTICLE)
    box = sanitize('<input type="image" src="/x" formaction="/y" autofocus onfocus="z" checked>', ARTICLE)
    assert set(html5lib.parseFragment(str(box))[0].attrib.items()) == {
        ("type", "checkbox"), ("disabled", ""), ("checked", ""),
    }  # fmt: skip
    assert sanitize('<table><tr><td align="right">a<td align="x">b', ARTICLE) == (
        '<table tabindex="0"><tbody><tr><td align="right">a</td><td>b</td></tr></tbody></table>'
    )
    own = HtmlPolicy(
        name="own",
        version=1,
        tags=frozenset({"p", "code"}),
        class_prefixes={"code": "language-", "p": "text-"},
    )
    mixed = "<p class='language-a text-b'>c<code class='language-a text-b'>d</code></p>"
    assert sanitize(mixed, own) == '<p class="text-b">c<code class="language-a">d</code></p>'
