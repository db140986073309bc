"""Markdown from people: what the policy has no element for is shown as typed, and no word is dropped."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, html_inline
from markdown_it.token import Token
from mdit_py_plugins.anchors.index import slugify
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from bastide.core.foundation import ConfigurationError, InvalidInput
from bastide.core.output._kept_blocks import MAX_LEVELS, keep_blocks, keep_notes
from bastide.core.output._shape import NAME, SPACE, VALUE
from bastide.core.output.safe_html import (
    CLASS_REST,
    HEADINGS,
    TABLE,
    HtmlPolicy,
    SafeHtml,
    clean,
    refuse_oversize,
)

_KEY: Final = re.compile("[A-Za-z0-9_-]+")
_LANGUAGE: Final = re.compile(CLASS_REST)
_SCHEME: Final = re.compile("([a-zA-Z][a-zA-Z0-9+.-]*):")
# The elements that each rule makes.
_MADE: Final[Mapping[str, frozenset[str]]] = {
    "table": TABLE,
    "code": frozenset({"pre", "code"}),
    "fence": frozenset({"pre", "code"}),
    "blockquote": frozenset({"blockquote"}),
    "list": frozenset({"ul", "ol", "li"}),
    "reference": frozenset({"a"}),
    "heading": HEADINGS,
    "lheading": HEADINGS,
    "strikethrough": frozenset({"s"}),
    "emphasis": frozenset({"em", "strong"}),
    "link": frozenset({"a"}),
    "image": frozenset({"img"}),
    "autolink": frozenset({"a"}),
}
_NOTES: Final = frozenset({"sup", "a", "section", "hr", "ol", "li"})
_TASKS: Final = frozenset({"input", "label", "ul", "li"})
_BARE_LINKS: Final = ("https", "http", "mailto")


def render_markdown(text: str, policy: HtmlPolicy, *, key: str = "") -> SafeHtml:
    """Return CommonMark, with GFM's extensions and footnotes, as clean HTML in which every word is (O3).

    Only syntax that makes what the policy has is read as such; other syntax, and tags that the policy does
    not have, are shown as typed. What is not meant to be read stays hidden: HTML comments, and where
    the names of links lead to.

    Args:
        text: untrusted.
        policy: what stays; its prefix stands before the ids of headings and footnotes, and in links to them.
        key: tells the ids of this text from those of others on one page: letters, digits, ``-`` and ``_``.

    Raises:
        InvalidInput: the text or what it makes is larger or deeper than the policy allows (``too_long``,
            ``too_deep``), a table has too many cells (``too_many_cells``), or a paragraph too many square
            brackets (``too_many_brackets``).
        ConfigurationError: the key is none.

    Threat: nesting and tables that a few letters blow up (V15.2.2).
    """
    if key and not _KEY.fullmatch(key):
        msg = f"{key!r} is no key for ids"
        raise ConfigurationError(msg)
    refuse_oversize(text, policy)
    prefix = f"{policy.id_prefix}{key}-" if key else policy.id_prefix
    return clean(_parser(policy).render(text), policy, prefix=prefix)


def show_markdown(text: str, policy: HtmlPolicy, *, key: str = "") -> SafeHtml:
    """Return the same of a text that is stored already: as it was typed, where it would be refused today."""
    try:
        return render_markdown(text, policy, key=key)
    except InvalidInput:
        return SafeHtml("<p>{}</p>").format(text)


class _Parser(MarkdownIt):
    """Reads what makes the elements of one policy."""

    def __init__(self, policy: HtmlPolicy) -> None:
        # Beyond where the text is refused: the library drops what is nested deeper.
        options = {
            "maxNesting": MAX_LEVELS + 3,
            "strikethrough_single_tilde": True, "tasklists": policy.tags >= _TASKS, "xhtmlOut": False,
        }  # fmt: skip
        super().__init__("commonmark", options)
        self.policy = policy
        tags = _known_tags(policy)
        self.enable(["table", "strikethrough"])
        self.disable([rule for rule, tags in _MADE.items() if not tags <= policy.tags])
        self.inline.ruler.at("html_inline", _inline_markup(tags))
        self.add_render_rule(
            "html_block", lambda _, tokens, place, *__: _known_only(tokens[place].content, tags)
        )
        if "hr" not in policy.tags:
            self.add_render_rule("hr", lambda _, tokens, place, *__: f"<p>{tokens[place].markup[:3]}</p>\n")
        if "code" not in policy.tags:
            self.add_render_rule("code_inline", _typed_code)
        self.add_render_rule("fence", _fence(policy.class_prefixes.get("code")))
        if "a" in policy.tags and policy.schemes.issuperset(_BARE_LINKS):
            self.use(gfm_autolink_plugin)
            self.inline.ruler.at("gfm_autolink_protocol", _bare_link(_rule(self, "gfm_autolink_protocol")))
        if policy.tags >= _NOTES and {"li", "sup"} <= policy.ids:
            self.use(footnote_plugin, inline=False)
            self.add_render_rule("footnote_ref", _note_mark)
        keep_blocks(self, tags, has_list_numbers="start" in policy.attributes.get("ol", ()))
        self.core.ruler.after("inline", "keep_notes", keep_notes)
        self.core.ruler.after("inline", "label_tasks", _label_tasks)
        if policy.ids >= HEADINGS:
            self.core.ruler.push("heading_ids", _name_headings)

    def validateLink(self, url: str) -> bool:  # noqa: N802 -- the library's name
        """Tell whether the policy keeps the address; a link to another is shown as typed."""
        scheme = _SCHEME.match(url)
        return scheme is None or scheme[1].lower() in self.policy.schemes


@lru_cache(maxsize=16)
def _parser(policy: HtmlPolicy) -> _Parser:
    return _Parser(policy)


def _rule(parser: MarkdownIt, name: str) -> Any:
    ruler = parser.inline.ruler
    return dict(zip(ruler.get_active_rules(), ruler.getRules(), strict=True))[name]


def _known_tags(policy: HtmlPolicy) -> re.Pattern[str]:
    """Return what matches a tag that the policy has and that ends, for every parser, where it ends here.

    A word inside that is no attribute of it, as in `x <p and q> y`, says that it is none.
    """
    if not policy.tags:
        return re.compile("(?!)")
    opening = "|".join(
        f"{tag}(?:{SPACE}++(?:{NAME}{SPACE}*+={SPACE}*+{VALUE}{_words(policy.names_of(tag))}))*+{SPACE}*+/?"
        for tag in sorted(policy.tags)
    )
    return re.compile(f"<(?:{opening}|/(?:{'|'.join(sorted(policy.tags))}){SPACE}*+)>", re.IGNORECASE)


def _words(names: frozenset[str]) -> str:
    return f"|(?:{'|'.join(sorted(names))})(?=[ \\t\\n\\f\\r/>])" if names else ""


def _inline_markup(tags: re.Pattern[str]) -> Callable[[StateInline, bool], bool]:
    def inline_markup(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 -- the library's signature
        """Read a tag that the policy has, or a comment."""
        start = state.pos
        if not html_inline(state, silent=True):
            return False
        end, state.pos = state.pos, start
        is_known = state.src.startswith("<!--", start) or tags.fullmatch(state.src, start, end)
        return bool(is_known) and html_inline(state, silent)

    return inline_markup


def _known_only(markup: str, tags: re.Pattern[str]) -> str:
    """Return a block of markup in which all is escaped but the policy's tags, and comments are gone."""
    kept: list[str] = []
    done, may_be_comment = 0, True
    while (start := markup.find("<", done)) >= 0:
        kept.append(markup[done:start])
        tag = tags.match(markup, start)
        comment_end = -1
        if may_be_comment and markup.startswith("<!--", start):
            comment_end = markup.find("-->", start + 4)
            may_be_comment = comment_end >= 0
        if comment_end >= 0:
            done = comment_end + 3
        elif tag:
            kept.append(tag[0])
            done = tag.end()
        else:
            kept.append("&lt;")
            done = start + 1
    return "".join([*kept, markup[done:]])


