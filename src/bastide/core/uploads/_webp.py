"""WebP taken apart, moving or not: each picture is decoded and encoded by itself, and put where it was."""

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from bastide.core.uploads._picture import Size, as_shown, little

if TYPE_CHECKING:
    from PIL.Image import Image

QUALITY: Final = 85
# What its decoder and its encoder take together, of lossy pictures without opacity and of the others.
_SIMPLE_BYTES, _PIXEL_BYTES = 20, 25
_LOSSY_START, _LOSSLESS_START = b"\x9d\x01\x2a", 0x2F
_IS_MOVING, _HAS_OPACITY = 0x02, 0x10
_FRAME_LENGTH: Final = 16


class _Picture(NamedTuple):
    """One coded picture.

    Attributes:
        place: where, how long and how it is shown; empty for a picture that stands still.
        chunks: of its pixels and, beside lossy ones, its opacity.
    """

    place: bytes
    chunks: tuple[tuple[bytes, bytes], ...]

    @property
    def is_lossy(self) -> bool:
        return self.chunks[-1][0] == b"VP8 "

    @property
    def has_opacity(self) -> bool:
        return self.chunks[0][0] == b"ALPH"

    @property
    def size(self) -> tuple[int, int]:
        kind, body = self.chunks[-1]
        if kind == b"VP8L" and body[0] == _LOSSLESS_START:
            bits = little(body[1:5])
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        if kind == b"VP8 " and body[3:6] == _LOSSY_START:
            return little(body[6:8]) & 0x3FFF, little(body[8:10]) & 0x3FFF
        raise IndexError(kind)


class _Sheet(NamedTuple):
    """The file.

    Attributes:
        size: of the whole picture.
        loop: how often an animation is shown, as written; empty for a picture that stands still.
        profile: what the colours mean.
        notes: what the camera wrote, in which the orientation stands.
        pictures: one, or the frames.
    """

    size: tuple[int, int]
    loop: bytes
    profile: bytes
    notes: bytes
    pictures: tuple[_Picture, ...]


def read_size(data: bytes) -> Size:
    """Return the size of the whole for every picture.

    Raises:
        IndexError: the file is cut short, or a frame is beside the picture or of another size than it says.
    """
    sheet = _read(data)
    pixels, pictures = sheet.size[0] * sheet.size[1], len(sheet.pictures)
    is_simple = all(picture.is_lossy and not picture.has_opacity for picture in sheet.pictures)
    return Size(pixels * pictures, pictures, pixels * (_SIMPLE_BYTES if is_simple else _PIXEL_BYTES))


def write_anew(data: bytes) -> bytes:
    """Return the same pictures in the same places, for as long, without any chunk that is not of them."""
    sheet = _read(data)
    if not sheet.loop:
        return _encode(sheet, sheet.pictures[0])
    flags = bytes((_IS_MOVING | _HAS_OPACITY, 0, 0, 0))
    parts = [
        _chunk(b"VP8X", b"".join((flags, *map(_less_one, sheet.size)))),
        _chunk(b"ANIM", bytes(4) + sheet.loop),
    ]
    for picture in sheet.pictures:
        (alone,) = _read(_encode(sheet, picture)).pictures
        parts.append(_chunk(b"ANMF", b"".join((picture.place, *(_chunk(*chunk) for chunk in alone.chunks)))))
    return _file(parts)


def _read(data: bytes) -> _Sheet:
    size = (0, 0)
    loop = b""
    notes: dict[bytes, bytes] = {}
    still: list[tuple[bytes, bytes]] = []
    frames: list[_Picture] = []
    end = 8 + little(data[4:8])
    if end > len(data):
        raise IndexError(end)
    for kind, body in _chunks(data[:end], 12):
        if kind == b"VP8X":
            size = little(body[4:7]) + 1, little(body[7:10]) + 1
        elif kind == b"ANIM":
            loop = body[4:6]
        elif kind == b"ANMF":
            frames.append(_read_frame(body, size))
        elif kind in {b"ALPH", b"VP8 ", b"VP8L"}:
            still.append((kind, body))
        else:
            notes.setdefault(kind, body)
    pictures = tuple(frames) if loop else (_Picture(b"", tuple(still)),)
    size = size if loop else pictures[0].size
    return _Sheet(size, loop, notes.get(b"ICCP", b""), notes.get(b"EXIF", b""), pictures)


def _read_frame(body: bytes, size: tuple[int, int]) -> _Picture:
    """Return the frame (RFC 9649, 2.7.1.1), which is as large as its pixels and lies within the whole."""
    chunks = tuple(chunk for chunk in _chunks(body, _FRAME_LENGTH) if chunk[0] in {b"ALPH", b"VP8 ", b"VP8L"})
    left, top, width, height = (little(body[at : at + 3]) for at in range(0, 12, 3))
    picture = _Picture(body[: _FRAME_LENGTH - 1] + bytes((body[_FRAME_LENGTH - 1] & 0x03,)), chunks)
    is_beside = 2 * left + width + 1 > size[0] or 2 * top + height + 1 > size[1]
    if is_beside or picture.size != (width + 1, height + 1):
        raise IndexError(left)
    return picture


def _encode(sheet: _Sheet, picture: _Picture) -> bytes:
    image, out = _decode(sheet, picture), BytesIO()
    image.save(out, "WEBP", lossless=not picture.is_lossy, quality=QUALITY, method=0)
    return out.getvalue()


def _decode(sheet: _Sheet, picture: _Picture) -> "Image":
    # Only who takes images waits for the import.
    from PIL.WebPImagePlugin import WebPImageFile  # noqa: PLC0415

    parts = [_chunk(*chunk) for chunk in picture.chunks]
    if len(parts) > 1:
        flags = bytes((_HAS_OPACITY, 0, 0, 0))
        parts = [_chunk(b"VP8X", b"".join((flags, *map(_less_one, picture.size)))), *parts]
    with WebPImageFile(BytesIO(_file(parts))) as image:
        if not sheet.loop:
            image.info["exif"] = sheet.notes
        # The decoder keeps pixels of its own: it goes before these are encoded.
        return as_shown(image, sheet.profile).copy()


def _chunks(data: bytes, position: int) -> Iterator[tuple[bytes, bytes]]:
    """Give every chunk from there on (RFC 9649, 2.3)."""
    while position < len(data):
        length = little(data[position + 4 : position + 8])
        if position + 8 + length > len(data):
            raise IndexError(position)
        yield data[position : position + 4], data[position + 8 : position + 8 + length]
        position += 8 + length + length % 2


def _chunk(kind: bytes, body: bytes) -> bytes:
    return b"".join((kind, len(body).to_bytes(4, "little"), body, b"\0" * (len(body) % 2)))


def _file(parts: list[bytes]) -> bytes:
    return _chunk(b"RIFF", b"".join((b"WEBP", *parts)))


def _less_one(number: int) -> bytes:
    return (number - 1).to_bytes(3, "little")
