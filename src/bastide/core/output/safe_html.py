"""HTML from people: sanitised once on write under a named policy, kept clean, shown raw."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import nh3
from markupsafe import Markup

from bastide.core.foundation import ConfigurationError, InvalidInput
from bastide.core.output._shape import MAX_TAGS_UNSCANNED, is_flat, is_settled, is_shallow

# What is written into another tree in between, such as one paragraph in another, settles in one pass or two.
MAX_PASSES: Final = 6
# Controls, overrides of the reading order and what is no character: XML, such as a feed, holds most of them
# nowhere, and a reference such as `&#x1;` brings them past whatever the text itself was held to.
_UNWRITABLE: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17)
)
# Replaced, not dropped: what is left on both sides must not become one word, such as a scheme.
_REPLACEMENT: Final = "\ufffd"
_REPLACED_ASCII: Final = {code: _REPLACEMENT for code in (*range(0x20), 0x7F) if chr(code) not in "\t\n"}
# Plain letters are told by one short range; the long list is looked at for the others only.
_REPLACED: Final = re.compile(f"[^\\t\\n -~](?<=[{_UNWRITABLE}])")
_NEEDS_PARSER: Final = re.compile(f"[<>&\xa0{_UNWRITABLE}]")
# A parser drops the first line feed in these.
_PREFORMATTED: Final = frozenset({"pre", "listing", "textarea"})
_FIRST_LINE_FEED: Final = re.compile("(<(?:pre|listing|textarea)(?: [^<>]*)?>)\n")
_PREFIX: Final = re.compile("[A-Za-z][A-Za-z0-9_-]*-")
CLASS_REST: Final = "[A-Za-z0-9+#._-]{1,32}"
_RISKY: Final = frozenset({"id", "name", "style", "class"})
# Parts of an address that browsers look for in the page itself, not among a text's own headings.
_OF_THE_PAGE: Final = frozenset({"#", "#top"})


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
            event handlers are never among them.
        values: element name to attribute name to the values with which that attribute stays.
        fixed: element name to attributes that every such element gets.
        ids: elements that keep an ``id``, with the prefix before it, as have the links to it.
        id_prefix: what no id and no script of the page's own begins with.
        class_prefixes: element name to what its classes begin with that stay, such as ``language-``.
        schemes: address schemes in ``href`` and ``src``.
        max_size_bytes: larger input is refused before parsing.
        max_depth: deeper nesting is refused before parsing.

    Threat: ids and names that stand in for a page's variables (DOM clobbering); classes that borrow the
    looks of the page's own controls.
    """

    name: str
    version: int
    tags: frozenset[str]
    attributes: "dict[str, frozenset[str]]" = field(default_factory=dict)
    values: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    fixed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()
    id_prefix: str = "user-content-"
    class_prefixes: Mapping[str, str] = field(default_factory=dict)
    schemes: frozenset[str] = frozenset({"http", "https", "mailto"})
    max_size_bytes: int = 200_000
    max_depth: int = 200

    def __post_init__(self) -> None:
        active = {"script", "style", "iframe", "object", "embed", "form", "base", "svg", "math", "template"}
        named = {
            name
            for allowed in (self.attributes, self.values, self.fixed)
            for names in allowed.values()
            for name in names
        }
        risky = {name for name in named if name in _RISKY or name.startswith("on")}
        if self.tags & active or risky:
            msg = f"policy {self.name} allows {sorted(self.tags & active) + sorted(risky)}"
            raise ConfigurationError(msg)
        if not self.schemes <= {"http", "https", "mailto", "tel"}:
            msg = f"policy {self.name} allows an active address scheme"
            raise ConfigurationError(msg)
        if not all(_PREFIX.fullmatch(prefix) for prefix in (self.id_prefix, *self.class_prefixes.values())):
            msg = f"policy {self.name} has a prefix that does not begin with a letter and end in a hyphen"
            raise ConfigurationError(msg)

    @property
    def stamp(self) -> str:
        """Name and version, to keep beside the clean text."""
        return f"{self.name}:{self.version}"

    def names_of(self, tag: str) -> frozenset[str]:
        """Return the attributes that an element may come with, whatever their values."""
        allowed = (self.attributes, self.values, self.fixed)
        return frozenset(name for names in allowed for name in names.get(tag, ()))

    def __hash__(self) -> int:
        return hash((self.name, self.version))


