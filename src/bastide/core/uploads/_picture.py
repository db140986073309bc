"""What every kind of picture is told by: its size, its numbers, and how it looks once it is decoded."""

from typing import TYPE_CHECKING, Final, NamedTuple

from bastide.core.uploads._colours import to_srgb

if TYPE_CHECKING:
    from PIL.Image import Image

# What a pixel may take in memory while it is decoded, made upright and encoded.
PIXEL_BYTES: Final = 10
# A table-based profile of a printer has some megabytes; what is larger is none.
MAX_PROFILE_BYTES: Final = 4 * 1024 * 1024

_ORIENTATION: Final = 0x0112


class Size(NamedTuple):
    """What decoding would take.

    Attributes:
        pixels: of all frames together.
        frames: one for a picture that stands still.
        memory: bytes, for the largest of them.
    """

    pixels: int
    frames: int
    memory: int


def big(part: bytes) -> int:
    """Return the number, its highest byte first."""
    return int.from_bytes(part, "big")


def little(part: bytes) -> int:
    """Return the number, its lowest byte first."""
    return int.from_bytes(part, "little")


def as_shown(image: "Image", profile: bytes) -> "Image":
    """Return the picture as it is looked at, upright and in sRGB; all that its file said besides is gone.

    Args:
        image: opened, not decoded yet.
        profile: what its colours mean; empty for sRGB.
    """
    # Only who takes images waits for the import.
    from PIL.Image import Transpose  # noqa: PLC0415

    image.load()
    turn = {
        2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE, 6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE, 8: Transpose.ROTATE_90,
    }.get(_orientation(image))  # fmt: skip
    shown = _instead(image, to_srgb(image, profile))
    if turn is not None:
        shown = _instead(shown, shown.transpose(turn))
    shown.info = {"transparency": shown.info["transparency"]} if "transparency" in shown.info else {}
    return shown


def _instead(former: "Image", image: "Image") -> "Image":
    """Return the picture; the one before it gives its memory back, whoever still names it."""
    if image is not former:
        former.close()
    return image


def _orientation(image: "Image") -> int:
    """Return what the camera noted (Exif 3.0, 4.6.5); notes that cannot be read say nothing."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 -- whatever is in them, the picture is none the worse
        return 1
