"""Markup that parsers write otherwise than it was read, and pieces to make more of it from."""

from typing import Final

from hypothesis import strategies as st

TAGS = (
    "a", "b", "br", "button", "code", "desc", "details", "div", "em", "form", "h1", "h2", "hr", "img", "input", "kbd", "label",
    "li", "link", "math", "mi", "object", "ol", "option", "p", "pre", "script", "section", "select", "span", "strong",
    "summary", "sup", "svg", "table", "tbody", "td", "template", "textarea", "th", "thead", "title", "tr", "ul",
)  # fmt: skip
PIECES = st.one_of(
    st.builds("<{}{}>".format, st.sampled_from(TAGS), st.sampled_from(["", " t=x", " t='a>b'", " /", "/"])),
    st.builds("</{}{}>".format, st.sampled_from(TAGS), st.sampled_from(["", " ", " x"])),
    st.sampled_from(
        ["x", "\n", "<!--y-->", "<!-->", "<!--", "<![CDATA[", "]]>", "< ", "<?", "</>", "<a t='", '"', "'"]
    ),
)
# One parse is not enough for these: what a policy takes out lets things meet that no parser lets meet.
NOT_SETTLED: Final = (
    "<pre>\n\nletters</pre>", "<pre>\r\n\r\nA</pre>", "<pre>\r\rA</pre>", "<pre>&#x0a;&#x0a;A</pre>", "<pre>\n\n\n</pre>",
    "<h1><div><h2><span></h1>letters", "<h3><table><td><h4></table><h4></h3>",
    "<p><applet><p>A</p></applet>", "<p><button></p>", "<p><button><blockquote>", "<p><button><h1>", "<p><button><hr>",
    "<p><button><li>", "<p><button><ol>", "<p><button><p>", "<p><button><pre>", "<p><button><ul>", "<p><object><p>A",
    "<p><marquee><p>A", "<p><svg><desc><p>A", "<p><math><mi><p>A", "<li><object><li>A", "<p><button><table>",
    '<a href="/a">b<table><a href="/c">d<tr><td></td></tr>e</table>f', '<a href="/a">b<table><tr><td><a href="/c">d</td></tr>e</table>f',
    "<a href=/a>b<marquee>c<a href=/d>e</marquee>f", "<a><table><a></table><p><a><div><a>", "<a><table><td><a><table></table><a></tr><a></table><a>",
    "<a><svg><desc><a>b", "<a><object><a><object><a>b", "<em><p><button><p></em>A", "<ul><li><button><li>a",
    "<details><p><button><details>", "<p><button><summary>a", "<p><button><section>a", "<table><tr><td><p><button><p>a",
)  # fmt: skip