COMMENT: Final = HtmlPolicy(
    name="comment", version=3, tags=frozenset({"p", "br", "strong", "em", "ul", "ol", "li"}),
    max_size_bytes=20_000,
)  # fmt: skip
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
TABLE: Final = frozenset({"table", "thead", "tbody", "tr", "th", "td"})
_ALIGN: Final = {"align": frozenset({"left", "center", "right"})}
ARTICLE: Final = HtmlPolicy(
    name="article",
    version=3,
    tags=COMMENT.tags | HEADINGS | TABLE
    | {"blockquote", "pre", "code", "hr", "a", "img", "s", "del", "sub", "sup", "kbd", "details", "summary",
       "section", "label", "input"},
    attributes={"a": frozenset({"href", "title"}), "img": frozenset({"src", "alt", "title"}),
                "ol": frozenset({"start"}), "details": frozenset({"open"}),
                "input": frozenset({"type", "disabled", "checked"})},
    values={"th": _ALIGN, "td": _ALIGN},
    # A box to tick says what is done, and cannot be ticked; a wide table scrolls, by keys too.
    fixed={"input": {"type": "checkbox", "disabled": ""}, "table": {"tabindex": "0"}},
    ids=HEADINGS | {"li", "sup"},
    class_prefixes={"code": "language-"},
    schemes=frozenset({"http", "https", "mailto", "tel"}),
)  # fmt: skip


@lru_cache(maxsize=64)
def _cleaner(policy: HtmlPolicy, prefix: str, classes: frozenset[str]) -> nh3.Cleaner:
    attributes = {tag: set(policy.attributes.get(tag, ())) for tag in {*policy.attributes, *policy.ids}}
    # Unless told otherwise, the library lets `lang` and `title` in everywhere.
    attributes["*"] = set()
    for tag in policy.ids:
        attributes[tag].add("id")
    return nh3.Cleaner(
        tags=set(policy.tags),
        attributes=attributes,
        tag_attribute_values={
            tag: {name: set(values) for name, values in allowed.items()}
            for tag, allowed in policy.values.items()
        },
        set_tag_attribute_values={tag: dict(names) for tag, names in policy.fixed.items()},
        allowed_classes={
            tag: {name for name in classes if name.startswith(start)}
            for tag, start in policy.class_prefixes.items()
        },
        url_schemes=set(policy.schemes),
        url_relative=_links_within(prefix) if policy.ids else None,
        id_prefix=prefix if policy.ids else None,
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
    )


@lru_cache(maxsize=16)
def _class_pattern(prefixes: frozenset[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, sorted(prefixes)))}){CLASS_REST}")


def _classes(html: str, policy: HtmlPolicy) -> frozenset[str]:
    """Return the classes in the markup that may stay; the library knows whole names only."""
    prefixes = frozenset(policy.class_prefixes.values())
    return frozenset(_class_pattern(prefixes).findall(html)) if prefixes else frozenset()


def _links_within(prefix: str) -> Callable[[str], str]:
    """Return what leads a link to a part of the text to where that part's id is."""

    def rewrite(url: str) -> str:
        target = url.strip()
        if not target.startswith("#") or target in _OF_THE_PAGE or target.startswith(f"#{prefix}"):
            return url
        return f"#{prefix}{target[1:]}"

    return rewrite


def sanitize(html: str, policy: HtmlPolicy) -> SafeHtml:
    """Return the part of ``html`` that the policy allows; cleaning twice changes nothing.

    What no page or feed can hold becomes U+FFFD.

    Raises:
        InvalidInput: larger or deeper than the policy allows, refused before parsing because
            parsing deep nesting takes quadratic time; or so tangled that no parser comes to an end with it.

    Spec: V1.3.1.
    """
    return clean(html, policy, prefix=policy.id_prefix)


def clean(html: str, policy: HtmlPolicy, *, prefix: str) -> SafeHtml:
    """Return the same with the ids of one text among several, whose ``prefix`` begins as the policy's."""
    refuse_oversize(html, policy)
    if not _NEEDS_PARSER.search(html):
        return SafeHtml(html)
    cleaner = _cleaner(policy, prefix, _classes(html, policy))
    if is_flat(html):
        return SafeHtml(_writable(cleaner.clean(html)))
    for _ in range(MAX_PASSES):
        if html.count("<") > MAX_TAGS_UNSCANNED and not is_shallow(html, policy.max_depth):
            raise InvalidInput("html", "too_deep", max=policy.max_depth)
        cleaned = _writable(cleaner.clean(html))
        if not _PREFORMATTED.isdisjoint(policy.tags):
            cleaned = _FIRST_LINE_FEED.sub("\\1\n\n", cleaned)
        if cleaned == html or is_settled(cleaned):
            return SafeHtml(cleaned)
        html = cleaned
    raise InvalidInput("html", "too_deep", max=policy.max_depth)


def _writable(html: str) -> str:
    """Return the text as every page and feed can hold it."""
    if html.isascii():
        return html.translate(_REPLACED_ASCII)
    # None of what is replaced is printable; few texts hold what is not, such as the joiners of emoji.
    return html if html.replace("\n", "").isprintable() else _REPLACED.sub(_REPLACEMENT, html)


def needs_cleaning(stamp: str, policy: HtmlPolicy) -> bool:
    """Tell whether text that was cleaned under ``stamp`` must be cleaned again."""
    return stamp != policy.stamp


def refuse_oversize(text: str, policy: HtmlPolicy) -> None:
    """Raise ``InvalidInput`` where the text is larger than the policy allows."""
    if len(text.encode("utf-8", "surrogatepass")) > policy.max_size_bytes:
        raise InvalidInput("html", "too_long", max=policy.max_size_bytes)
