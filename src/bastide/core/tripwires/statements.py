"""The tripwire of statements: values belong into bound parameters, never into the text (Q4).

Whether a value stands in the text by design or by accident cannot be told from the text alone: a column
``title`` is the application's word and the sort key's. So the criterion is:

1. A word (``title``, ``post.title``, ``in-review``, ``2026-03-01``) or a number is no evidence in the
   text's code, where it cannot change what the statement does; a declared sort key ends there. In a
   literal or a comment, a word of more than 20 characters is.
2. Everything else of three characters or more (white space, quotes, operators, parentheses, letters beyond
   ASCII) is, wherever it stands.
3. So is each of a value's words that holds a quote, for views that take searches apart.
4. So is what follows a quote of a literal, 12 characters long, where the rest of the value was cut off or
   changed.

What tracing puts behind a statement is no evidence: names of the route and numbers of the trace, in a comment
of sqlcommenter's form at the end, whose values are quoted so that nothing gets out of it. A value that stands
anywhere else besides, or is longer than that name or number, is.

Both sides are folded first: case, white space, width (NFKC), and the ways in which quotes, backslashes and
percent signs are doubled. A text that came up once in a request without its like is constant; it is
remembered, and every later request with it passes at the price of a look-up.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final
from urllib.parse import unquote

from bastide.core.tripwires.values import Value

MIN_LENGTH: Final = 3
MIN_WORD_LENGTH: Final = 21
TAIL_LENGTH: Final = 12
MAX_SPLIT_LENGTH: Final = 2_000
MAX_TAGS_LENGTH: Final = 2_000
MAX_KNOWN: Final = 2_000
MAX_KNOWN_LENGTH: Final = 10_000
# With what people put around words: one quote or bracket, and the end of a sentence.
_WORD: Final = re.compile(r"""["'`\[{]?\w+(?:[.\-]\w+)*["'`\]}]?[.,;:!?]{0,3}""", re.ASCII)
_NUMBERS: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:\s?,\s?[+-]?\d+(?:\.\d+)?)*", re.ASCII)
_LITERAL_OR_COMMENT: Final = re.compile(
    r"""("(?:[^"]|"")*"|`[^`]*`)|'(?:[^']|'')*'|(\$\w*\$).*?\2|--[^\n]*|/\*.*?\*/""", re.DOTALL
)
_TAG: Final = r"[\w.%-]+='[^'*\\]*'"
_TAGS: Final = re.compile(rf"(?:/\*{_TAG}(?:,{_TAG})*\*/\s*)+;?\s*\Z", re.ASCII)
_TRACED: Final = re.compile(
    r"(?<=[*,])(?:(?:route|controller)='[^']+"
    r"|traceparent='[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})(?=')"
)


class QueryTripwire:
    """Finds values of the request in the text of statements; one per application.

    Threat: SQL injection where somebody built a statement by hand (V1.2.4, V16.3.3).
    """

    __slots__ = ("_constant",)

    def __init__(self) -> None:
        self._constant: set[str] = set()

    def is_constant(self, sql: str) -> bool:
        """Tell whether the very text came up before in a request that carried none of it."""
        return _split(sql)[0] in self._constant

    def find(self, sql: str, values: Iterable[Value]) -> Value | None:
        """Return the value that the text carries; a text that carries none is remembered, within bounds.

        Args:
            sql: the statement as the driver gets it, placeholders included.
            values: what the request carried.
        """
        found = find_carried(sql, values)
        own = _split(sql)[0]
        if found is None and len(own) <= MAX_KNOWN_LENGTH:
            if len(self._constant) >= MAX_KNOWN:
                self._constant.clear()
            self._constant.add(own)
        return found


def find_carried(sql: str, values: Iterable[Value]) -> Value | None:
    """Return the first value that the text of a statement carries, or None."""
    own, traced = _split(sql)
    is_in_text, is_in_own = _searcher(sql), _searcher(own)
    names = [_fold(name) for name in traced]

    def is_evidence(value: str) -> bool:
        return is_in_text(value) and (is_in_own(value) or not any(value in name for name in names))

    return next(
        (value for value in values if any(is_evidence(variant) for variant in _variants(value.text))), None
    )


def _split(sql: str) -> tuple[str, list[str]]:
    """Return the text without what tracing tells of the route and the trace, and that."""
    last = max(0, len(sql) - MAX_TAGS_LENGTH)
    found = _TAGS.search(sql, last) if sql.rstrip("; ").endswith("*/") else None
    if found is None:
        return sql, []
    traced: list[str] = []

    def empty(tag: re.Match[str]) -> str:
        name, _, value = tag[0].partition("'")
        traced.append(value)
        return f"{name}'"

    return sql[: found.start()] + _TRACED.sub(empty, found[0]), traced


def _searcher(sql: str) -> Callable[[str], bool]:
    """Return what tells whether a folded value is evidence in this text."""
    text = _fold(sql)
    words = "\n".join(_fold(literal) for literal in _literals(sql))
    tails = {tail for tail in _tails(text) if not _is_plain(tail)}

    def is_in_text(value: str) -> bool:
        if _is_plain(value):
            return len(value) >= MIN_WORD_LENGTH and value in words
        if MIN_LENGTH <= len(value) <= len(text) and value in text:
            return True
        return "'" in value and any(tail in value for tail in tails)

    return is_in_text


def _variants(text: str) -> Iterator[str]:
    folded = _fold(text)
    yield folded
    if "'" in folded and len(folded) <= MAX_SPLIT_LENGTH:
        yield from (word for word in folded.split() if "'" in word)
    if "%" in text:
        # Some applications decode once more than their framework did.
        yield _fold(unquote(text))


def _fold(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    bare = text.casefold().replace("\\", "").replace("''", "'").replace("%%", "%")
    return " ".join(bare.split())


def _is_plain(value: str) -> bool:
    """Tell whether the value is a word or numbers, which change nothing where code stands."""
    return _WORD.fullmatch(value) is not None or _NUMBERS.fullmatch(value) is not None


def _literals(sql: str) -> Iterator[str]:
    """Yield string literals and comments as written; quoted identifiers are code."""
    for found in _LITERAL_OR_COMMENT.finditer(sql):
        if found[1] is None:
            yield found[0]


def _tails(text: str) -> Iterator[str]:
    """Yield what follows each quote, where there is enough of it."""
    start = text.find("'")
    while 0 <= start <= len(text) - TAIL_LENGTH:
        yield text[start : start + TAIL_LENGTH]
        start = text.find("'", start + 1)
