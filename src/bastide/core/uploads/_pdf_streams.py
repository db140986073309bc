"""What a document unpacks to, told before anything parses it.

A parser unpacks the streams that hold objects in order to read them, without a limit. So the file is cut at
``endstream``, as no parser does it, and every stream in sight is unpacked here, under the caps; how it is
packed must be said beside it. Nothing is searched for but lengths and packings.
"""

import binascii
import re
import string
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from bastide.core.foundation import InvalidInput
from bastide.core.uploads._ascii85 import decode_ascii85
from bastide.core.uploads._effort import TimeLimit
from bastide.core.uploads.kinds import FIELD
from bastide.core.uploads.settings import MIB

# Each costs the parser up to 150 bytes of memory.
MAX_OBJECTS: Final = 1_000_000
MAX_PLACES_BYTES: Final = 1024 * 1024
_WORDS: Final = (string.ascii_letters + string.digits + "+-._").encode() + bytes(range(0x80, 0x100))
_OBJECT: Final = re.compile(
    rb"[0-9]++\s++[0-9]++\s++R|/[^\s/\[\](){}<>%]*+|[(\[<]|[-+.0-9]++|true|false|null"
)
# Fewer marks than this are counted for objects, which are fewer still.
_FEW: Final = 10_000
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM: Final = b"stream"
_LINE_END: Final = re.compile(rb"[ \t]*[\r\n]+")
_NEAR: Final = 1024
_MAX_STARTS: Final = 4
_SPACE: Final = b"\x00\t\n\x0c\r "
# A packing that is named in another object is out of sight.
_FILTER: Final = re.compile(rb"/Filter(?![A-Za-z0-9])\s*(/[A-Za-z0-9.]+|\[(?:\s*/[A-Za-z0-9.]+)*\s*\])?")
_NAME: Final = re.compile(rb"/([A-Za-z0-9.]+)")
_ASCII85: Final = frozenset({b"ASCII85Decode", b"A85"})
_HEX: Final = frozenset({b"ASCIIHexDecode", b"AHx"})
_LETTERS: Final = _ASCII85 | _HEX
_FLATE: Final = frozenset({b"FlateDecode", b"Fl"})
_RUNS: Final = frozenset({b"RunLengthDecode", b"RL"})
# Two bytes become 128 at most.
_RUN_RATIO: Final = 64
_OPAQUE: Final = frozenset({b"Crypt", b"LZWDecode", b"LZW"})
_KNOWN: Final = _LETTERS | _FLATE | _RUNS | _OPAQUE
# What the dictionaries of streams of objects (7.5.7) and of cross-references (7.5.8) cannot do without.
_HAS_OBJECTS: Final = re.compile(rb"/First(?![A-Za-z0-9])")
_HAS_WIDTHS: Final = re.compile(rb"/W(?![A-Za-z0-9])")
_HAS_SIZE: Final = re.compile(rb"/Size(?![A-Za-z0-9])")


class _Part(NamedTuple):
    """Syntax, and the streams that begin in it: usually one."""

    syntax: bytes
    streams: tuple[bytes, ...]


def verify_streams(data: bytes, limit: TimeLimit, *, max_inflated_bytes: int) -> None:
    """Accept a document that can be parsed within bounds.

    Args:
        data: the file.
        limit: asked at every stream.
        max_inflated_bytes: what all its streams may grow to together.

    Raises:
        InvalidInput: ``file_unreadable``, ``file_broken``, ``file_entries``, ``file_inflated`` or
            ``file_slow``.

    Threat: bombs (V5.2.3).
    """
    left, objects = max_inflated_bytes, MAX_OBJECTS
    for part in _cut(data):
        limit.verify()
        objects -= _count_objects(part.syntax)
        syntax = part.syntax
        if b"#" in syntax:
            syntax = _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), syntax)
        is_parsed = _HAS_OBJECTS.search(syntax) is not None
        is_list = _HAS_WIDTHS.search(syntax) is not None and _HAS_SIZE.search(syntax) is not None
        packings = {*_packings(syntax)} if part.streams else set()
        if len(packings) > _MAX_STARTS:
            raise InvalidInput(FIELD, "file_unreadable")
        for packing in sorted(packings):
            for stream in part.streams:
                inflated = _unpack(stream, packing, left, is_alone=len(part.streams) == 1)
                left -= len(inflated)
                if left < 0:
                    raise InvalidInput(FIELD, "file_inflated", max=f"{max_inflated_bytes / MIB:.3g}")
                if is_parsed:
                    objects -= _count_objects(inflated)
                if is_list and len(inflated) > MAX_PLACES_BYTES:
                    raise InvalidInput(FIELD, "file_entries")
        if objects < 0:
            raise InvalidInput(FIELD, "file_entries")


