"""Plain text that nothing takes for anything else."""

import re
from typing import Final

from bastide.core.foundation import InvalidInput
from bastide.core.uploads.kinds import FIELD, sniff

# All but the tabulator and the two that end lines; DEL and the C1 controls too.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What begins like markup, a script or a page description is one to somebody.
_DISGUISED: Final = re.compile(r"\s*(?:<[a-z!?/]|#!|%!|\{\\rtf)", re.IGNORECASE)
# Wherever it stands: marks by which programs that guess take text for a page, a picture or a script.
MARKUP: Final = re.compile(
    rb"<(?:!doctype|\?php|\?xml|html|head|body|script|svg|iframe|frame|object|embed|applet|meta|link|base)\b",
    re.IGNORECASE,
)


def verify_text(data: bytes) -> None:
    """Accept UTF-8 without controls that is no page, picture or script in disguise.

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
    if sniff(data) is not None or _DISGUISED.match(text) or MARKUP.search(data):
        raise InvalidInput(FIELD, "file_markup")
