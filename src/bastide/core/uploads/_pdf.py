"""PDFs that are only read: what runs, calls out or carries other files is refused.

The file is not parsed the way any one reader does it, since readers differ. It is cut at ``endstream``:
what stands before a stream's bytes is searched as a whole, strings and comments included, and each
stream's bytes are searched as they are and inflated. What could hide a name from that search is refused.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from bastide.core.foundation import InvalidInput
from bastide.core.uploads.kinds import FIELD

# ISO 32000-2, 12.6 (actions), 7.11.4 (embedded files), 12.7.8 (XFA), 13 (multimedia).
ACTIVE: Final = frozenset({
    b"JavaScript", b"JS", b"OpenAction", b"AA", b"Launch", b"EmbeddedFile", b"EmbeddedFiles", b"RichMedia",
    b"XFA", b"SubmitForm", b"ImportData", b"GoToE", b"Rendition", b"Movie",
})  # fmt: skip
# In bytes that are no syntax, two letters turn up by chance; an action that runs has a longer name too.
_ACTIVE_IN_DATA: Final = frozenset(name for name in ACTIVE if len(name) > len(b"JS"))
# Encodings that are not undone here, and encryption.
_OPAQUE: Final = frozenset({
    b"Encrypt", b"Crypt", b"LZWDecode", b"LZW", b"RunLengthDecode", b"RL", b"ASCII85Decode", b"A85",
    b"ASCIIHexDecode", b"AHx",
})  # fmt: skip
_FLATE: Final = frozenset({b"FlateDecode", b"Fl"})
_PARAMETERS: Final = frozenset({b"DecodeParms", b"DP"})
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_REGULAR: Final = rb"[^\x00\t\n\f\r ()<>\[\]{}/%]"
_ESCAPED: Final = rb"%b*?#[0-9A-Fa-f]{2}%b*" % (_REGULAR, _REGULAR)
_ESCAPED_NAME: Final = re.compile(b"/" + _ESCAPED)
# Writers escape a few; a document of nothing else is there to keep the search busy.
_MAX_ESCAPED: Final = 10_000
# As the standard has it, and as forgiving readers take it too.
_STREAM: Final = re.compile(rb"(?<!end)stream[ \t]*[\r\n]+|>>[\s\x00]*stream")
# A type or a filter that is kept in another object, out of the search's sight; lists of filters are short.
_INDIRECT: Final = re.compile(
    rb"/(?:Type(?!\w)\s*(?![\s/])|Filter\s*(?![\s/\[])|Filter\s*\[(?![^\]0-9]{0,200}\]))"
)
_VERSION: Final = re.compile(rb"%PDF-[12]\.[0-9]\s")
_END: Final = re.compile(rb"startxref\s+[0-9]+\s+%%EOF\s*\Z")
# What turns a document into a page for programs that guess; shorter marks turn up by chance.
_MARKUP: Final = re.compile(rb"<(?:!doctype|html|script|iframe|body|head>)", re.IGNORECASE)
_SPACE: Final = b"\x00\t\n\x0c\r "
# Programs that unpack look for these anywhere; the marks of ZIP are short, so one alone is chance.
_ARCHIVE: Final = re.compile(rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c")
_ZIP_START: Final = b"PK\x03\x04"
_ZIP_END: Final = b"PK\x05\x06"
_MAX_ZIP_TAIL_BYTES: Final = 65_557
_MAX_STARTS: Final = 4


def _pattern(names: frozenset[bytes]) -> re.Pattern[bytes]:
    """Return what finds these names and whatever is spelled with escapes; others cost no step of Python."""
    plain = b"|".join(sorted(names))
    return re.compile(rb"/((?:%b)(?!%b)|%b)" % (plain, _REGULAR, _ESCAPED))


_IN_SYNTAX: Final = _pattern(ACTIVE | _OPAQUE | _FLATE | _PARAMETERS | {b"ObjStm"})
_IN_OBJECTS: Final = _pattern(ACTIVE)
_IN_DATA: Final = _pattern(_ACTIVE_IN_DATA)


class _Part(NamedTuple):
    """Syntax, and the streams that begin in it: usually one."""

    syntax: bytes
    streams: tuple[bytes, ...]


def verify_pdf(data: bytes, *, max_inflated_bytes: int) -> None:
    """Accept a whole PDF without active content.

    1. It begins and ends as one, so that nothing is hidden before or behind it.
    2. No name in its syntax is active, however it is spelled.
    3. Every compressed stream inflates under the cap, and holds no active name either.

    Args:
        data: the file.
        max_inflated_bytes: what all its streams may grow to together.

    Raises:
        InvalidInput: ``file_broken``, ``file_markup``, ``file_active``, ``file_unreadable`` or
            ``file_inflated``.

    Threat: scripts, launched programs and embedded files in a document; polyglots; bombs (V5.2.2, V5.2.3).
    """
    if not _VERSION.match(data) or not _END.search(data[-1024:]):
        raise InvalidInput(FIELD, "file_broken")
    if _MARKUP.search(data) or _is_archive(data):
        raise InvalidInput(FIELD, "file_markup")
    left = max_inflated_bytes
    for part in _cut(data):
        names = list(_names_of(part.syntax, _IN_SYNTAX))
        _refuse_hiding(part.syntax, names)
        if not ACTIVE.isdisjoint(names):
            raise InvalidInput(FIELD, "file_active")
        inside = _IN_OBJECTS if b"ObjStm" in names else _IN_DATA
        for stream in part.streams:
            if _FLATE.isdisjoint(names):
                _search(stream, inside)
                continue
            _search(stream, _IN_DATA)
            inflated = _inflate(stream, left)
            left -= len(inflated)
            _search(inflated, inside)


def _is_archive(data: bytes) -> bool:
    is_zip = _ZIP_END in data[-_MAX_ZIP_TAIL_BYTES:] or (_ZIP_START in data and _ZIP_END in data)
    return is_zip or _ARCHIVE.search(data) is not None


def _cut(data: bytes) -> Iterator[_Part]:
    """Give each stretch up to an ``endstream``; what looks like several streams begins as many."""
    position = 0
    while True:
        end = data.find(b"endstream", position)
        stretch = data[position : end if end >= 0 else len(data)]
        starts = list(_STREAM.finditer(stretch))
        if len(starts) > _MAX_STARTS or (starts and end < 0):
            raise InvalidInput(FIELD, "file_unreadable")
        syntax = stretch[: starts[-1].start()] if starts else stretch
        yield _Part(syntax, tuple(stretch[start.end() :] for start in starts))
        if end < 0:
            return
        position = end + len(b"endstream")


def _names_of(data: bytes, pattern: re.Pattern[bytes]) -> Iterator[bytes]:
    escaped = 0
    for match in pattern.finditer(data):
        name = match[1]
        if b"#" in name:
            escaped += 1
            if escaped > _MAX_ESCAPED:
                raise InvalidInput(FIELD, "file_unreadable")
            name = _unescape(name)
        yield name


def _unescape(name: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), name)


def _refuse_hiding(syntax: bytes, names: list[bytes]) -> None:
    """Refuse what would hide an object from the search."""
    plain = _ESCAPED_NAME.sub(lambda match: _unescape(match[0]), syntax)
    is_coded_twice = sum(name in _FLATE for name in names) > 1
    is_predicted = b"ObjStm" in names and not _PARAMETERS.isdisjoint(names)
    if not _OPAQUE.isdisjoint(names) or is_coded_twice or is_predicted or _INDIRECT.search(plain):
        raise InvalidInput(FIELD, "file_unreadable")


def _search(data: bytes, refused: re.Pattern[bytes]) -> None:
    names = _ACTIVE_IN_DATA if refused is _IN_DATA else ACTIVE
    if any(name in names for name in _names_of(data, refused)):
        raise InvalidInput(FIELD, "file_active")


def _inflate(stream: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(stream.lstrip(_SPACE), most + 1)
    except zlib.error:
        raise InvalidInput(FIELD, "file_unreadable") from None
    if len(inflated) > most:
        raise InvalidInput(FIELD, "file_inflated")
    if not inflater.eof:
        raise InvalidInput(FIELD, "file_unreadable")
    return inflated
