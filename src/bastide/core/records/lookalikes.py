"""Names that look alike to a reader, though their letters differ."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("lookalikes.txt")
# Letters to Unicode, blank to readers: the fillers of Hangul.
BLANK_LETTERS: Final = "\u115f\u1160\u3164\uffa0"
# What Unicode lets a font leave out beside its format characters, and the blank of braille.
_IGNORABLE: Final = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065),
    (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)  # fmt: skip


def username_skeleton(name: str) -> str:
    """Return what a user name looks like: two names that a reader takes for each other have one skeleton.

    Case is seen (a capital I is an l) and then folded, so that nothing hangs on how a page shows a name.
    Where addresses are the names, two mailboxes are two, whatever they look like.

    Threat: an account that poses as another (V6.3.8).
    Spec: the skeleton of Unicode TR 39, section 4, over NFKC.
    """
    text = unicodedata.normalize("NFKC", name)
    if "@" in text:
        return text.casefold()
    # Once more for what folding brings: an "M" is an "m", which is an "rn".
    for _ in range(2):
        text = _replace(text).casefold()
    return text


def _replace(text: str) -> str:
    prototypes = _prototypes()
    seen: Iterable[str] = text
    if not text.isascii():
        seen = (char for char in unicodedata.normalize("NFD", text) if not _is_ignorable(char))
    return unicodedata.normalize("NFD", "".join(prototypes.get(char, char) for char in seen))


def _is_ignorable(char: str) -> bool:
    point = ord(char)
    return unicodedata.category(char) == "Cf" or any(low <= point <= high for low, high in _IGNORABLE)


@cache
def _prototypes() -> dict[str, str]:
    """Return the prototype of every letter that has one."""
    lines = (line for line in TABLE.read_text(encoding="ascii").splitlines() if not line.startswith("#"))
    return {
        char: _chars(prototype) for prototype, _, sources in (line.partition(": ") for line in lines)
        for char in _chars(sources)
    }  # fmt: skip


def _chars(points: str) -> str:
    return "".join(chr(int(point, 16)) for point in points.split())
