"""Images made anew: decoded under caps by one plugin, encoded without anything that is not the picture.

Pixels are decoded by Pillow, an extra: without it no image is a declared kind.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from io import BytesIO
from typing import Any, Final, NamedTuple

from bastide.core.foundation import InvalidInput
from bastide.core.uploads.kinds import FIELD, GIF, JPEG, PNG, FileKind

JPEG_QUALITY: Final = 85
# Each goes over the whole picture, however few bytes it has; encoders write some ten.
MAX_SCANS: Final = 100
_FORMATS: Final = {PNG: "PNG", JPEG: "JPEG", GIF: "GIF"}
_PNG_HEADER: Final = slice(12, 24)
_JPEG_SIZES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_SCAN: Final = 0xDA
_JPEG_SCAN_MARK: Final = b"\xff\xda"
_JPEG_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_MODES: Final = frozenset({"L", "RGB"})
_UNSAID, _STAYS, _TO_BACKGROUND = 0, 1, 2
_GIF_EXTENSION, _GIF_IMAGE, _GIF_END = 0x21, 0x2C, 0x3B


class Size(NamedTuple):
    """What decoding would take.

    Attributes:
        pixels: of all frames together.
        frames: one for a picture that stands still.
    """

    pixels: int
    frames: int


def is_available() -> bool:
    """Tell whether Pillow is installed."""
    return find_spec("PIL") is not None


def encode_anew(data: bytes, kind: FileKind, *, max_pixels: int, max_frames: int) -> bytes:
    """Return the picture and nothing else: no metadata, no comment, no bytes behind its end.

    1. The size is read from the header, of every frame, and refused before anything is decoded; so are more
       scans than any encoder writes.
    2. The declared kind's plugin alone decodes; the orientation that a camera noted is applied.
    3. The pixels are encoded; of what the file said besides, only transparency and timing are kept.

    Args:
        data: the file, which begins as ``kind``.
        kind: of an image.
        max_pixels: of all frames together.
        max_frames: of an animation.

    Raises:
        InvalidInput: ``file_pixels``, ``file_frames`` or ``file_broken``.

    Threat: bombs, decoders nobody asked for, whereabouts in metadata, polyglots (V5.2.6, V14.2.8).
    """
    size = read_size(data, kind)
    if size.pixels > max_pixels:
        raise InvalidInput(FIELD, "file_pixels", max=max_pixels)
    if size.frames > max_frames:
        raise InvalidInput(FIELD, "file_frames", max=max_frames)
    if kind is JPEG and data.count(_JPEG_SCAN_MARK) > MAX_SCANS:
        raise InvalidInput(FIELD, "file_broken")
    try:
        return _transcode(data, kind, max_pixels)
    except Exception as error:
        raise InvalidInput(FIELD, "file_broken") from error


def read_size(data: bytes, kind: FileKind) -> Size:
    """Return what decoding would take, from the headers alone.

    Raises:
        InvalidInput: ``file_broken``: the headers are cut short, or name a picture without pixels.
    """
    read = {PNG: _png_frames, JPEG: _jpeg_frames, GIF: _gif_frames}[kind]
    try:
        sizes = [width * height for width, height in read(data)]
    except IndexError:
        sizes = []
    if not sizes or not all(sizes):
        raise InvalidInput(FIELD, "file_broken")
    return Size(sum(sizes), len(sizes))


def _transcode(data: bytes, kind: FileKind, max_pixels: int) -> bytes:
    # Only who takes images waits for the import.
    from PIL import Image, ImageOps  # noqa: PLC0415

    out = BytesIO()
    name = _FORMATS[kind]
    with Image.open(BytesIO(data), formats=[name]) as image:
        if image.width * image.height > max_pixels:
            # The plugin read another header than ours, behind junk; nothing is decoded yet.
            raise InvalidInput(FIELD, "file_broken")
        if kind is GIF:
            # Each frame brings its own timing and transparency; comments are overwritten.
            image.save(out, format=name, save_all=True, comment=b"", disposal=_disposal(data))
            return out.getvalue()
        image.load()
        kept: dict[Any, Any] = (
            {} if kind is JPEG else {key: image.info[key] for key in ("transparency",) if key in image.info}
        )
        ImageOps.exif_transpose(image, in_place=True)
        image.info = kept
        if kind is JPEG:
            picture = image if image.mode in _JPEG_MODES else image.convert("RGB")
            picture.save(out, format=name, quality=JPEG_QUALITY)
        else:
            image.save(out, format=name)
    return out.getvalue()


def _disposal(data: bytes) -> int:
    """Return how frames are taken away (GIF89a, 23): all of them where one is, since Pillow mixes ways up."""
    from PIL.GifImagePlugin import GifImageFile  # noqa: PLC0415 -- as above

    ways = set()
    with GifImageFile(BytesIO(data)) as image:
        for number in range(image.n_frames):
            image.seek(number)
            ways.add(image.disposal_method)
    return _STAYS if ways <= {_UNSAID, _STAYS} else _TO_BACKGROUND


def _png_frames(data: bytes) -> Iterator[tuple[int, int]]:
    """Give the size in the header chunk (PNG 11.2.1); of an animation only the first picture is kept."""
    header = data[_PNG_HEADER]
    if header[:4] == b"IHDR":
        yield _big(header[4:8]), _big(header[8:12])


def _jpeg_frames(data: bytes) -> Iterator[tuple[int, int]]:
    """Give the size in every frame header before the first scan (ITU T.81, B.2); one is right."""
    position = 2
    while True:
        if data[position] != 0xFF:  # noqa: PLR2004 -- what every marker begins with
            return
        marker = data[position + 1]
        if marker == 0xFF:  # noqa: PLR2004 -- padding
            position += 1
        elif marker in _JPEG_ALONE:
            position += 2
        elif marker in _JPEG_SIZES:
            yield _big(data[position + 7 : position + 9]), _big(data[position + 5 : position + 7])
            position += 2 + _big(data[position + 2 : position + 4])
        elif marker == _JPEG_SCAN:
            return
        else:
            position += 2 + max(2, _big(data[position + 2 : position + 4]))


def _gif_frames(data: bytes) -> Iterator[tuple[int, int]]:
    """Give the screen's size for every frame inside it (GIF89a, 18 to 20); one beside it ends the walk.

    Raises:
        IndexError: the file is cut short, or a block is none.
    """
    screen = _little(data[6:8]), _little(data[8:10])
    position = 13 + _colour_table(data[10])
    while (block := data[position]) != _GIF_END:
        if block == _GIF_EXTENSION:
            position += 2
        elif block == _GIF_IMAGE:
            left, top, width, height = (
                _little(data[at : at + 2]) for at in range(position + 1, position + 9, 2)
            )
            if left + width > screen[0] or top + height > screen[1]:
                raise IndexError(position)
            yield screen
            position += 11 + _colour_table(data[position + 9])
        else:
            raise IndexError(position)
        while data[position]:
            position += 1 + data[position]
        position += 1


def _colour_table(flags: int) -> int:
    return 3 << ((flags & 0x07) + 1) if flags & 0x80 else 0


def _big(part: bytes) -> int:
    return int.from_bytes(part, "big")


def _little(part: bytes) -> int:
    return int.from_bytes(part, "little")
