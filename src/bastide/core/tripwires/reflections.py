"""The tripwire of pages: markup that a request carried must not come back as markup (O5).

Three things are evidence, each verbatim but for case:

1. A tag that people may not write, with what follows it. Tags that the sanitiser lets through without
   attributes are no evidence: a preview shows them on purpose. Nor are tags without values and with
   nothing between (``</script>``): the page has such tags itself.
2. A value that closes the quotes around it: of an attribute, of a string in a script.
3. A value that starts with ``javascript:`` and the like, as an address; escaping leaves it as it is.

Not seen: what an earlier request stored, what was encoded or rebuilt on the way (base64, one character
after the other), and what a script of the page does with a value.
"""

import re
from collections.abc import Iterable
from html import unescape
from typing import Final

from bastide.core.tripwires.values import Value

MIN_LENGTH: Final = 5
WINDOW_LENGTH: Final = 16
_TAG: Final = re.compile(r"<([a-z/!?][^\s>/]*)([^>]*)>?")
_BARE_TAG: Final = re.compile(r"<[/!]?[a-z][a-z0-9:\-\s]*/?>?")
_WRITABLE: Final = frozenset(
    f"{slash}{name}" for slash in ("", "/") for name in (
        "p", "br", "hr", "strong", "em", "b", "i", "ul", "ol", "li", "blockquote", "pre", "code",
        "h1", "h2", "h3", "h4", "h5", "h6", "a", "img",
    )
)  # fmt: skip
_WRITABLE_ATTRIBUTES: Final = re.compile(r"(?:\s+(?:href|src|alt|title)=(?:\"[^\"]*\"|'[^']*'))*\s*/?")
_QUOTES: Final = "\"'`"
_LEAVING: Final = f"{_QUOTES}="
_NEW_ATTRIBUTE: Final = re.compile(r"[\s/][^\s=<>]+=")
_ADDRESS: Final = re.compile(
    r"[\s\"'](?:href|src|action|formaction|data|poster)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))",
    re.IGNORECASE,
)
_SCRIPT_SCHEMES: Final = ("javascript:", "vbscript:", "data:")
_SCRIPT_TYPE: Final = re.compile(r"<script[^>]*?\stype\s*=\s*[\"']?([^\"'\s>]*)")
# What a browser drops before it looks for a scheme (WHATWG URL).
_DROPPED: Final = dict.fromkeys(map(ord, "\t\n\r"))
_LEADING: Final = "".join(map(chr, range(0x21)))


def find_reflected(html: str, values: Iterable[Value]) -> Value | None:
    """Return the first value whose markup the page gives back as markup, or None.

    Args:
        html: the answer's body.
        values: what the request carried.

    Threat: cross-site scripting where somebody left escaping out (V1.2.1, V1.2.3).
    """
    page = html.lower()
    return next((value for value in values if _is_reflected(value.text.lower(), page)), None)


def _is_reflected(value: str, page: str) -> bool:
    if len(value) < MIN_LENGTH:
        return False
    return (
        ("<" in value and _brings_tag(value, page))
        or (any(char in value for char in _LEAVING) and _leaves_quotes(value, page))
        or (":" in value and _is_script_address(value, page))
    )


def _brings_tag(value: str, page: str) -> bool:
    tags = [tag for tag in _TAG.finditer(value) if not _is_writable(tag)]
    pieces = [value[tag.start() : max(tag.end(), tag.start() + WINDOW_LENGTH)] for tag in tags]
    if tags:
        pieces.append(value.strip())
    return any(len(piece) >= MIN_LENGTH and piece in page and not _is_bare(piece) for piece in pieces)


def _is_writable(tag: re.Match[str]) -> bool:
    """Tell whether the sanitiser could have left the tag as it is."""
    attributes = unescape(tag[2]).translate(_DROPPED)
    return (
        tag[1] in _WRITABLE
        and _WRITABLE_ATTRIBUTES.fullmatch(tag[2]) is not None
        and not any(scheme in attributes for scheme in _SCRIPT_SCHEMES)
    )


def _is_bare(text: str) -> bool:
    """Tell whether the text is tags without values and nothing else."""
    return not _BARE_TAG.sub("", text).strip()


def _leaves_quotes(value: str, page: str) -> bool:
    start = page.find(value)
    while start >= 0:
        quote = _open_quote(page, start)
        if quote is None:
            is_left = any(char in value for char in _QUOTES) and _is_in_script(page, start)
        else:
            is_left = quote in value if quote else _NEW_ATTRIBUTE.search(value) is not None
        if is_left:
            return True
        start = page.find(value, start + 1)
    return False


def _open_quote(page: str, position: int) -> str | None:
    """Return the quote that is open at the position inside of a tag: none is "", None is outside of tags."""
    start = page.rfind("<", 0, position)
    while start >= 0 and not page[start + 1].isalpha():
        start = page.rfind("<", 0, start)
    if start < 0:
        return None
    open_quote = ""
    for char in page[start:position]:
        if open_quote:
            open_quote = "" if char == open_quote else open_quote
        elif char in "\"'":
            open_quote = char
        elif char == ">":
            return None
    return open_quote


def _is_in_script(page: str, position: int) -> bool:
    start = page.rfind("<script", 0, position)
    if start < 0 or "</script" in page[start:position]:
        return False
    kind = _SCRIPT_TYPE.match(page, start)
    return kind is None or not kind[1].endswith("json")


def _is_script_address(value: str, page: str) -> bool:
    wanted = _as_address(value)
    if not wanted.startswith(_SCRIPT_SCHEMES):
        return False
    return any(
        _as_address(unescape(found[1] or found[2] or found[3] or "")).startswith(wanted)
        and _open_quote(page, found.start() + 1) == ""
        for found in _ADDRESS.finditer(page)
    )


def _as_address(text: str) -> str:
    return text.translate(_DROPPED).lstrip(_LEADING)
