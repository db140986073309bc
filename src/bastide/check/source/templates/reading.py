"""Templates of Jinja and Django as the sinks read them: what is put out, and into what kind of place."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

TOKEN: Final = re.compile(r"\{\{-?|\{%-?[+]?|\{#")
ENDS: Final = {"{{": re.compile(r"-?\}\}"), "{%": re.compile(r"[-+]?%\}"), "{#": re.compile(r"-?#\}")}
# What stands between these is no template.
LITERAL: Final = {"raw": "endraw", "verbatim": "endverbatim", "comment": "endcomment"}
BLOCKS: Final = frozenset({
    "if", "for", "block", "autoescape", "macro", "spaceless", "ifchanged", "blocktrans", "blocktranslate",
    "filter",
})  # fmt: skip


class Where(Enum):
    """The kind of place in HTML."""

    TEXT = auto()
    TAG = auto()
    BEFORE_VALUE = auto()
    QUOTED = auto()
    UNQUOTED = auto()
    SCRIPT = auto()
    STYLE = auto()
    COMMENT = auto()


@dataclass(frozen=True, slots=True)
class Output:
    """A ``{{ value }}``, where it stands."""

    line: int
    value: str
    filters: tuple[str, ...]
    where: Where
    attribute: str
    tag: str


@dataclass(slots=True)
class Form:
    """A form that posts, and what is in it."""

    line: int
    inside: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tag:
    """A ``{% tag %}``."""

    line: int
    name: str
    rest: str
    index: int


@dataclass(slots=True)
class Template:
    """What a template holds, and what keeps it from being compiled."""

    outputs: list[Output] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    fault: tuple[int, str] | None = None


class Html:
    """Follows HTML across the pieces of a template."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.where = Where.TEXT
        self.quote = ""
        self.tag = ""
        self.attribute = ""
        self.attributes: dict[str, str] = {}
        self.line = 1
        self.form: Form | None = None

    def feed(self, text: str, line_at: "LineAt", start: int) -> None:
        """Read a piece of text between template tags."""
        position = 0
        while position < len(text):
            self.line = line_at(start + position)
            position = self._step(text, position)

    def _step(self, text: str, position: int) -> int:  # noqa: PLR0911 -- one per kind of place
        match self.where:
            case Where.TEXT:
                return self._in_text(text, position)
            case Where.COMMENT:
                return self._until(text, position, "-->", Where.TEXT)
            case Where.SCRIPT:
                return self._until(text, position, "</script", Where.TEXT, case=False)
            case Where.STYLE:
                return self._until(text, position, "</style", Where.TEXT, case=False)
            case Where.QUOTED:
                return self._in_value(text, position, re.compile(re.escape(self.quote)))
            case Where.UNQUOTED:
                return self._in_value(text, position, re.compile(r"[\s>]"))
            case Where.BEFORE_VALUE:
                if text[position] in "\"'":
                    self.quote, self.where = text[position], Where.QUOTED
                    return position + 1
                if text[position].isspace():
                    return position + 1
                self.where = Where.UNQUOTED
                return position
            case _:
                return self._in_tag(text, position)

    def _in_text(self, text: str, position: int) -> int:
        opened = re.compile(r"<(!--|/?[A-Za-z][^\s/>{]*)").search(text, position)
        if opened is None:
            return len(text)
        if opened[1] == "!--":
            self.where = Where.COMMENT
            return opened.end()
        self.tag, self.attributes, self.attribute, self.where = opened[1].lower(), {}, "", Where.TAG
        if self.tag == "/form" and self.form is not None:
            self.template.forms.append(self.form)
            self.form = None
        return opened.end()

    def _in_tag(self, text: str, position: int) -> int:
        found = re.compile(r"\s+|/|>|<|=|[^\s=><\"'/]+|[\"']").match(text, position)
        if found is None:
            return position + 1
        match found[0][0]:
            case ">":
                self._close_tag()
            case "=":
                self.where = Where.BEFORE_VALUE
            case "<":
                self.where = Where.TEXT
                return position
            case first if not first.isspace() and first not in "/\"'":
                self.attribute = found[0].lower()
                self.attributes[self.attribute] = ""
            case _:
                pass
        return found.end()

    def _in_value(self, text: str, position: int, end: re.Pattern[str]) -> int:
        found = end.search(text, position)
        stop = len(text) if found is None else found.start()
        self.attributes[self.attribute] = self.attributes.get(self.attribute, "") + text[position:stop]
        if found is None:
            return len(text)
        self.where = Where.TAG
        return found.end() if self.quote and found[0] == self.quote else stop

    def _close_tag(self) -> None:
        kind = self.attributes.get("type", "")
        self.where = Where.TEXT
        if self.tag == "script" and not re.search(r"template|handlebars|html|mustache", kind):
            self.where = Where.SCRIPT
        elif self.tag == "style":
            self.where = Where.STYLE
        is_here = not re.match(r"(?:https?:)?//", self.attributes.get("action", ""))
        if self.tag == "form" and self.attributes.get("method", "").lower() == "post" and is_here:
            self.form = Form(self.line)

    def _until(self, text: str, position: int, end: str, then: Where, *, case: bool = True) -> int:
        at = (text if case else text.lower()).find(end, position)
        if at < 0:
            return len(text)
        self.where = then
        return at if end.startswith("</") else at + len(end)

    def saw(self, inside: str) -> None:
        """Note a template tag for the form that is open."""
        if self.where is Where.BEFORE_VALUE:
            self.quote, self.where = "", Where.UNQUOTED
        if self.form is not None:
            self.form.inside.append(inside)


