"""What the shape of markup says before a parser is let at it."""

import re
from typing import Final

MAX_TAGS_UNSCANNED: Final = 500
# Elements open at each tag, added up: what a parser may have to open again there. An article has some ten.
MAX_OPEN_AT_TAGS: Final = 100_000
# What ends, for every parser, where it ends here.
NAME: Final = "[a-zA-Z_:][a-zA-Z0-9_:.-]*+"
SPACE: Final = "[ \\t\\n\\f\\r]"
_QUOTED: Final = """(?:"[^"<]*+"|'[^'<]*+')"""
VALUE: Final = f"""(?:{_QUOTED}|[^ \\t\\n\\f\\r"'<>=`]++)"""
ATTRIBUTES: Final = f"(?:{SPACE}++{NAME}(?:={VALUE})?+)*+{SPACE}*+"
# A tag or a comment that ends, for every parser, where it ends here; else the first letter of what may not.
_MARKUP: Final = re.compile(
    f"<(?:(/?[a-zA-Z][a-zA-Z0-9:-]*+){ATTRIBUTES}/?>|!--(?:[^<>-]|-(?!-))*+-->|([a-zA-Z/!?]))"
)
# Those that are void wherever they stand; inside SVG and MathML the others nest.
_VOID: Final = frozenset({"br", "hr", "img"})
_VOID_IN_HTML: Final = _VOID | {"input"}
_FOREIGN: Final = re.compile("<(?:svg|math)", re.IGNORECASE)
_NO_END: Final = " "


def is_shallow(html: str, max_depth: int) -> bool:
    """Tell in one linear pass whether no parser gets deeper, or has much to open again on its way.

    Nothing is taken for closed that may stay open: an end tag counts where it closes the innermost element
    by the same name, and none counts after markup whose end parsers see elsewhere. A false alarm on absurd
    input is better than quadratic work.

    Threat: end tags of nothing, or within an attribute, between elements that are never closed; formatting
    that is opened again in every paragraph (V15.2.2).
    """
    ends: list[str] = []
    mark, work = "/", 0
    void = _VOID if _FOREIGN.search(html) else _VOID_IN_HTML
    for tag, unclear in _MARKUP.findall(html):
        if unclear:
            mark, tag = _NO_END, unclear  # noqa: PLW2901 -- what it may be the beginning of
            ends = [_NO_END] * len(ends)
        if ends and tag == ends[-1]:
            ends.pop()
        elif tag and tag[0] != "/" and tag not in void:
            ends.append(mark + tag)
        work += len(ends)
        if len(ends) > max_depth or work > MAX_OPEN_AT_TAGS:
            return False
    return True


_TEXT: Final = "[^<]++"
_FORMATTING: Final = ("strong", "em", "code", "s", "del", "sub", "sup", "kbd")
_LISTED: Final = f"(?: [a-z]++={_QUOTED})*+"


def _elements(names: tuple[str, ...], content: str) -> str:
    """Return what matches elements, from behind the ``<`` on, that hold text and the ``content``."""
    return "|".join(f"{name}>{content}</{name.partition('(')[0]}>" for name in names)


_SIMPLE: Final = _elements(_FORMATTING, f"(?:{_TEXT})?+")
_LINK: Final = _elements((f"a{_LISTED}",), f"(?:{_TEXT}|<(?:{_SIMPLE}))*+")
_LINE: Final = f"{_LINK}|{_SIMPLE}|br ?/?>|img{_LISTED} ?/?>"
_BLOCKS: Final = _elements(("p", "h1", "h2", "h3", "h4", "h5", "h6"), f"(?:{_TEXT}|<(?:{_LINE}))*+")
_FLAT: Final = re.compile(
    f"(?:{_TEXT}|<(?:{_BLOCKS}|{_LINE}|hr ?/?>|pre><code>(?:{_TEXT})?+</code></pre>))*+"
)


def is_flat(html: str) -> bool:
    """Tell whether every element is closed in its turn and none but a few inline ones holds another.

    Such markup is shallow, and settled whatever a policy takes out of it. Other markup may be just as well.
    """
    return _FLAT.fullmatch(html) is not None


# What a serialiser writes: its tags match, and no value of an attribute holds `<` or `>`.
_REST: Final = "(?: [^<>]*+)?+>"
_GAP: Final = "[ \\t\\n]*+"
_WRITTEN_INLINE: Final = f"(?:{_TEXT}|</?(?:{'|'.join(_FORMATTING)}|label){_REST}|<(?:br|img|input){_REST})"
_WRITTEN_LINE: Final = f"(?:{_WRITTEN_INLINE}|<a{_REST}{_WRITTEN_INLINE}*+</a>)"
_ROWS: Final = f"(?:<tr>{_GAP}(?:<t[hd]{_REST}{_WRITTEN_LINE}*+</t[hd]>{_GAP})*+</tr>{_GAP})*+"
_WRITTEN: Final = re.compile(
    f"(?:{_WRITTEN_LINE}"
    f"|<(?:p|h[1-6]|summary){_REST}{_WRITTEN_LINE}*+</(?:p|h[1-6]|summary)>"
    f"|</?(?:blockquote|details|section){_REST}|<hr>|<pre{_REST}(?!\\n){_WRITTEN_INLINE}*+</pre>"
    f"|<[uo]l{_REST}{_GAP}(?:<li{_REST}|</[uo]l>)|</li>{_GAP}(?:<li{_REST}|</[uo]l>)"
    f"|<table{_REST}{_GAP}(?:<thead>{_GAP}{_ROWS}</thead>{_GAP})?+(?:<tbody>{_GAP}{_ROWS}</tbody>{_GAP})?+</table>"
    ")*+"
)


def is_settled(written: str) -> bool:
    """Tell of what a serialiser wrote whether a parser makes the same of it again, so far as this is plain.

    No paragraph holds a block, no link a link, no item an item, and no table anything but rows.
    """
    return _WRITTEN.fullmatch(written) is not None