def _count_objects(data: bytes) -> int:
    """Return how many objects a parser may find at most: names, numbers, texts, lists, references."""
    marks = len(data.translate(None, _WORDS))
    return marks if marks < _FEW else sum(1 for _ in islice(_OBJECT.finditer(data), MAX_OBJECTS + 1))


def _cut(data: bytes) -> Iterator[_Part]:
    """Give each stretch up to an ``endstream``; what looks like several streams begins as many."""
    position = 0
    while True:
        end = data.find(b"endstream", position)
        stretch = data[position : end if end >= 0 else len(data)]
        starts = [*islice(_starts(stretch), _MAX_STARTS + 1)]
        if len(starts) > _MAX_STARTS or (starts and end < 0):
            raise InvalidInput(FIELD, "file_unreadable")
        syntax = stretch[: starts[-1]] if starts else stretch
        yield _Part(syntax, tuple(stretch[start:] for start in starts))
        if end < 0:
            return
        position = end + len(b"endstream")


def _starts(stretch: bytes) -> Iterator[int]:
    """Give where streams begin, as the standard has it and as forgiving readers take it."""
    at = stretch.find(_STREAM)
    while at >= 0:
        end = at + len(_STREAM)
        before = stretch[max(0, at - _NEAR) : at].rstrip(_SPACE + b"\v")
        line_end = _LINE_END.match(stretch, end)
        if line_end is not None or not before or before.endswith(b">>"):
            yield end if line_end is None else line_end.end()
        at = stretch.find(_STREAM, end)


def _packings(syntax: bytes) -> Iterator[tuple[bytes, ...]]:
    """Give each list of packings that the syntax names; signatures have what is called so, too."""
    for match in _FILTER.finditer(syntax):
        if match[1] is None:
            raise InvalidInput(FIELD, "file_unreadable")
        names = _NAME.findall(match[1])
        if not _OPAQUE.isdisjoint(names):
            raise InvalidInput(FIELD, "file_unreadable")
        if not _KNOWN.isdisjoint(names):
            yield tuple(names)


def _unpack(stream: bytes, packing: tuple[bytes, ...], most: int, *, is_alone: bool) -> bytes:
    """Return what the stream is before a picture's own coding, or a byte more than the most.

    Of runs it is as many bytes as they may become.

    Raises:
        InvalidInput: ``file_unreadable``: packed twice; ``file_broken``.
    """
    letters, packing = packing[: packing[0] in _LETTERS], packing[packing[0] in _LETTERS :]
    if not _KNOWN.isdisjoint(packing[1:]) or not _LETTERS.isdisjoint(packing):
        raise InvalidInput(FIELD, "file_unreadable")
    if letters:
        stream = _from_letters(stream, letters[0])
    if not _RUNS.isdisjoint(packing):
        stream = stream * _RUN_RATIO if len(stream) * _RUN_RATIO <= most else bytes(most + 1)
    if not _FLATE.isdisjoint(packing):
        stream = _inflate(stream, most, is_alone=is_alone)
    return stream


def _from_letters(stream: bytes, packing: bytes) -> bytes:
    try:
        if packing in _HEX:
            digits = b"".join(stream.partition(b">")[0].split())
            return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
        return decode_ascii85(stream.partition(b"~")[0].translate(None, _SPACE))
    except ValueError:
        raise InvalidInput(FIELD, "file_broken") from None


def _inflate(stream: bytes, most: int, *, is_alone: bool) -> bytes:
    stream = stream.lstrip(_SPACE)
    if not _is_zlib(stream):
        if stream and is_alone:
            raise InvalidInput(FIELD, "file_broken")
        # What looked like a stream's beginning stood in one; nothing inflates it.
        return b""
    try:
        # Without the checksum behind it, which readers do not ask for either.
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(stream[2:], most + 1)
    except zlib.error:
        raise InvalidInput(FIELD, "file_broken") from None


def _is_zlib(stream: bytes) -> bool:
    """Tell whether the bytes begin as every inflater wants it (RFC 1950, 2.2)."""
    return stream[:1] != b"" and stream[0] & 0x0F == 8 and int.from_bytes(stream[:2], "big") % 31 == 0  # noqa: PLR2004
