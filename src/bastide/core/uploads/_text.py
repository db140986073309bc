"""Plain text that nothing takes for anything else."""

import re
from typing import Final

from bastide.core.foundation import InvalidInput
from bastide.core.uploads.kinds import FIELD, sniff

# All but the tabulator, the two that end lines and the one that ends pages; DEL and the C1 controls too.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
# Programs that guess look at the beginning alone (WHATWG MIME Sniffing, 7.1); what is one of these there is
# a page, a drawing, a script or a page description to somebody.
_DISGUISED: Final = re.compile(
    r"\s*(?:<!--|<!doctype\b|<\?(?:xml|php)|#!|%!|\{\\rtf"
    r"|<(?:html|head|script|iframe|h1|div|font|table|a|style|title|body|br?|p|svg)[\s>/])",
    re.IGNORECASE,
)


def verify_text(data: bytes) -> None:
    """Accept UTF-8 without controls that nothing takes for a page, a picture or a script.

    Words about pages further on are words.

    Raises:
        InvalidInput: ``file_encoding``, ``file_controls`` or ``file_markup``.

    Threat: HTML, SVG and scripts as ``.txt`` (V5.2.2, V3.2.1).
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(FIELD, "file_encoding") from None
    if _CONTROLS.search(text):
        raise InvalidInput(FIELD, "file_controls")
    if sniff(data) is not None or _DISGUISED.match(text):
        raise InvalidInput(FIELD, "file_markup")
