"""Pages read by an independent parser: what may stand in what people write, and that nothing runs."""

import re
from typing import Any

import html5lib

ALLOWED = {
    "article": {"p", "br", "strong", "em", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre",
                "code", "hr", "a", "img", "table", "thead", "tbody", "tr", "th", "td", "s", "del", "sub", "sup", "kbd",
                "details", "summary", "section", "label", "input"},
    "comment": {"p", "br", "strong", "em", "ul", "ol", "li"},
}  # fmt: skip


def elements(page: str) -> list[Any]:
    return list(html5lib.parse(page, namespaceHTMLElements=False).iter())


def assert_inert(page: str) -> None:
    for element in elements(page):
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.rpartition("}")[2]
        assert tag not in {"iframe", "object", "embed", "base", "style", "math"}, tag
        if tag == "script":
            assert element.get("src", "").startswith(("/static/", "/bastide/static/")), element.attrib
            assert not element.text
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), (tag, name)
            assert name != "srcdoc"
            if name in {"href", "src", "action", "formaction"}:
                # What a browser drops before it looks for a scheme (WHATWG URL): no other white space.
                scheme = re.sub(r"[\t\n\r]", "", value).lstrip("".join(map(chr, range(0x21)))).lower()
                assert not scheme.startswith(("javascript:", "data:", "vbscript:")), value
