"""HTML from people: sanitised once on write under a named policy, kept clean, shown raw."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from bastide.core.foundation import ConfigurationError, InvalidInput

MAX_TAGS_UNSCANNED: Final = 500
# Elements open at each tag, added up: what a parser may have to open again there. An article has some ten.
MAX_OPEN_AT_TAGS: Final = 100_000
# Controls, overrides of the reading order and what is no character: XML, such as a feed, holds most of them
# nowhere, and a reference such as `&#x1;` brings them past whatever the text itself was held to.
_UNWRITABLE: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17)
)
# Plain letters are told by one short range; the long list is looked at for the others only.
_REPLACED: Final = re.compile(f"[^\\t\\n -~](?<=[{_UNWRITABLE}])")
_NEEDS_PARSER: Final = re.compile(f"[<>&\xa0{_UNWRITABLE}]")
# A tag or a comment that ends, for every parser, where it ends here; else the first letter of what may not.
_MARKUP: Final = re.compile(
    r"""<(?:(/?[a-zA-Z][a-zA-Z0-9:-]*+)
    (?:[ \t\n\f\r]++[a-zA-Z_:][a-zA-Z0-9_:.-]*+(?:=(?:"[^"<]*+"|'[^'<]*+'|[^ \t\n\f\r"'<>=`]++))?+)*+
    [ \t\n\f\r]*+/?>|!--(?:[^<>-]|-(?!-))*+-->|([a-zA-Z/!?]))""",
    re.VERBOSE,
)
# Those that are void wherever they stand; inside SVG the others nest.
_VOID: Final = frozenset({"br", "hr", "img"})
_NO_END: Final = " "


class SafeHtml(Markup):
    """HTML that a policy has cleaned: templates show it raw; plain text added to it is escaped."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlPolicy:
    """What may stay in.

    Attributes:
        name: stored beside the clean text.
        version: raised whenever the rules change, so that stored text is cleaned again (O4).
        tags: element names.
        attributes: element name to attribute names; ``id``, ``name``, ``style``, ``class`` and
            event handlers are never allowed.
        schemes: address schemes in ``href`` and ``src``.
        max_size_bytes: larger input is refused before parsing.
        max_depth: deeper nesting is refused before parsing.
    """

    name: str
    version: int
    tags: frozenset[str]
    attributes: "dict[str, frozenset[str]]" = field(default_factory=dict)
    schemes: frozenset[str] = frozenset({"http", "https", "mailto"})
    max_size_bytes: int = 200_000
    max_depth: int = 200

    def __post_init__(self) -> None:
        active = {"script", "style", "iframe", "object", "embed", "form", "base", "svg", "math", "template"}
        named = {attribute for allowed in self.attributes.values() for attribute in allowed}
        risky = {name for name in named if name in {"id", "name", "style", "class"} or name.startswith("on")}
        if self.tags & active or risky:
            msg = f"policy {self.name} allows {sorted(self.tags & active) + sorted(risky)}"
            raise ConfigurationError(msg)
        if not self.schemes <= {"http", "https", "mailto", "tel"}:
            msg = f"policy {self.name} allows an active address scheme"
            raise ConfigurationError(msg)

    @property
    def stamp(self) -> str:
        """Name and version, to keep beside the clean text."""
        return f"{self.name}:{self.version}"

    def __hash__(self) -> int:
        return hash((self.name, self.version))


COMMENT: Final = HtmlPolicy(
    name="comment", version=2, tags=frozenset({"p", "br", "strong", "em", "ul", "ol", "li"}),
    max_size_bytes=20_000,
)  # fmt: skip
ARTICLE: Final = HtmlPolicy(
    name="article",
    version=2,
    tags=COMMENT.tags
    | {"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "hr", "a", "img"},
    attributes={"a": frozenset({"href", "title"}), "img": frozenset({"src", "alt", "title"}),
                "ol": frozenset({"start"})},
)  # fmt: skip


@lru_cache(maxsize=16)
def _cleaner(policy: HtmlPolicy) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(policy.tags),
        attributes={tag: set(names) for tag, names in policy.attributes.items()},
        url_schemes=set(policy.schemes),
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
    )


def sanitize(html: str, policy: HtmlPolicy) -> SafeHtml:
    """Return the part of ``html`` that the policy allows; cleaning twice changes nothing.

    What no page or feed can hold becomes U+FFFD.

    Raises:
        InvalidInput: larger or deeper than the policy allows, refused before parsing because
            parsing deep nesting takes quadratic time.

    Spec: V1.3.1.
    """
    _refuse_oversize(html, policy)
    if not _NEEDS_PARSER.search(html):
        return SafeHtml(html)
    if html.count("<") > MAX_TAGS_UNSCANNED and not _is_shallow(html, policy.max_depth):
        raise InvalidInput("html", "too_deep", max=policy.max_depth)
    # Replaced, not dropped: what is left on both sides must not become one word, such as a scheme.
    return SafeHtml(_REPLACED.sub("\ufffd", _cleaner(policy).clean(html)))


def render_markdown(text: str, policy: HtmlPolicy) -> SafeHtml:
    """Return CommonMark as clean HTML; raw HTML in it is sanitised by the same policy (O3).

    Raises:
        InvalidInput: the text or what it makes is larger or deeper than the policy allows.
    """
    _refuse_oversize(text, policy)
    return sanitize(_MARKDOWN.render(text), policy)


def needs_cleaning(stamp: str, policy: HtmlPolicy) -> bool:
    """Tell whether text that was cleaned under ``stamp`` must be cleaned again."""
    return stamp != policy.stamp


def _refuse_oversize(text: str, policy: HtmlPolicy) -> None:
    if len(text.encode("utf-8", "surrogatepass")) > policy.max_size_bytes:
        raise InvalidInput("html", "too_long", max=policy.max_size_bytes)


def _is_shallow(html: str, max_depth: int) -> bool:
    """Tell in one linear pass whether no parser gets deeper, or has much to open again on its way.

    Nothing is taken for closed that may stay open: an end tag counts where it closes the innermost element
    by the same name, and none counts after markup whose end parsers see elsewhere. A false alarm on absurd
    input is better than quadratic work.

    Threat: end tags of nothing, or within an attribute, between elements that are never closed; formatting
    that is opened again in every paragraph (V15.2.2).
    """
    ends: list[str] = []
    mark, work = "/", 0
    for tag, unclear in _MARKUP.findall(html):
        if unclear:
            mark, tag = _NO_END, unclear  # noqa: PLW2901 -- what it may be the beginning of
            ends = [_NO_END] * len(ends)
        if ends and tag == ends[-1]:
            ends.pop()
        elif tag and tag[0] != "/" and tag not in _VOID:
            ends.append(mark + tag)
        work += len(ends)
        if len(ends) > max_depth or work > MAX_OPEN_AT_TAGS:
            return False
    return True


_MARKDOWN: Final = MarkdownIt("commonmark", {"maxNesting": 20})
