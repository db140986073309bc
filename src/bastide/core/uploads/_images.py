"""Images made anew: decoded under caps by one plugin, encoded without anything that is not the picture.

Pixels are decoded by Pillow, an extra: without it no image is a declared kind.
"""

from importlib.util import find_spec
from typing import Final

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import _gif, _jpeg, _png, _webp
from bastide.core.uploads._picture import PIXEL_BYTES, Size
from bastide.core.uploads.kinds import FIELD, GIF, JPEG, PNG, WEBP, FileKind

_MIB: Final = 1024 * 1024
_READERS: Final = {PNG: _png.read_size, GIF: _gif.read_size, WEBP: _webp.read_size}
_WRITERS: Final = {PNG: _png.write_anew, GIF: _gif.write_anew, WEBP: _webp.write_anew}


def is_available() -> bool:
    """Tell whether Pillow is installed."""
    return find_spec("PIL") is not None


def encode_anew(data: bytes, kind: FileKind, *, max_pixels: int, max_frames: int) -> bytes:
    """Return the picture and nothing else: no metadata, no comment, no bytes behind its end.

    1. The size is read from the headers, of every frame, and refused before anything is decoded; so are more
       scans than any encoder writes.
    2. The declared kind's plugin alone decodes, one picture at a time; the orientation that a camera noted
       and the colours that a profile means are applied.
    3. The pixels are encoded; of what the file said besides, only transparency and timing are kept.

    Args:
        data: the file, which begins as ``kind``.
        kind: of an image.
        max_pixels: of all frames together.
        max_frames: of an animation.

    Raises:
        InvalidInput: ``file_pixels``, ``file_memory``, ``file_frames`` or ``file_broken``.

    Threat: bombs, decoders nobody asked for, whereabouts in metadata, polyglots (V5.2.6, V14.2.8).
    """
    size = read_size(data, kind, max_pixels)
    max_memory = max_pixels * PIXEL_BYTES
    if size.pixels > max_pixels:
        raise InvalidInput(FIELD, "file_pixels", max=max_pixels, seen=size.pixels)
    if size.memory > max_memory:
        raise InvalidInput(FIELD, "file_memory", max=max_memory // _MIB, seen=size.memory // _MIB)
    if size.frames > max_frames:
        raise InvalidInput(FIELD, "file_frames", max=max_frames, seen=size.frames)
    try:
        if kind is JPEG:
            return _jpeg.write_anew(data, max_pixels)
        return _WRITERS[kind](data)
    except Exception as error:
        raise InvalidInput(FIELD, "file_broken") from error


def read_size(data: bytes, kind: FileKind, max_pixels: int) -> Size:
    """Return what decoding would take, from the headers alone.

    Raises:
        InvalidInput: ``file_broken``: the headers are cut short, or name a picture without pixels.
    """
    try:
        size = _jpeg.read_size(data, max_pixels) if kind is JPEG else _READERS[kind](data)
    except IndexError as error:
        raise InvalidInput(FIELD, "file_broken") from error
    if not size.pixels:
        raise InvalidInput(FIELD, "file_broken")
    return size
