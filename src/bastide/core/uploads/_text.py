"""Plain text that nothing takes for anything else."""

import codecs
import re
from typing import Final

from bastide.core.foundation import InvalidInput
from bastide.core.uploads.kinds import FIELD, sniff

# All but the tabulator, the two that end lines and the one that ends pages; DEL and the C1 controls too.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
# Programs that guess look at the beginning alone (WHATWG MIME Sniffing, 7.1); what is one of these there is
# a page, a drawing, a script or a page description to somebody.
_DISGUISED: Final = re.compile(
    r"[\s\ufeff]*+(?:<!--|<!doctype\b|<\?(?:xml|php)|#!|%!|\{\\rtf"
    r"|<(?:html|head|script|iframe|h1|div|font|table|a|style|title|body|br?|p|svg)[\s>/])",
    re.IGNORECASE,
)
_MARK: Final = "\ufeff"
_HEAD: Final = 12
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def to_utf_8(data: bytes) -> bytes:
    """Return the text as UTF-8, without controls, which nothing takes for a page, a picture or a script.

    UTF-8 stays byte for byte. UTF-16 that begins with its mark is written as UTF-8, which loses nothing;
    every other coding would be a guess. Words about pages further on are words.

    Raises:
        InvalidInput: ``file_encoding``, ``file_controls``, ``file_markup``; ``file_empty``: but for its mark.

    Threat: HTML, SVG and scripts as ``.txt`` (V5.2.2, V3.2.1).
    """
    is_wide = data.startswith(_UTF_16) and not data.startswith(codecs.BOM_UTF32_LE)
    try:
        text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(FIELD, "file_encoding", line=data.count(b"\n", 0, error.start) + 1) from None
    if (found := _CONTROLS.search(text)) is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise InvalidInput(FIELD, "file_controls", seen=f"U+{ord(found[0]):04X}", line=line)
    kept = text.encode() if is_wide else data
    if not kept:
        raise InvalidInput(FIELD, "file_empty")
    # A mark before another, or before another kind of file, hides neither.
    if sniff(text.lstrip(_MARK)[:_HEAD].encode()) is not None or _DISGUISED.match(text):
        raise InvalidInput(FIELD, "file_markup")
    return kept
