"""The text rule that every other rule builds on."""

import unicodedata
from dataclasses import dataclass
from typing import Any, Final, Protocol

from bastide.core.foundation import InvalidInput
from bastide.core.records import BLANK_LETTERS

_LINE_CATEGORIES: Final = frozenset({"Zl", "Zp"})
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cs"})
# Overrides and isolates reorder what a reader sees; nobody types them into a name on purpose.
_BIDI_CONTROLS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class FieldRule(Protocol):
    """A rule that turns untrusted text into a value.

    Attributes:
        field: the field's name, as errors call it.
        min_length: in code points; 0 where the field may stay empty.
        max_length: in code points.
        is_required: whether empty input is refused.
        is_multiline: whether line feeds are kept.
        input_type: HTML input type, or ``textarea``.
        autocomplete: HTML autocomplete token, or empty.
    """

    @property
    def field(self) -> str: ...  # noqa: D102 -- described by the class
    @property
    def min_length(self) -> int: ...  # noqa: D102
    @property
    def max_length(self) -> int: ...  # noqa: D102
    @property
    def is_required(self) -> bool: ...  # noqa: D102
    @property
    def is_multiline(self) -> bool: ...  # noqa: D102
    @property
    def input_type(self) -> str: ...  # noqa: D102
    @property
    def autocomplete(self) -> str: ...  # noqa: D102

    def parse(self, raw: str) -> Any:
        """Return the value, or raise ``InvalidInput``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRule:
    """Text of bounded length without characters that break lines, logs, databases or reading order.

    Outer white space is dropped; line ends become line feeds; length counts code points. Real names
    and real sentences pass: nothing is refused for being non-ASCII or for looking like markup, which
    is the output encoder's business.

    Spec: V2.2.1, V1.3.3.
    """

    field: str
    min_length: int = 0
    max_length: int
    is_required: bool = True
    is_multiline: bool = False
    min_words: int = 0
    input_type: str = "text"
    autocomplete: str = ""

    def parse(self, raw: str) -> str | None:
        """Return the text, or None for an empty optional field.

        Raises:
            InvalidInput: ``required``, ``too_short``, ``too_long``, ``too_few_words``,
                ``control_characters``, ``line_breaks`` or ``invisible``.
        """
        text = (
            raw.replace("\r\n", "\n").replace("\r", "\n").strip() if self.is_multiline else raw.strip(" \t")
        )
        if not text:
            if self.is_required:
                raise InvalidInput(self.field, "required")
            return None
        self._refuse_characters(text)
        if len(text) < self.min_length:
            raise InvalidInput(self.field, "too_short", min=self.min_length)
        if len(text) > self.max_length:
            raise InvalidInput(self.field, "too_long", max=self.max_length)
        if len(text.split()) < self.min_words:
            raise InvalidInput(self.field, "too_few_words", min=self.min_words)
        return text

    def _refuse_characters(self, text: str) -> None:
        if text.isprintable() and text.isascii():
            return
        for char in text:
            if self.is_multiline and char in "\n\t":
                continue
            category = unicodedata.category(char)
            if category in _LINE_CATEGORIES or char in "\n\r\x0b\x0c\x85":
                raise InvalidInput(self.field, "line_breaks")
            if category in _REFUSED_CATEGORIES or char in _BIDI_CONTROLS or _is_noncharacter(ord(char)):
                raise InvalidInput(self.field, "control_characters")
        if all(_is_invisible(char) for char in text):
            raise InvalidInput(self.field, "invisible")


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in {"Cf", "Mn", "Zs"} or char in "\n\t" or char in BLANK_LETTERS


def _is_noncharacter(point: int) -> bool:
    """Tell whether Unicode keeps the code point for itself; XML, such as a feed, cannot hold it."""
    return point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF  # noqa: PLR2004 -- Unicode 23.7
