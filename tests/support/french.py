"""A French catalogue as ``msgfmt`` compiles it: of a page, a mail and a span of time, and of nothing else."""

import struct
from collections.abc import Mapping
from html import unescape
from typing import Any, Final

from bastide.pages.sentences import COUNTS, ERROR_SENTENCES, MAIL_SENTENCES, SENTENCES
from support.blog import Browser

HEADER: Final = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n > 1);\n"
PAGE: Final = {
    "reset": "Mot de passe oublié ?",
    "email": "Courriel",
    "reset_submit": "Envoyez le lien",
    "error_404_title": "Cette page n'existe pas",
}
WRONG: Final = "Cela n'est pas une adresse."
BODY: Final = (
    "Bonjour,\n\npour {site}, ouvrez cette adresse :\n\n{link}\n\nElle sert une fois, pendant {lifetime}.\n"
)


def says_all_of_it(browser: Browser, *, in_french: bool, **options: Any) -> bool:
    """Tell whether pages say all of it in French, or all of it in English."""
    shown = browser.get("/account/reset", **options)
    refused = browser.post("/account/reset", {"email": "nobody"}, **options)
    missing = browser.get("/nowhere", **options)
    assert (shown.status_code, refused.status_code, missing.status_code) == (200, 400, 404)
    said = unescape(shown.text + refused.text + missing.text)
    english = {**{name: SENTENCES[name] for name in PAGE}, "wrong": ERROR_SENTENCES["email"]}
    french = {**PAGE, "wrong": WRONG}
    wanted, unwanted = (french, english) if in_french else (english, french)
    return all(f">{text}<" in said for text in wanted.values()) and not any(
        f">{text}<" in said for text in unwanted.values()
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
        **{SENTENCES[name]: told for name, told in PAGE.items()},
        ERROR_SENTENCES["email"]: WRONG,
        MAIL_SENTENCES["reset_link"][1]: BODY,
        "\0".join(COUNTS["minutes"]): "{number} minute\0{number} minutes et pas plus",
    }
)
MAILED: Final = (
    "Bonjour,\n\npour Under the Arcades, ouvrez cette adresse :\n\nhttps://localhost/x\n\n"
    "Elle sert une fois, pendant 10 minutes et pas plus.\n"
)
