"""Colours as browsers show them: profiles are applied and dropped, palettes hold what is seen and no more."""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageCms import ImageCmsProfile, ImageCmsTransform

Colour = tuple[int, ...]
# So many shades of each of red, green and blue: a profile that leaves these as they are leaves all.
_SHADES: Final = range(0, 256, 15)
CLEAR: Final = (0, 0, 0, 0)
BLACK: Final = (0, 0, 0, 255)
_INDEXES: Final = 256
_LUMA: Final = (299, 587, 114)


def to_srgb(image: "Image", profile: bytes) -> "Image":
    """Return the picture in the colours that its profile means.

    A profile that is broken, or made for other pixels than these, counts as none, as in browsers.
    """
    from PIL.ImageCms import ImageCmsProfile, PyCMSError  # noqa: PLC0415 -- only who takes images waits

    if not profile:
        return image
    try:
        return _convert(image, ImageCmsProfile(BytesIO(profile)))
    except (OSError, PyCMSError):
        return image


def arrange(
    picture: "Image", colours: Sequence[Colour], *, keeps_clear: bool = False
) -> tuple["Image", list[Colour]]:
    """Return indexes and colours anew: what no pixel shows is gone, each stands once, the clear one first.

    Args:
        picture: whose pixels are indexes.
        colours: red, green, blue and opacity by index; indexes beyond them are black, as in browsers.
        keeps_clear: there is a clear one where no pixel shows it, too, if there is room.
    """
    seen = [number for number, count in enumerate(picture.histogram()) if count]
    shown = {number: colours[number] if number < len(colours) else BLACK for number in seen}
    shown = {number: colour if colour[3] else CLEAR for number, colour in shown.items()}
    besides = {CLEAR} if keeps_clear and len(seen) < _INDEXES else set()
    kept = sorted({*shown.values(), *besides}, key=_from_clear_and_dark)
    places = {colour: place for place, colour in enumerate(kept)}
    moved = picture.point([places[shown[number]] if number in shown else 0 for number in range(_INDEXES)])
    return moved, kept


def _from_clear_and_dark(colour: Colour) -> tuple[int, int, Colour]:
    return colour[3], sum(part * weight for part, weight in zip(colour, _LUMA, strict=False)), colour


def _convert(image: "Image", profile: "ImageCmsProfile") -> "Image":
    from PIL import Image  # noqa: PLC0415 -- as above

    if image.mode == "P":
        colours = Image.frombytes("RGB", (len(palette := image.getpalette() or []) // 3, 1), bytes(palette))
        image.putpalette(_transform(profile, "RGB").apply(colours).tobytes())
        return image
    if image.mode in {"L", "RGB"} and "transparency" in image.info:
        # The colour that stands for clear would be another one afterwards.
        image = image.convert({"L": "LA", "RGB": "RGBA"}[image.mode])
    if image.mode in {"RGB", "RGBA"}:
        return (
            image if _is_srgb(profile) else _transform(profile, image.mode, image.mode).apply_in_place(image)
        )
    if image.mode in {"L", "LA"}:
        ramp = Image.frombytes("L", (256, 1), bytes(range(256)))
        shades = list(_transform(profile, "L").apply(ramp).convert("L").tobytes())
        return image.point(shades if image.mode == "L" else [*shades, *range(256)])
    # Grey of 16 bits comes out with 8: Pillow has no such grey to convert to.
    shown = _transform(profile, image.mode).apply(image)
    return shown if image.mode == "CMYK" else shown.convert("L")


def _transform(profile: "ImageCmsProfile", mode: str, shown_as: str = "RGB") -> "ImageCmsTransform":
    from PIL.ImageCms import Flags, Intent, buildTransform, createProfile  # noqa: PLC0415 -- as above

    return buildTransform(
        profile, createProfile("sRGB"), mode, shown_as, Intent.RELATIVE_COLORIMETRIC,
        Flags.BLACKPOINTCOMPENSATION,
    )  # fmt: skip


def _is_srgb(profile: "ImageCmsProfile") -> bool:
    """Tell whether the profile changes nothing that eyes or bytes would show."""
    from PIL import Image, ImageChops  # noqa: PLC0415 -- as above

    cube = bytes(
        part for red in _SHADES for green in _SHADES for blue in _SHADES for part in (red, green, blue)
    )
    probe = Image.frombytes("RGB", (len(cube) // 3, 1), cube)
    changes = ImageChops.difference(probe, _transform(profile, "RGB").apply(probe))
    return max(changes.tobytes()) <= 1
