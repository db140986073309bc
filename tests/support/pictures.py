"""Pictures that move, and profiles of their colours, as programs write them."""

import struct
import zlib
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from PIL import Image, ImageSequence

D50 = (0.9642, 1.0, 0.8249)
# Red, green and blue as XYZ under D50, and what light a number stands for.
DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
ADOBE_CURVE = (563 / 256, 1.0, 0.0, 0.0, 0.0)
LAB_WHITE = D50

Triple = tuple[float, float, float]


def light(curve: Sequence[float], value: float) -> float:
    """Return how much light a number from 0 to 1 stands for."""
    gamma, scale, offset, slope, start = curve
    return float((scale * value + offset) ** gamma) if value >= start else slope * value


def to_lab(rgb: Sequence[int], primaries: Sequence[Triple], curve: Sequence[float]) -> Triple:
    """Return the colour as people see it (CIE 1976 L*a*b*, D50)."""
    lights = [light(curve, part / 255) for part in rgb]
    parts = [
        sum(amount * primary[axis] for amount, primary in zip(lights, primaries, strict=True)) / D50[axis]
        for axis in range(3)
    ]
    x, y, z = (part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116 for part in parts)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: Triple, other: Triple) -> float:
    """Return how far two colours lie apart: 1 is hardly seen (CIE 1976)."""
    return float(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5)


def rgb_profile(
    primaries: Sequence[Triple], curve: Sequence[float], note: bytes = b"", *, white: Triple = D50
) -> bytes:
    tags = [(b"wtpt", _xyz(white))]
    tags += [
        (name, _xyz(primary)) for name, primary in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
    ]
    tags += [(name, _curve(curve)) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return profile(b"RGB ", b"XYZ ", [*tags, (b"cprt", b"text" + bytes(4) + note + b"\0")])


def grey_profile(gamma: float) -> bytes:
    return profile(b"GRAY", b"XYZ ", [(b"wtpt", _xyz(D50)), (b"kTRC", _curve((gamma, 1.0, 0.0, 0.0, 0.0)))])


def cmyk_profile(lab_of: Callable[[Sequence[int]], Triple]) -> bytes:
    """Return the profile of a press that prints these colours where each ink is full or absent."""
    nodes = [[number >> shift & 1 for shift in (3, 2, 1, 0)] for number in range(16)]
    labs = [lab_of(inks) for inks in nodes]
    cells = bytes(
        part for lab in labs for part in (round(lab[0] * 2.55), round(lab[1]) + 128, round(lab[2]) + 128)
    )
    identity = struct.pack(">9i", *(65536 * (place in {0, 4, 8}) for place in range(9)))
    table = (
        b"mft1"
        + bytes(4)
        + bytes((4, 3, 2, 0))
        + identity
        + bytes(range(256)) * 4
        + cells
        + bytes(range(256)) * 3
    )
    return profile(b"CMYK", b"Lab ", [(b"wtpt", _xyz(D50)), (b"A2B0", table)])


def profile(space: bytes, connection: bytes, tags: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return an ICC profile (ICC.1:2010, 7)."""
    start = 132 + 12 * len(tags)
    directory, body = struct.pack(">I", len(tags)), b""
    for name, value in tags:
        directory += name + struct.pack(">II", start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    head = struct.pack(
        ">I4sI4s4s4s12s4s4sI4s4s8sI", start + len(body), b"", 0x04200000, kind, space, connection, b"", b"acsp",
        b"", 0, b"", b"", b"", 1,
    )  # fmt: skip
    return (head + _xyz(D50)[8:]).ljust(128, b"\0") + directory + body


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _curve(values: Sequence[float]) -> bytes:
    return b"para" + bytes(4) + struct.pack(">HH5i", 3, 0, *(round(value * 65536) for value in values))


def squares(count: int, mode: str = "RGBA") -> list[Image.Image]:
    """Return squares, some of them half clear, that move over a clear ground."""
    frames = []
    for number in range(count):
        frame = Image.new("RGBA", (24, 24))
        at = number * 4 % 16
        colour = tuple(255 * (part == number % 3) for part in range(3))
        frame.paste((*colour, 255), (at, at, at + 8, at + 8))
        if mode == "RGBA":
            frame.paste((*colour, 128), (16 - at, at, 24 - at, at + 8))
        frames.append(frame if mode == "RGBA" else frame.convert("RGB").convert(mode))
    return frames


def moving(kind: str, frames: Sequence[Image.Image], **options: Any) -> bytes:
    out = BytesIO()
    times = [70 + 10 * number for number in range(len(frames))]
    options = {"duration": times, "loop": 3, **options}
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], **options)
    return out.getvalue()


def looks(data: bytes) -> list[tuple[bytes, int]]:
    """Return what is seen of every frame, and how long; what is clear has no colour."""
    seen = []
    with Image.open(BytesIO(data)) as picture:
        for frame in ImageSequence.Iterator(picture):
            frame.load()
            seen.append((frame.convert("RGBA").convert("RGBa").tobytes(), frame.info.get("duration", 0)))
    return seen


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, position = [], 8
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        chunks.append((data[position + 4 : position + 8], data[position + 8 : position + 8 + length]))
        position += 12 + length
    return chunks


def png_of(chunks: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return the PNG of these chunks, their checksums right."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
        for kind, body in chunks
    )


def png_with(data: bytes, kind: bytes, change: Callable[[bytes], bytes | None]) -> bytes:
    """Return the PNG with other bodies of such chunks, or without them."""
    changed = [(name, change(body) if name == kind else body) for name, body in png_chunks(data)]
    return png_of([(name, body) for name, body in changed if body is not None])


def webp_chunks(data: bytes, position: int = 12) -> list[tuple[bytes, bytes]]:
    chunks = []
    while position < len(data):
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        chunks.append((data[position : position + 4], data[position + 8 : position + 8 + length]))
        position += 8 + length + length % 2
    return chunks


def webp_of(chunks: Sequence[tuple[bytes, bytes]]) -> bytes:
    body = b"WEBP" + b"".join(
        kind + len(part).to_bytes(4, "little") + part + bytes(len(part) % 2) for kind, part in chunks
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def webp_with(data: bytes, kind: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return webp_of([(name, change(body) if name == kind else body) for name, body in webp_chunks(data)])


FOUR_COLOURS = bytes((0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255))


def gif_frame(
    index: int, place: tuple[int, int, int, int] = (0, 0, 10, 10), *, control: bytes = b"", table: bytes = b""
) -> bytes:
    """Return an image block whose pixels are all of one index, with the control block and table that are given."""
    out = BytesIO()
    Image.new("L", place[2:], index).save(out, "GIF", optimize=False)
    alone = out.getvalue()
    codes = alone[alone.index(b"," + bytes(4)) + 10 : -1]
    block = b"!\xf9\x04" + control + b"\0" if control else b""
    flags = 0x80 | (len(table) // 3 - 1).bit_length() - 1 if table else 0
    return block + struct.pack("<c4HB", b",", *place, flags) + table + codes


def gif_of(
    *blocks: bytes, size: tuple[int, int] = (10, 10), table: bytes = FOUR_COLOURS, background: int = 0
) -> bytes:
    flags = 0x80 | (len(table) // 3 - 1).bit_length() - 1 if table else 0
    return b"GIF89a" + struct.pack("<2H3B", *size, flags, background, 0) + table + b"".join(blocks) + b";"
