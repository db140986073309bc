"""Documents made anew: parsed under caps, written from what their pages need.

They are parsed and written by pikepdf, an extra: without it no document is a declared kind.
"""

import re
from importlib.util import find_spec
from typing import Final

from bastide.core.foundation import InvalidInput
from bastide.core.uploads._effort import TimeLimit
from bastide.core.uploads._pdf_streams import verify_streams
from bastide.core.uploads.kinds import FIELD

_VERSION: Final = re.compile(rb"%PDF-[12]\.[0-9]\s")
_LOCKED: Final = b"/Encrypt"
# Behind it programs leave spaces, and mail gateways a line; without it the end is missing.
_END: Final = re.compile(rb"startxref\s+[0-9]+\s+%%EOF")
_TAIL: Final = 1024
# What makes a page of a file for programs that look at its beginning and guess.
_MARKUP: Final = re.compile(rb"<(?:!doctype|html|script|iframe|body|head)", re.IGNORECASE)
_HEAD: Final = 1024
# Programs that unpack look for these anywhere; the marks of ZIP are short, so one alone is chance.
_ARCHIVES: Final = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_ZIP_START: Final = b"PK\x03\x04"
_ZIP_END: Final = b"PK\x05\x06"


def is_available() -> bool:
    """Tell whether pikepdf is installed."""
    return find_spec("pikepdf") is not None


def write_anew(data: bytes, *, max_inflated_bytes: int, max_seconds: float) -> bytes:
    """Return the document with its pages, links, bookmarks and forms, and without anything that acts.

    1. It begins and ends as a document, and is no larger inside than is allowed.
    2. It is parsed; each object keeps what the table of places has for where it stands, and the document is
       refused where that would change what a reader sees.
    3. What hangs on its pages is written; earlier revisions and all else are gone, and signatures broken.
    4. What was written is no archive or page for programs that guess.

    The same document gives the same bytes.

    Args:
        data: the file.
        max_inflated_bytes: what all its streams may grow to together.
        max_seconds: of processor time, asked between the steps.

    Raises:
        InvalidInput: which rule is broken.

    Threat: scripts, launched programs and embedded files in a document, whereabouts in metadata, polyglots,
        bombs (V5.2.2, V5.2.3, V14.2.8).
    """
    if not _VERSION.match(data) or not _END.search(data[-_TAIL:]):
        raise InvalidInput(FIELD, "file_broken")
    limit = TimeLimit(max_seconds)
    try:
        verify_streams(data, limit, max_inflated_bytes=max_inflated_bytes)
    except InvalidInput as error:
        # What is encrypted unpacks to nothing, too.
        if error.code == "file_broken" and _LOCKED in data:
            raise InvalidInput(FIELD, "file_encrypted") from None
        raise
    # Only who takes documents waits for the import.
    from bastide.core.uploads._pdf_graph import rewrite  # noqa: PLC0415

    try:
        written = rewrite(data, limit)
    except InvalidInput:
        raise
    except Exception as error:
        raise InvalidInput(FIELD, "file_broken") from error
    if _MARKUP.search(written[:_HEAD]) or _is_archive(written):
        raise InvalidInput(FIELD, "file_hidden")
    return written


def _is_archive(data: bytes) -> bool:
    return (_ZIP_START in data and _ZIP_END in data) or any(mark in data for mark in _ARCHIVES)