class LineAt:
    """Tells the line of an offset."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def __call__(self, offset: int) -> int:
        """Return the number of the line, from 1."""
        return bisect_right(self.starts, offset)


def read_template(text: str) -> Template:
    """Return what the template holds; a fault ends the reading where it is."""
    template, line_at = Template(), LineAt(text)
    html = Html(template)
    open_tags: list[Tag] = []
    position = 0
    while (token := TOKEN.search(text, position)) is not None:
        html.feed(text[position : token.start()], line_at, position)
        kind, line = token[0][:2], line_at(token.start())
        end = ENDS[kind].search(text, token.end())
        if end is None:
            template.fault = line, f"`{kind}` is never closed"
            return template
        inside, position = text[token.end() : end.start()].strip(), end.end()
        if kind == "{{":
            value, *filters = split_filters(inside)
            where = Where.UNQUOTED if html.where is Where.BEFORE_VALUE else html.where
            template.outputs.append(Output(line, value, tuple(filters), where, html.attribute, html.tag))
            html.saw(inside)
        elif kind == "{%":
            name, _, rest = inside.partition(" ")
            html.saw(inside)
            template.tags.append(Tag(line, name, rest.strip(), len(template.outputs)))
            if name in LITERAL:
                closing = re.compile(r"\{%-?\s*" + LITERAL[name] + r"\b[^%]*%\}").search(text, position)
                if closing is None:
                    template.fault = line, f"`{name}` is never closed"
                    return template
                position = closing.end()
            elif (fault := _balance(template.tags[-1], open_tags)) is not None:
                template.fault = fault
                return template
    html.feed(text[position:], line_at, position)
    if open_tags:
        template.fault = open_tags[-1].line, f"`{open_tags[-1].name}` is never closed"
    return template


def _balance(tag: Tag, open_tags: list[Tag]) -> tuple[int, str] | None:
    if tag.name in BLOCKS:
        open_tags.append(tag)
    elif tag.name.startswith("end") and tag.name[3:] in BLOCKS:
        if not open_tags or open_tags[-1].name != tag.name[3:]:
            return tag.line, f"`{tag.name}` closes nothing that is open"
        open_tags.pop()
    return None


def split_filters(inside: str) -> list[str]:
    """Return the value and its filters, whatever stands in quotes and brackets."""
    parts, depth, quote, start = [], 0, "", 0
    for place, letter in enumerate(inside):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == "|" and depth == 0:
            parts.append(inside[start:place].strip())
            start = place + 1
    return [*parts, inside[start:].strip()]


def between(template: Template, opening: str, closing: str) -> Iterator[tuple[Tag, list[Output]]]:
    """Yield each opening tag and what is put out before its closing one."""
    open_tags: list[Tag] = []
    for tag in template.tags:
        if tag.name == opening:
            open_tags.append(tag)
        elif tag.name == closing and open_tags:
            first = open_tags.pop()
            yield first, template.outputs[first.index : tag.index]
