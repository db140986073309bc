"""A French catalogue as ``msgfmt`` compiles it: of a page, a mail and a span of time, and of nothing else."""

import struct
from collections.abc import Mapping
from typing import Final

from bastide.pages.sentences import COUNTS, MAIL_SENTENCES, SENTENCES

HEADER: Final = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n > 1);\n"
TITLE: Final = "Mot de passe oublié ?"
BODY: Final = (
    "Bonjour,\n\npour {site}, ouvrez cette adresse :\n\n{link}\n\nElle sert une fois, pendant {lifetime}.\n"
)


def compiled(sentences: Mapping[str, str]) -> bytes:
    """Return the ``.mo`` file; forms of one sentence are divided by a NUL."""
    pairs = sorted((text.encode(), told.encode()) for text, told in {"": HEADER, **sentences}.items())
    head_size, table_size = 28, 8 * len(pairs)
    tables, texts = b"", b""
    for side in (0, 1):
        for pair in pairs:
            tables += struct.pack("<2I", len(pair[side]), head_size + 2 * table_size + len(texts))
            texts += pair[side] + b"\0"
    places = (0x950412DE, 0, len(pairs), head_size, head_size + table_size, 0, 0)
    return struct.pack("<7I", *places) + tables + texts


FRENCH: Final = compiled(
    {
        SENTENCES["reset"]: TITLE,
        MAIL_SENTENCES["reset_link"][1]: BODY,
        "\0".join(COUNTS["minutes"]): "{number} minute\0{number} minutes et pas plus",
    }
)
MAILED: Final = (
    "Bonjour,\n\npour Under the Arcades, ouvrez cette adresse :\n\nhttps://localhost/x\n\n"
    "Elle sert une fois, pendant 10 minutes et pas plus.\n"
)
