"""Markdown: what is read, what is shown as typed, and that no word goes missing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import ConfigurationError, InvalidInput
from bastide.core.output import ARTICLE, COMMENT, HtmlPolicy, render_markdown, sanitize
from support.markdown import PARTS, SOURCES, words_of
from support.rows import rows


@pytest.mark.asvs("V1.3.5")
def test_markdown_is_rendered_and_cleaned() -> None:
    assert (
        render_markdown("*a* **b** <script>x</script>", COMMENT)
        == "<p><em>a</em> <strong>b</strong> &lt;script&gt;x&lt;/script&gt;</p>\n"
    )
    assert "href" not in render_markdown("[x](javascript:alert(1))", ARTICLE)
    assert render_markdown("> q\n\n---", ARTICLE) == "<blockquote>\n<p>q</p>\n</blockquote>\n<hr>\n"
    small = HtmlPolicy(name="small", version=1, tags=frozenset(), max_size_bytes=10)
    assert sanitize("é" * 5, small) == "é" * 5
    bare = HtmlPolicy(name="bare", version=1, tags=frozenset())
    assert render_markdown("*a* `b` <i>c</i>", bare) == "*a* `b` &lt;i&gt;c&lt;/i&gt;\n"
    with pytest.raises(InvalidInput, match="too_long"):
        sanitize("é" * 6, small)
    with pytest.raises(InvalidInput, match="too_long"):
        render_markdown("x" * 20_001, COMMENT)


def test_what_authors_write_today_is_read() -> None:
    assert render_markdown("|a|b|\n|:-|-:|\n|*c*|d|", ARTICLE) == (
        '<table tabindex="0">\n<thead>\n<tr>\n<th align="left">a</th>\n<th align="right">b</th>\n</tr>\n</thead>\n<tbody>\n'
        '<tr>\n<td align="left"><em>c</em></td>\n<td align="right">d</td>\n</tr>\n</tbody>\n</table>\n'
    )
    assert render_markdown("~~a~~ ~b~ x<sub>1</sub> y<sup>2</sup> <kbd>c</kbd> <del>d</del>", ARTICLE) == (
        "<p><s>a</s> <s>b</s> x<sub>1</sub> y<sup>2</sup> <kbd>c</kbd> <del>d</del></p>\n"
    )
    assert render_markdown("- [ ] a\n- [x] *b*\n- [X]\tc", ARTICLE) == (
        '<ul>\n<li><label><input type="checkbox" disabled=""> a</label></li>\n'
        '<li><label><input type="checkbox" disabled="" checked=""> <em>b</em></label></li>\n'
        '<li><label><input type="checkbox" disabled="" checked=""> c</label></li>\n</ul>\n'
    )
    links = render_markdown(
        "https://e.org/a?b=c. (www.e.org) me@e.org mailto:me@e.org [call](tel:+441)", ARTICLE
    )
    assert re.findall('href="([^"]*)"', links) == [
        "https://e.org/a?b=c", "http://www.e.org", "mailto:me@e.org", "mailto:me@e.org", "tel:+441",
    ]  # fmt: skip
    assert render_markdown("```python\nx\n```\n\n~~~\ny\n~~~", ARTICLE) == (
        '<pre><code class="language-python">x\n</code></pre>\n<pre><code>y\n</code></pre>\n'
    )
    assert render_markdown("```c++ title=a\nb\n```\n\n``` {.d}\ne\n```", ARTICLE) == (
        '<pre><code class="language-c++">title=a\nb\n</code></pre>\n<pre><code>{.d}\ne\n</code></pre>\n'
    )
    assert render_markdown("<details open>\n<summary>a</summary>\n\n*b*\n\n</details>", ARTICLE) == (
        '<details open="">\n<summary>a</summary>\n<p><em>b</em></p>\n</details>'
    )


def test_links_in_the_page_reach_headings_and_footnotes() -> None:
    text = "## Über *uns*\n\n## Über uns\n\n### !\n\n## Über uns-1\n\n[a](#über-uns) b[^n] c[^n]\n\n[^n]: d"
    html = render_markdown(text, ARTICLE)
    ids = re.findall('id="([^"]*)"', html)
    assert ids[:4] == [
        f"user-content-{name}" for name in ("über-uns", "über-uns-1", "section", "über-uns-1-1")
    ]
    assert ids[4:] == ["user-content-fnref1", "user-content-fnref1:1", "user-content-fn1"]
    targets = re.findall('href="#([^"]*)"', html)
    assert targets == [
        "user-content-%C3%BCber-uns", *["user-content-fn1"] * 2, "user-content-fnref1", "user-content-fnref1:1",
    ]  # fmt: skip
    other = render_markdown(text, ARTICLE, key="post-7")
    assert not set(ids) & set(re.findall('id="([^"]*)"', other))
    assert other.count('="user-content-post-7-') == len(ids)
    for shown in (html, other):
        assert sanitize(shown, ARTICLE) == shown
    with pytest.raises(ConfigurationError):
        render_markdown(text, ARTICLE, key='"><b')


def test_tags_that_a_policy_has_not_are_shown_as_typed() -> None:
    line = "If a<b and c>d use List<String> or <url>; I <3 it"
    for policy in (ARTICLE, COMMENT):
        assert words_of(render_markdown(line, policy)).strip() == line
    assert render_markdown("<url>\n*a*\n\n<!DOCTYPE html> <?php b ?> <![CDATA[c]]>", COMMENT) == (
        "<p>&lt;url&gt;\n<em>a</em></p>\n<p>&lt;!DOCTYPE html&gt; &lt;?php b ?&gt; &lt;![CDATA[c]]&gt;</p>\n"
    )
    assert (
        render_markdown("x <p and q> y <em>z</em> <br/>", COMMENT)
        == "<p>x &lt;p and q&gt; y <em>z</em> <br></p>\n"
    )
    block = "<details>\n<summary>Map<K, V></summary> a<b <!-- c --> d <!-- e\n</details>"
    assert render_markdown(block, ARTICLE) == (
        "<details>\n<summary>Map&lt;K, V&gt;</summary> a&lt;b  d &lt;!-- e\n</details>"
    )
    # A comment is meant to be hidden; one that does not end is none.
    assert render_markdown("<!-- a\n\nb -->\n\nc <!-- d --> e", COMMENT) == "\n<p>c  e</p>\n"
    assert render_markdown("[//]: # (a)\n\nb", ARTICLE) == "<p>b</p>\n"
    assert render_markdown("<!-- a\n\nb", COMMENT) == "<p>&lt;!-- a</p>\n<p>b</p>\n"


def test_syntax_that_a_policy_has_no_element_for_is_shown_as_typed() -> None:
    for line in (
        "# a", "[a](https://e.org)", "![a](/b.png)", "~~a~~", "`a*b*c`", "|a|b|\n|-|-|\n|c|d|", "[a]: /b", "https://e.org",
        "---", "1986. A good year", "a[^1]\n[^1]: b", "<https://e.org>", "[ ] a",
    ):  # fmt: skip
        assert words_of(render_markdown(line, COMMENT)).strip() == line
    assert render_markdown("1. a\n2. b", COMMENT) == "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"
    assert 'start="1986"' in render_markdown("1986. a", ARTICLE)
    for line in ("[a](ftp://e.org)", "[a](data:text/html,b)", "<ftp://e.org>", "xmpp:a@b.org"):
        assert words_of(render_markdown(line, ARTICLE)).strip() == line


@pytest.mark.asvs("V15.2.2")
@rows(
    "piece",
    [
        "[",
        "![",
        "> ",
        "*a **b ",
        "[^1]: ",
        "`" + "a``",
        "<a ",
        "<p>\n<!--",
        "http:",
        "http://(",
        "mailto:a@",
        "- [ ] a\n",
        "# a\n",
        "|a\n|-\n",
    ],
)
def test_no_repetition_exhausts_the_parser(piece: str) -> None:
    text = (piece * 3_000)[:3_000]
    try:
        shown = render_markdown(text, ARTICLE)
    except InvalidInput as refused:
        assert refused.code in {"too_deep", "too_long"}  # noqa: PT017 -- either will do
    else:
        assert sanitize(shown, ARTICLE) == shown


@rows("policy", [ARTICLE, COMMENT])
def test_every_word_of_the_usual_syntax_is_shown(policy: HtmlPolicy) -> None:
    for source in SOURCES:
        shown = words_of(render_markdown(source, policy))
        assert not [word for word in re.findall(r"w\d+", source) if word not in shown], source


@given(st.lists(PARTS, min_size=1, max_size=12), st.sampled_from([ARTICLE, COMMENT]))
def test_no_word_goes_missing(parts: list[str], policy: HtmlPolicy) -> None:
    count = iter(range(100))
    source = re.sub(r"\{\}", lambda _: f"w{next(count)}w", "".join(parts))
    try:
        html = render_markdown(source, policy)
    except InvalidInput:
        return
    shown = words_of(html)
    assert not [word for word in re.findall(r"w\d+w", source) if word not in shown]
    assert sanitize(html, policy) == html
