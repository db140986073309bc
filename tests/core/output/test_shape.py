"""The shape of markup, told before a parser is let at it and after it has written."""

from typing import Any

import html5lib
import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import InvalidInput
from bastide.core.output import ARTICLE, sanitize
from bastide.core.output._shape import is_flat, is_settled, is_shallow
from support.markup import PIECES
from support.rows import rows


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


def depth_of(element: Any) -> int:
    return 1 + max((depth_of(child) for child in element if isinstance(child.tag, str)), default=0)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_parser_gets_deeper_than_the_scan_says(html: str) -> None:
    depth = depth_of(html5lib.parseFragment(html, namespaceHTMLElements=False)) - 1
    # One more than are open: a void element, or the paragraph that an end tag alone makes.
    assert depth <= 1 or not is_shallow(html, depth - 2)


ALL = nh3.Cleaner(
    tags=set(ARTICLE.tags), attributes={"a": {"href"}, "ol": {"start"}}, link_rel=None, strip_comments=True
)


@pytest.mark.asvs("V1.3.1")
@given(st.lists(PIECES, max_size=30).map("".join))
def test_what_is_called_flat_or_settled_is_so(html: str) -> None:
    written = ALL.clean(html)
    if is_flat(html):
        assert depth_of(html5lib.parseFragment(html, namespaceHTMLElements=False)) <= 5
        assert ALL.clean(written) == written
    if is_settled(written):
        assert ALL.clean(written) == written


def test_what_articles_are_made_of_needs_no_second_look() -> None:
    assert is_flat("<h1>a</h1>\n<p>b <em>c</em> <a href='/x' title=\"y\">d <code>e</code></a><br></p><hr>")
    assert is_flat('<p>a</p><pre><code>b\n</code></pre><img src="/a.png" alt="">text')
    for html in (
        "<p>a",
        "<p>a<p>b</p></p>",
        "<a>a<a>b</a></a>",
        "<em>a</p>",
        "<ul><li>a</li></ul>",
        "<p a=b>x</p>",
    ):
        assert not is_flat(html), html
    assert is_settled(
        '<ul>\n<li>a <a href="/b">c</a>\n<ol start="2"><li><p>d</p></li></ol></li>\n<li></li></ul><blockquote><pre>e</pre>'
        '</blockquote><details open=""><summary>f</summary><h2 id="g">h</h2></details><section><hr></section>'
        '<table tabindex="0"><thead><tr><th>i</th></tr></thead><tbody><tr><td align="left"><s>j</s></td></tr></tbody></table>'
        '<p><label><input type="checkbox"> k</label></p>'
    )
    for written in (
        "<p><p></p></p>", "<h1><h3></h3></h1>", "<a><em><a></a></em></a>", "<ul><li><li></li></li></ul>", "<li></li>",
        "<pre>\na</pre>", "<table>a</table>", "<p><ul></ul></p>", "<td></td>", "<h1><a><p></p></a></h1>",
    ):  # fmt: skip
        assert not is_settled(written), written
