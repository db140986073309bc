"""GIF taken apart: each frame is decoded and encoded by itself, and put where it was (GIF89a).

Frames are never drawn over one another here, so that places, timing and disposal stay what they were.
"""

from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from bastide.core.uploads._colours import BLACK, CLEAR, Colour, arrange
from bastide.core.uploads._picture import PIXEL_BYTES, Size, little

if TYPE_CHECKING:
    from PIL.Image import Image

_EXTENSION, _IMAGE, _END = 0x21, 0x2C, 0x3B
_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPS: Final = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0"})
_LOOP: Final = b"!\xff\x0bNETSCAPE2.0\x03\x01"
_HAS_TABLE, _IS_INTERLACED, _IS_TRANSPARENT = 0x80, 0x40, 0x01
# What browsers make of the ways that have no name; some encoders wrote 4 for 3.
_DISPOSALS: Final = (0, 1, 2, 3, 3, 0, 0, 0)
_NO_CONTROL: Final = bytes(4)
_INDEXES: Final = bytes(number for number in range(256) for _ in range(3))


class _Frame(NamedTuple):
    """One image block and the control block before it.

    Attributes:
        place: left, top, width, height.
        table: its colours, three bytes each.
        is_interlaced: in which order its lines come.
        codes: the size of its codes and its blocks, as they stand in the file.
        control: flags, delay and transparent index.
    """

    place: tuple[int, ...]
    table: bytes
    is_interlaced: bool
    codes: bytes
    control: bytes


class _Screen(NamedTuple):
    size: tuple[int, int]
    background: bytes
    loop: bytes
    frames: tuple[_Frame, ...]


def read_size(data: bytes) -> Size:
    """Return the screen's size for every frame inside it; one beside it ends the walk.

    Raises:
        IndexError: the file is cut short, or a block is none.
    """
    screen = _read(data)
    pixels, frames = screen.size[0] * screen.size[1], len(screen.frames)
    return Size(pixels * frames, frames, pixels * PIXEL_BYTES)


def write_anew(data: bytes) -> bytes:
    """Return the same frames in the same places, for as long, and no other block."""
    screen = _read(data)
    start = [b"GIF89a", *map(_short, screen.size)]
    start += [bytes((_HAS_TABLE, 0, 0)), screen.background, bytes(3)] if screen.background else [bytes(3)]
    start += [_LOOP, screen.loop, b"\0"] if screen.loop else []
    return b"".join((*start, *map(_write_frame, screen.frames), bytes((_END,))))


def _read(data: bytes) -> _Screen:
    """Walk the blocks (GIF89a, 18 to 26)."""
    size = little(data[6:8]), little(data[8:10])
    position = 13 + _length_of_table(data[10])
    shared = data[13:position]
    frames: list[_Frame] = []
    loop, control = b"", _NO_CONTROL
    while (block := data[position]) != _END:
        if block == _EXTENSION:
            label, body = data[position + 1], position + 2
            position = _end_of_blocks(data, body)
            if label == _CONTROL:
                control = data[body + 1 : body + 5].ljust(4, b"\0")
            elif label == _APPLICATION and data[body + 1 : body + 12] in _LOOPS:
                loop = data[body + 14 : body + 16]
        elif block == _IMAGE:
            frame = _read_frame(data, position, shared, control)
            left, top, width, height = frame.place
            if not width or not height or left + width > size[0] or top + height > size[1]:
                raise IndexError(position)
            frames.append(frame)
            position += 10 + _length_of_table(data[position + 9]) + len(frame.codes)
            control = _NO_CONTROL
        else:
            raise IndexError(position)
    return _Screen(size, shared[3 * data[11] :][:3], loop, tuple(frames))


def _read_frame(data: bytes, position: int, shared: bytes, control: bytes) -> _Frame:
    place = tuple(little(data[at : at + 2]) for at in range(position + 1, position + 9, 2))
    flags = data[position + 9]
    start = position + 10 + _length_of_table(flags)
    own = data[position + 10 : start]
    codes = data[start : _end_of_blocks(data, start + 1)]
    return _Frame(place, own or shared, bool(flags & _IS_INTERLACED), codes, control)


def _write_frame(frame: _Frame) -> bytes:
    flags, delay, clear = frame.control[0], frame.control[1:3], frame.control[3]
    colours: list[Colour] = [(*frame.table[at : at + 3], 255) for at in range(0, len(frame.table), 3)]
    has_clear = bool(flags & _IS_TRANSPARENT)
    if has_clear:
        colours += [BLACK] * (clear + 1 - len(colours))
        colours[clear] = CLEAR
    # Some viewers clear a frame with its clear colour, whether or not it shows it.
    picture, kept = arrange(_decode(frame), colours, keeps_clear=has_clear)
    bits = max(1, (len(kept) - 1).bit_length())
    flags = _DISPOSALS[flags >> 2 & 0x07] << 2 | (not kept[0][3])
    table = bytes(part for colour in kept for part in colour[:3]).ljust(3 << bits, b"\0")
    place = b"".join(map(_short, frame.place))
    head = (b"!\xf9\x04", bytes((flags,)), delay, b"\0\0,", place, bytes((_HAS_TABLE | bits - 1,)), table)
    return b"".join((*head, _encode(picture)))


def _decode(frame: _Frame) -> "Image":
    """Return the frame's indexes as the pixels of a grey picture."""
    # Only who takes images waits for the import.
    from PIL.GifImagePlugin import GifImageFile  # noqa: PLC0415

    flags = _IS_INTERLACED if frame.is_interlaced else 0
    size = b"".join(map(_short, frame.place[2:]))
    alone = (b"GIF89a", size, b"\xf7\0\0", _INDEXES, b",\0\0\0\0", size, bytes((flags,)), frame.codes, b";")
    with GifImageFile(BytesIO(b"".join(alone))) as image:
        image.load()
        return image


def _encode(picture: "Image") -> bytes:
    out = BytesIO()
    picture.save(out, "GIF", optimize=False, interlace=0)
    (alone,) = _read(out.getvalue()).frames
    return alone.codes


def _length_of_table(flags: int) -> int:
    return 3 << ((flags & 0x07) + 1) if flags & _HAS_TABLE else 0


def _end_of_blocks(data: bytes, position: int) -> int:
    while data[position]:
        position += 1 + data[position]
    return position + 1


def _short(number: int) -> bytes:
    return number.to_bytes(2, "little")
