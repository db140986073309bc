"""Catalogues of gettext, as ``msgfmt`` compiles them."""

import struct
from collections.abc import Mapping
from io import BytesIO
from typing import Final

HEADER: Final = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n > 1);\n"


def compiled(sentences: Mapping[str, str | tuple[str, str]]) -> bytes:
    """Return the ``.mo`` file of what the sentences are in another language.

    Args:
        sentences: translations by sentence; two of them, one a plural, by ``singular\\0plural``.
    """
    entries = {"": HEADER} | {
        text: told if isinstance(told, str) else "\0".join(told) for text, told in sentences.items()
    }
    pairs = sorted((text.encode(), told.encode()) for text, told in entries.items())
    tables, texts = BytesIO(), BytesIO()
    start = 28 + 16 * len(pairs)
    for side in (0, 1):
        for pair in pairs:
            tables.write(struct.pack("<2I", len(pair[side]), start + texts.tell()))
            texts.write(pair[side] + b"\0")
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + tables.getvalue() + texts.getvalue()
