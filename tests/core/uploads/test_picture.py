"""A picture is looked at upright, whatever way the camera was held."""

import pytest
from PIL import Image

from bastide.core.uploads._picture import as_shown, big, little
from support.pictures import DISPLAY_P3, SRGB_CURVE, rgb_profile


def corners(picture: Image.Image) -> list[str]:
    return [
        "rgbw"[[(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)].index(pixel)]
        for pixel in picture.get_flattened_data()
    ]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("orientation", "shown"),
    [(0, "rgbw"), (1, "rgbw"), (2, "grwb"), (3, "wbgr"), (4, "bwrg"), (5, "rbgw"), (6, "brwg"), (7, "wgbr"), (8, "gwrb"), (9, "rgbw")],
)  # fmt: skip
def test_a_noted_orientation_is_applied(orientation: int, shown: str) -> None:
    picture = Image.new("RGB", (2, 2))
    picture.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)])
    picture.getexif()[0x0112] = orientation
    picture.info |= {"comment": b"words", "transparency": (1, 2, 3)}
    made = as_shown(picture, b"")
    assert ("".join(corners(made)), made.info) == (shown, {"transparency": (1, 2, 3)})


def test_what_became_another_picture_gives_its_memory_back() -> None:
    picture = Image.new("RGB", (2, 1), (200, 30, 60))
    picture.getexif()[0x0112] = 6
    made = as_shown(picture, rgb_profile(DISPLAY_P3, SRGB_CURVE))
    assert (made.size, made.info) == ((1, 2), {})
    assert made.getpixel((0, 0)) != (200, 30, 60)
    with pytest.raises(ValueError, match="closed image"):
        picture.getpixel((0, 0))


def test_numbers_are_read_from_either_end() -> None:
    assert (big(b"\1\2"), little(b"\1\2")) == (258, 513)
