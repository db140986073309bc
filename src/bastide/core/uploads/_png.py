"""PNG taken apart, moving or not: each picture is decoded and encoded by itself, and put where it was.

Only chunks that make the picture reach the decoder; texts are not even unpacked.
"""

import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

from bastide.core.uploads._colours import arrange
from bastide.core.uploads._picture import MAX_PROFILE_BYTES, PIXEL_BYTES, Size, as_shown, big

if TYPE_CHECKING:
    from PIL.Image import Image

_MARK: Final = b"\x89PNG\r\n\x1a\n"
_SHARED: Final = frozenset({b"PLTE", b"tRNS", b"iCCP", b"eXIf"})
# What colours are meant by, in numbers: how long each is, and how large each of its numbers may be.
_NUMBERS: Final = {b"gAMA": (4, 1_000_000), b"cHRM": (4, 100_000), b"sRGB": (1, 3), b"cICP": (1, 18)}
_NUMBERS_LENGTH: Final = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4}
_HEADER_LENGTH: Final = 13
_DEEP_COLOUR: Final = b"\x10\x02"
_CONTROL_LENGTH: Final = 22
_WAYS: Final = frozenset({(disposal, blend) for disposal in range(3) for blend in range(2)})


class _Picture(NamedTuple):
    """Packed lines, and what says where and how long they are shown: nothing, of what stands still."""

    control: bytes
    lines: bytes


class _Sheet(NamedTuple):
    """The file.

    Attributes:
        header: size and kind of the pixels.
        shared: what holds for all pictures, by chunk.
        plays: how often an animation is shown, as written; empty for a picture that stands still.
        pictures: what is shown where nothing moves, which may be the first frame, and the other frames.
    """

    header: bytes
    shared: dict[bytes, bytes]
    plays: bytes
    pictures: tuple[_Picture, ...]


def read_size(data: bytes) -> Size:
    """Return the size in the header for every picture.

    Raises:
        IndexError: the file is cut short, a checksum is wrong, or a frame is beside the picture.
    """
    sheet = _read(data)
    pixels, pictures = big(sheet.header[:4]) * big(sheet.header[4:8]), len(sheet.pictures)
    return Size(pixels * pictures, pictures, pixels * PIXEL_BYTES)


def write_anew(data: bytes) -> bytes:
    """Return the same pictures in the same places, for as long, without any chunk that is not of them."""
    sheet = _read(data)
    number = count()
    parts = [_MARK]
    for index, picture in enumerate(sheet.pictures):
        made = list(_chunks(_encode(sheet, picture)))
        if index == 0:
            parts += [_chunk(kind, body) for kind, body in made if kind not in {b"IDAT", b"IEND"}]
            if sheet.plays:
                frames = sum(bool(each.control) for each in sheet.pictures)
                parts.append(_chunk(b"acTL", frames.to_bytes(4, "big") + sheet.plays))
        if picture.control:
            parts.append(_chunk(b"fcTL", next(number).to_bytes(4, "big") + picture.control))
        lines = b"".join(body for kind, body in made if kind == b"IDAT")
        parts.append(
            _chunk(b"fdAT", next(number).to_bytes(4, "big") + lines) if index else _chunk(b"IDAT", lines)
        )
    return b"".join((*parts, _chunk(b"IEND", b"")))


def _read(data: bytes) -> _Sheet:
    chunks = list(_chunks(data))
    shared = {kind: body for kind, body in chunks if kind in _SHARED or kind in _NUMBERS}
    kinds = [kind for kind, _ in chunks]
    header = chunks[0][1] if kinds[0] == b"IHDR" else b""
    before = chunks[: kinds.index(b"IDAT")] if b"IDAT" in kinds else []
    promise = dict(before).get(b"acTL", bytes(8))
    frames = big(promise[:4])
    pictures = _pictures(chunks, header) if frames else _still(chunks)
    if len(header) != _HEADER_LENGTH or frames != sum(bool(picture.control) for picture in pictures):
        raise IndexError(frames)
    if frames and pictures[0].control not in {b"", header[:8] + bytes(8) + pictures[0].control[16:]}:
        # What is shown where nothing moves is the whole picture.
        raise IndexError(frames)
    return _Sheet(header, shared, promise[4:8] if frames else b"", pictures)


def _still(chunks: Sequence[tuple[bytes, bytes]]) -> tuple[_Picture, ...]:
    return (_Picture(b"", b"".join(body for kind, body in chunks if kind == b"IDAT")),)


