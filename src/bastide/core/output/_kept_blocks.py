"""Rules around those of the library, for what these would drop without a word."""

import re
from collections.abc import Callable
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, html_block, list_block, table
from markdown_it.rules_block.list import skipOrderedListMarker
from markdown_it.rules_block.table import escapedSplit, getLine
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from bastide.core.foundation import InvalidInput

# A list and its item are two, a quote is one.
MAX_LEVELS: Final = 40
MAX_CELLS: Final = 10_000
# For each bracket the library may go to the end of its paragraph; so far it goes in a third of a second.
MAX_LETTERS_AFTER_BRACKETS: Final = 50_000_000
_NOTE_OPEN: Final = "footnote_reference_open"
_NOTE_CLOSE: Final = "footnote_reference_close"


def keep_blocks(parser: MarkdownIt, tags: re.Pattern[str], *, has_list_numbers: bool) -> None:
    """Let the parser refuse what is too deep or too wide, and drop no cell, number or tag."""
    rules = parser.block.ruler
    rules.before("table", "levels", _refuse_levels)
    rules.at("table", _table, {"alt": ["paragraph", "reference"]})
    rules.at("html_block", _markup(tags), {"alt": ["paragraph", "reference", "blockquote"]})
    parser.core.ruler.before("inline", "brackets", _refuse_brackets)
    if not has_list_numbers:
        rules.at("list", _list_from_one, {"alt": ["paragraph", "reference", "blockquote"]})


def _refuse_levels(state: StateBlock, _first: int, _end: int, _silent: bool) -> bool:  # noqa: FBT001 -- the library's signature
    """Refuse what the library would leave out: all that stands deeper, to the end of the text."""
    if state.level > MAX_LEVELS:
        raise InvalidInput("html", "too_deep", max=MAX_LEVELS // 2)
    return False


def _refuse_brackets(state: StateCore) -> None:
    texts = (token.content for token in state.tokens if token.type == "inline")
    if sum(text.count("[") * len(text) for text in texts) > MAX_LETTERS_AFTER_BRACKETS:
        raise InvalidInput("html", "too_many_brackets")


def _table(state: StateBlock, first: int, end: int, silent: bool) -> bool:  # noqa: FBT001 -- the library's signature
    """Read a table; cells beyond the head's columns are kept in the last one.

    Threat: a wide head over many short rows, each of which is filled up.
    """
    if silent or not table(state, first, end, silent=True):
        return silent and table(state, first, end, silent=True)
    columns, line = len(_cells(state, first)), first
    while line < end and not state.isEmpty(line):
        line += 1
        if (line - first) * columns > MAX_CELLS:
            raise InvalidInput("html", "too_many_cells", max=MAX_CELLS)
    start = len(state.tokens)
    table(state, first, end, silent=False)
    cell, row = Token("inline", "", 0), first
    for token in state.tokens[start:]:
        if token.type == "tr_open" and token.map:
            row = token.map[0]
        elif token.type == "inline":
            cell = token
        elif "style" in token.attrs:
            # A policy lets no style in, and no page lets one in here.
            token.attrs = {"align": str(token.attrs["style"]).rpartition(":")[2]}
        elif token.type == "tr_close":
            cell.content = " | ".join([cell.content, *filter(None, _cells(state, row)[columns:])])
    return True


def _cells(state: StateBlock, line: int) -> list[str]:
    """Return a row's cells, as the library splits it."""
    cells = [cell.strip() for cell in escapedSplit(getLine(state, line).strip())]
    return cells[not cells[0] : len(cells) - (len(cells) > 1 and not cells[-1])]


def _markup(tags: re.Pattern[str]) -> Callable[[StateBlock, int, int, bool], bool]:
    def markup(state: StateBlock, first: int, end: int, silent: bool) -> bool:  # noqa: FBT001 -- the library's signature
        """Read a block of markup that begins with a tag that the policy has, or a comment that ends."""
        start = state.bMarks[first] + state.tShift[first]
        if state.src.startswith("<!--", start):
            is_known = state.src.find("-->", start + 4) >= 0
        else:
            is_known = bool(tags.match(state.src, start))
        return is_known and html_block(state, first, end, silent)

    return markup


def _list_from_one(state: StateBlock, first: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Read a list, unless it begins with a number that the policy would not show: `1986. A good year`."""
    # Asked silently, it is about where the item before ends.
    after = -1 if silent else skipOrderedListMarker(state, first)
    start = state.bMarks[first] + state.tShift[first]
    return (after < 0 or int(state.src[start : after - 1]) == 1) and list_block(state, first, end, silent)


def keep_notes(state: StateCore) -> None:
    """Show a footnote as typed that nothing refers to, where the plugin drops it.

    One within another is moved behind it, where the plugin looks for it.
    """
    numbers: dict[str, int] = state.env.get("footnotes", {}).get("refs", {})
    flow: list[Token] = []
    notes: list[list[Token]] = []
    open_notes = [flow]
    for token in state.tokens:
        if token.type == _NOTE_OPEN:
            label = token.meta["label"]
            if numbers.pop(f":{label}", -1) >= 0:
                notes.append([token])
                open_notes.append(notes[-1])
            else:
                open_notes[-1] += _typed(f"[^{label}]:")
                open_notes.append(open_notes[-1])
        elif token.type == _NOTE_CLOSE:
            note = open_notes.pop()
            if note is not open_notes[-1]:
                note.append(token)
        else:
            open_notes[-1].append(token)
    state.tokens = flow + [token for note in notes for token in note]


def _typed(text: str) -> list[Token]:
    """Return a paragraph that holds the text as it is."""
    return [
        Token("paragraph_open", "p", 1, block=True),
        Token("inline", "", 0, content=text, children=[Token("text", "", 0, content=text)]),
        Token("paragraph_close", "p", -1, block=True),
    ]
