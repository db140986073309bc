"""Which values of a request count as evidence in pages, and which do not."""

import pytest

from bastide.core.tripwires import (
    Value,
    find_reflected,
)
from support.rows import rows


def reflects(html: str, text: str) -> bool:
    return find_reflected(html, [Value("query", text)]) is not None


@pytest.mark.asvs("V1.2.1", "V1.2.3")
@rows(
    ("html", "value"),
    [
        ("<p><script>alert(1)</script></p>", "<script>alert(1)</script>"),
        ("<p><SCRIPT>ALERT(1)</SCRIPT></p>", "<script>alert(1)</script>"),
        ("<p><script>alert(1)", "<script>alert(1)</script> and more that was cut"),
        ("<p>x<em onclick=y>z</p>", "x<em onclick=y>z"),
        ('<a href="&#106;avascript:alert(1)">', '<a href="&#106;avascript:alert(1)">'),
        ("<!-- x --><!-- y -->", "<!-- x -->"),
        ('<input value="x" onfocus="y">', 'x" onfocus="y'),
        ("<input title='x' onfocus='y'>", "x' onfocus='y"),
        ("<input value=x onfocus=y>", "x onfocus=y"),
        ('<p>x" onfocus="y</p><input value="x" onfocus="y">', 'x" onfocus="y'),
        ('<a href="javascript:alert(1)">', "javascript:alert(1)"),
        ("<a href='java\tscript:alert(1)'>", " java\tscript:alert(1)"),
        ("<form action=javascript:alert(1)>", "javascript:alert(1)"),
        ('<script>x = "a";y()//"</script>', 'a";y()//'),
        ('<script type="module">x = "a";y()//"</script>', 'a";y()//'),
    ],
)
def test_markup_that_comes_back_is_evidence(html: str, value: str) -> None:
    assert reflects(html, value)


@pytest.mark.asvs("V1.2.1", "V1.2.3")
@rows(
    ("html", "value"),
    [
        ("<p>&lt;script>alert(1)&lt;/script></p>", "<script>alert(1)</script>"),
        ("<p><em>fine</em></p>", "<em>fine</em>"),
        ('<img src="https://x.example/y" alt="z">', '<img src="https://x.example/y" alt="z">'),
        ("<script>own()</script><p>&lt;/script></p>", "</script>"),
        ("<!doctype html> <p>x</p>", "<!DOCTYPE html>\n<svg onload=x>"),
        ("<p>x</p>", "<svg onload=x></"),
        ("<form><button>Go</button></form>", "<form onclick=x></button></form>"),
        ("<p>a < b=c</p>", "a < b=c"),
        ('a < b "c=d"', 'a < b "c=d"'),
        ('<p>x" onfocus="y</p>', 'x" onfocus="y'),
        ("<input value=\"x' onfocus='y\">", "x' onfocus='y"),
        ('<p title="a">it\'s < b=c</p>', "it's < b=c"),
        ("<input value=a=b>", "a=b=c"[:3] + "=d"),
        ("<input value=abc=de>", "abc=de"),
        ("<p>javascript:alert(1)</p>", "javascript:alert(1)"),
        ("<p>x href=javascript:alert(1)</p>", "javascript:alert(1)"),
        ('<a href="https://x.example">', "https://x.example"),
        ('<a href="#">', "javascript:alert(1)"),
        ('<script type="application/json">"O\'Brien"</script>', "O'Brien"),
        ("<script>own()</script>say 'x'='y'", "'x'='y'"),
        ("<p>abc</p>", "<b"),
    ],
)
def test_what_is_escaped_or_allowed_is_none(html: str, value: str) -> None:
    assert not reflects(html, value)