def _pictures(chunks: Sequence[tuple[bytes, bytes]], header: bytes) -> tuple[_Picture, ...]:
    """Return the frames, and before them a picture that is none of them, if there is one."""
    pictures: list[tuple[bytes, list[bytes]]] = []
    for kind, body in chunks:
        if kind == b"fcTL":
            pictures.append((_control(body[4:], header), []))
        elif kind == b"IDAT":
            if not pictures:
                pictures.append((b"", []))
            pictures[0][1].append(body)
        elif kind == b"fdAT":
            pictures[-1][1].append(body[4:])
    return tuple(_Picture(control, b"".join(lines)) for control, lines in pictures)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give every chunk up to the end (PNG 5.3)."""
    position, kind = len(_MARK), b""
    while kind != b"IEND":
        end = position + 12 + big(data[position : position + 4])
        kind, body = data[position + 4 : position + 8], data[position + 8 : end - 4]
        if end > len(data) or zlib.crc32(body, zlib.crc32(kind)) != big(data[end - 4 : end]):
            raise IndexError(position)
        yield kind, body
        position = end


def _chunk(kind: bytes, body: bytes) -> bytes:
    return b"".join(
        (len(body).to_bytes(4, "big"), kind, body, zlib.crc32(body, zlib.crc32(kind)).to_bytes(4, "big"))
    )


def _control(body: bytes, header: bytes) -> bytes:
    """Return the control of a frame that lies within the picture (PNG 11.3.4)."""
    width, height, left, top = (big(body[at : at + 4]) for at in range(0, 16, 4))
    ways = tuple(body[20:22])
    beside = left + width > big(header[:4]) or top + height > big(header[4:8])
    if not width or not height or beside or ways not in _WAYS:
        raise IndexError(ways)
    return body[:_CONTROL_LENGTH]


def _encode(sheet: _Sheet, picture: _Picture) -> bytes:
    # Only who takes images waits for the import.
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415

    image, numbers, out = _decode(sheet, picture), PngInfo(), BytesIO()
    for kind in _NUMBERS.keys() & sheet.shared.keys() if b"iCCP" not in sheet.shared else ():
        if _is_number(kind, sheet.shared[kind]):
            numbers.add(kind, sheet.shared[kind])
    if sheet.plays and (image.mode == "P" or "transparency" in image.info):
        # All frames of an animation share one table of colours, and none has them all.
        is_clear = "transparency" in image.info
        image = image.convert({"L": "LA"}.get(image.mode, "RGBA") if is_clear else "RGB")
    elif image.mode == "P":
        image = _rearranged(image)
    image.save(out, "PNG", pnginfo=numbers)
    return out.getvalue()


def _decode(sheet: _Sheet, picture: _Picture) -> "Image":
    from PIL.PngImagePlugin import PngImageFile  # noqa: PLC0415 -- as above

    size = picture.control[:8] or sheet.header[:8]
    needed = [_chunk(b"IHDR", size + sheet.header[8:])]
    if b"PLTE" in sheet.shared:
        needed.append(_chunk(b"PLTE", sheet.shared[b"PLTE"]))
    if b"tRNS" in sheet.shared:
        needed.append(_chunk(b"tRNS", _clear(sheet.header, sheet.shared[b"tRNS"])))
    if b"eXIf" in sheet.shared and not sheet.plays:
        needed.append(_chunk(b"eXIf", sheet.shared[b"eXIf"]))
    alone = b"".join((_MARK, *needed, _chunk(b"IDAT", picture.lines), _chunk(b"IEND", b"")))
    with PngImageFile(BytesIO(alone)) as image:
        return as_shown(image, _profile(sheet.shared.get(b"iCCP", b"")))


def _clear(header: bytes, clear: bytes) -> bytes:
    """Return what is clear as the decoder compares it, which reads colours of 16 bits as 8, but not this."""
    if header[8:10] != _DEEP_COLOUR:
        return clear
    return b"".join(b"\0" + clear[at : at + 1] for at in range(0, 6, 2))


def _profile(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed.partition(b"\0")[2][1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return b""


def _is_number(kind: bytes, body: bytes) -> bool:
    """Tell whether these are numbers as colours have them, and no text."""
    width, most = _NUMBERS[kind]
    numbers = [big(body[at : at + width]) for at in range(0, len(body), width)]
    return len(body) == _NUMBERS_LENGTH[kind] and max(numbers) <= most


def _rearranged(image: "Image") -> "Image":
    palette, clear = image.getpalette() or [], image.info.get("transparency", b"")
    if isinstance(clear, int):
        clear = bytes(255 * (number != clear) for number in range(256))
    opacities = clear.ljust(256, b"\xff")
    colours = [(*palette[3 * at : 3 * at + 3], opacities[at]) for at in range(len(palette) // 3)]
    moved, kept = arrange(image, colours)
    moved.putpalette([part for colour in kept for part in colour[:3]])
    opacities = bytes(colour[3] for colour in kept).rstrip(b"\xff")
    moved.info = {"transparency": opacities} if opacities else {}
    return moved
