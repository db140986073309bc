"""JPEG: what is too large is decoded at a smaller scale, within the memory of the largest whole picture."""

from collections.abc import Iterator
from io import BytesIO
from typing import Final, NamedTuple

from bastide.core.uploads._picture import PIXEL_BYTES, Size, as_shown, big

QUALITY: Final = 85
# Each goes over the whole picture, however few bytes it has; encoders write some ten.
MAX_SCANS: Final = 100
SCALES: Final = (1, 2, 4)
# A pixel in colour as Pillow keeps it.
_PIXEL_BYTES: Final = 4
_COEFFICIENT_BYTES: Final = 2
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SCAN: Final = 0xDA
_SCAN_MARK: Final = b"\xff\xda"
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_MODES: Final = frozenset({"L", "RGB"})


class _Frame(NamedTuple):
    """What the frame header and the first scan say.

    Attributes:
        width: in pixels.
        height: in pixels.
        samples: of all its colours together, for one pixel.
        is_kept: coefficients wait in memory until the last scan is read.
    """

    width: int
    height: int
    samples: float
    is_kept: bool

    def pixels(self, scale: int) -> int:
        """Return how many pixels it has when so many of them, each way, become one."""
        return -(-self.width // scale) * -(-self.height // scale)

    def memory(self, scale: int) -> int:
        """Return the bytes that decoding takes."""
        kept = self.width * self.height * self.samples * _COEFFICIENT_BYTES if self.is_kept else 0
        return int(kept) + self.pixels(scale) * _PIXEL_BYTES


def read_size(data: bytes, max_pixels: int) -> Size:
    """Return what is decoded at the largest scale that fits, or the whole.

    Raises:
        IndexError: the headers are cut short, hold more than one picture, or there are too many scans.
    """
    if data.count(_SCAN_MARK) > MAX_SCANS:
        raise IndexError(MAX_SCANS)
    frame = _read(data)
    scale = _scale(frame, max_pixels)
    return Size(frame.pixels(scale), 1, frame.memory(scale))


def write_anew(data: bytes, max_pixels: int) -> bytes:
    """Return the same picture in the colours that browsers show, smaller where the whole does not fit.

    Raises:
        IndexError: as ``read_size``.
    """
    # Only who takes images waits for the import.
    from PIL.JpegImagePlugin import JpegImageFile, get_sampling  # noqa: PLC0415

    frame, out = _read(data), BytesIO()
    scale = _scale(frame, max_pixels)
    with JpegImageFile(BytesIO(data)) as image:
        if image.size != (frame.width, frame.height):
            # The plugin read another header than ours, behind junk; nothing is decoded yet.
            raise IndexError(image.size)
        if scale > 1:
            image.draft(None, (frame.width // scale, frame.height // scale))
        sampling = get_sampling(image)
        shown = as_shown(image, image.info.get("icc_profile", b""))
    picture = shown if shown.mode in _MODES else shown.convert("RGB")
    picture.save(out, "JPEG", quality=QUALITY, subsampling=sampling)
    return out.getvalue()


def _scale(frame: _Frame, max_pixels: int) -> int:
    """Return the first scale that fits into the memory of the largest whole picture; 1 where none does."""
    for scale in SCALES:
        if frame.pixels(scale) <= max_pixels and frame.memory(scale) <= max_pixels * PIXEL_BYTES:
            return scale
    return 1


def _read(data: bytes) -> _Frame:
    """Read the one frame header before the first scan (ITU T.81, B.2), and whether that has all colours."""
    segments = list(_segments(data))
    frames = [(marker, body) for marker, body in segments if marker in _FRAMES]
    if len(frames) != 1:
        raise IndexError(len(frames))
    ((marker, header),), (_, scan) = frames, segments[-1]
    across, down = [], []
    for at in range(7, 7 + 3 * header[5], 3):
        across.append(header[at] >> 4)
        down.append(header[at] & 0x0F)
    drawn = sum(one * other for one, other in zip(across, down, strict=True))
    samples = drawn / max(1, max(across, default=0) * max(down, default=0))
    return _Frame(big(header[3:5]), big(header[1:3]), samples, marker in _PROGRESSIVE or scan[0] != header[5])


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give each marker and what stands in its segment, up to the first scan."""
    position, marker = 2, 0
    while marker != _SCAN:
        if data[position] != 0xFF:  # noqa: PLR2004 -- what every marker begins with
            raise IndexError(position)
        marker = data[position + 1]
        if marker == 0xFF:  # noqa: PLR2004 -- padding
            position += 1
        elif marker in _ALONE:
            position += 2
        else:
            end = position + 2 + max(2, big(data[position + 2 : position + 4]))
            yield marker, data[position + 4 : end]
            position = end
