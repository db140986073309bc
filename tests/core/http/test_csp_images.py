"""Pictures that a policy keeps from readers."""

import pytest

from bastide.core.http import AnswerHeaders, CspSettings, HeaderSettings, hidden_images
from support.rows import rows

PAGE = "https://blog.example.org"


def hides(source: str, address: str, page: str = PAGE) -> bool:
    return hidden_images(f'<p><img alt="" src="{address}"></p>', [source], page=page) == (address,)


@rows(
    ("source", "shown", "hidden"),
    [
        ("'self'", ["/a.png", "a.png", "//blog.example.org/a", "https://blog.example.org:443/a"], ["https://e.org/a", "//e.org/a", "http://blog.example.org/a", "https://blog.example.org:8443/a"]),
        ("'none'", [], ["/a.png", "https://e.org/a"]),
        ("*", ["/a.png", "http://e.org/a"], ["data:image/png;base64,x", "https://[x/a", "//[x/a", "https://e.org:x/a"]),
        ("https:", ["https://e.org/a"], ["http://e.org/a", "data:x"]),
        ("http:", ["https://e.org/a", "http://e.org/a"], ["data:x"]),
        ("data:", ["data:x"], ["https://e.org/a"]),
        ("e.org", ["https://e.org/a", "https://E.org/a?b"], ["http://e.org/a", "https://a.e.org/a", "https://e.org:444/a"]),
        ("http://e.org", ["http://e.org/a", "https://e.org/a"], ["https://f.org/a", "http://e.org:8000/a"]),
        ("http://e.org:80", ["http://e.org/a", "https://e.org/a"], ["http://e.org:81/a"]),
        ("https://*.e.org", ["https://a.e.org/a", "https://a.b.e.org/a"], ["https://e.org/a", "https://ae.org/a"]),
        ("https://*", ["https://e.org/a"], ["http://e.org/a"]),
        ("e.org:*", ["https://e.org:444/a"], ["https://f.org/a"]),
        ("e.org:444", ["https://e.org:444/a"], ["https://e.org/a"]),
        ("e.org/a/", ["https://e.org/a/b"], ["https://e.org/b"]),
        ("e.org/a", ["https://e.org/a?b"], ["https://e.org/a/b"]),
        ("'nonce-x'", [], ["https://e.org/a"]),
        ("://", [], ["https://e.org/a"]),
    ],
)  # fmt: skip
def test_a_picture_is_hidden_where_no_source_lets_it_in(
    source: str, shown: list[str], hidden: list[str]
) -> None:
    assert [address for address in [*shown, *hidden] if hides(source, address)] == hidden


def test_a_page_in_clear_takes_its_own_pictures_over_https_too() -> None:
    assert not hides("'self'", "https://blog.example.org/a", "http://blog.example.org")
    assert hides("'self'", "https://blog.example.org/a", "http://blog.example.org:8000")
    assert not hides("e.org", "https://e.org/a", "http://blog.example.org")


def test_each_address_is_told_once_and_other_elements_are_none() -> None:
    html = '<a href="https://e.org">a</a><img src="https://e.org/1"><img alt=""><img src="https://e.org/1"><img src="/2">'
    assert hidden_images(html, ["'self'"], page=PAGE) == ("https://e.org/1",)


@pytest.mark.asvs("V3.4.3")
def test_sources_are_those_of_the_policy_that_is_enforced() -> None:
    strict = AnswerHeaders(HeaderSettings(), CspSettings())
    assert strict.image_sources({}) == ("'self'",)
    assert strict.image_sources({"img-src": ["https://e.org"]}) == ("https://e.org",)
    assert AnswerHeaders(HeaderSettings(), CspSettings(is_enforced=False)).image_sources({}) == ("*",)
