"""File names: harmless text to show, and the header that offers a file under one.

Nothing is ever stored under such a name; see ``new_storage_name``.
"""

import re
import unicodedata
from typing import Final
from urllib.parse import quote

from bastide.core.foundation import Entropy

STORAGE_NAME_SIZE_BYTES: Final = 20
MAX_NAME_SIZE_BYTES: Final = 200
FALLBACK: Final = "file"
_STORAGE_NAME: Final = re.compile(r"[0-9a-f]{40}")
# Controls, formats (overrides of the reading order are some), surrogates, private and unassigned ones.
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_RESERVED: Final = re.compile(
    r"(?:con|prn|aux|nul|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?=\.|$)", re.IGNORECASE
)
_FORBIDDEN: Final = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_SPACES: Final = re.compile(r"\s+")
# RFC 8187, 3.2.1: attr-char besides letters and digits.
_ATTRIBUTE_CHARACTERS: Final = "!#$&+-.^_`|~"
_UNQUOTABLE: Final = re.compile(r'[^ -~]|["\\%]')


def new_storage_name(entropy: Entropy) -> str:
    """Return 160 random bits as 40 hex digits: what a file is kept under, and nobody guesses.

    Spec: V5.3.2.
    """
    return entropy.token_bytes(STORAGE_NAME_SIZE_BYTES).hex()


def is_storage_name(text: str) -> bool:
    """Tell whether the text can be the name of a stored file: not every database takes every text."""
    return _STORAGE_NAME.fullmatch(text) is not None


def clean_name(raw: str) -> str:
    """Return the last part of a file name as text that is safe to show and to save under.

    Folders, controls, overrides of the reading order and what Windows forbids are gone; a reserved
    device name gets an underscore in front; a long name loses the end of its stem, never its extension.
    Cleaning a clean name changes nothing.

    Args:
        raw: as the client sent it, untrusted.

    Threat: traversal, a program that looks like a picture (``gpj.exe``), device names (V5.3.2, V5.4.1).
    """
    text = re.split(r"[/\\]", raw)[-1]
    text = "".join(char for char in text if char.isspace() or unicodedata.category(char) not in _DROPPED)
    text = unicodedata.normalize("NFC", text)
    text = _SPACES.sub(" ", text).translate(_FORBIDDEN).strip(" .")
    stem, dot, extension = text.rpartition(".")
    if not stem:
        stem, dot, extension = text, "", ""
    room = MAX_NAME_SIZE_BYTES - len(dot) - len(extension.encode())
    if room <= 0:
        stem, dot, extension, room = text, "", "", MAX_NAME_SIZE_BYTES
    if _RESERVED.match(stem + dot):
        stem = f"_{stem}"
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .")
    return f"{stem}{dot}{extension}" or FALLBACK


def extension_of(name: str) -> str:
    """Return what follows the last dot, in small letters; empty where there is no dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def content_disposition(name: str, *, inline: bool) -> str:
    """Return the header's value: ``filename`` for old readers, ``filename*`` where that loses something.

    Args:
        name: the display name.
        inline: show it in the page; else browsers save it.

    Threat: header injection and a name cut short at a quote (V5.4.1).
    Spec: RFC 6266 (4.1 to 4.3, appendix D), RFC 8187 (3.2).
    """
    disposition = "inline" if inline else "attachment"
    plain = _UNQUOTABLE.sub("_", name)
    value = f'{disposition}; filename="{plain}"'
    if plain != name:
        value += f"; filename*=UTF-8''{quote(name, safe=_ATTRIBUTE_CHARACTERS, errors='replace')}"
    return value