def _typed_code(_: Any, tokens: Any, place: int, options: Any, env: Any) -> str:  # noqa: ARG001
    token = tokens[place]
    return escape(f"{token.markup}{token.content}{token.markup}", quote=False)


def _fence(prefix: str | None) -> Callable[..., str]:
    def fence(_: Any, tokens: Any, place: int, options: Any, env: Any) -> str:  # noqa: ARG001
        """Return code with its language as a class; what else stands there is its first line."""
        info, code = unescapeAll(tokens[place].info).strip(), tokens[place].content
        language, _, rest = info.partition(" ")
        if not (prefix and _LANGUAGE.fullmatch(language)):
            language, rest = "", info
        opening = f'<code class="{prefix}{language}">' if language else "<code>"
        lines = [rest.strip(), code] if rest else [code]
        return f"<pre>{opening}{escape(chr(10).join(lines), quote=False)}</code></pre>\n"

    return fence


def _note_mark(_: Any, tokens: Any, place: int, options: Any, env: Any) -> str:  # noqa: ARG001
    """Return what leads to a footnote; its id is not the link's, where the plugin has it."""
    meta = tokens[place].meta
    again = f":{meta['subId']}" if meta["subId"] else ""
    number = meta["id"] + 1
    return f'<sup id="fnref{number}{again}"><a href="#fn{number}">[{number}{again}]</a></sup>'


def _bare_link(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    def bare_link(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 -- the library's signature
        """Read an address whose scheme the policy has; the plugin drops that of a link that it then refuses.

        What stands before is put aside: the plugin would look through all of it at each colon.
        """
        scheme = next((name for name in _BARE_LINKS if state.pending.endswith(name)), "")
        if silent or not scheme:
            return False
        before = state.pending[: -len(scheme)]
        if before:
            state.pending = before
            state.pushPending()
            state.pending = scheme
        return rule(state, silent)

    return bare_link


def _label_tasks(state: StateCore) -> None:
    """Let the words of a task name its box, for those who do not see where it stands."""
    for place, token in enumerate(state.tokens):
        words = state.tokens[place + 2].children if "checked" in token.meta else None
        if words:
            ticked = " checked" if token.meta.pop("checked") else ""
            box = f'<label><input type="checkbox" disabled{ticked}> '
            words.insert(0, Token("html_inline", "", 0, content=box))
            words.append(Token("html_inline", "", 0, content="</label>"))


def _name_headings(state: StateCore) -> None:
    """Give each heading an id made of its words, as the anchors plugin does.

    That one tries every number again for each of a thousand headings that are alike.
    """
    used: dict[str, int] = {}
    for place, token in enumerate(state.tokens):
        if token.type == "heading_open":
            parts = state.tokens[place + 1].children or ()
            words = "".join(part.content for part in parts if part.type in {"text", "code_inline"})
            slug = slugify(words) or "section"
            name, number = slug, used.get(slug, 0)
            while name in used:
                number += 1
                name = f"{slug}-{number}"
            used[slug] = number
            used.setdefault(name, 0)
            token.attrSet("id", name)
