"""A profile is applied and dropped; a palette holds what is seen and no more."""

from io import BytesIO
from itertools import product
from typing import Any

import pytest
from PIL import Image

from bastide.core.uploads._colours import arrange, to_srgb
from bastide.core.uploads.kinds import JPEG, PNG
from support.content import anew
from support.files import MARKER
from support.pictures import (
    ADOBE_CURVE,
    ADOBE_RGB,
    DISPLAY_P3,
    SRGB,
    SRGB_CURVE,
    cmyk_profile,
    difference,
    grey_profile,
    rgb_profile,
    to_lab,
)
from support.rows import rows

# Hardly anybody sees 2.3; 8 bits alone make for half of it in dark shades.
NOT_SEEN = 1.5
SHADES = [*product((40, 90, 128, 180, 220), repeat=3)]
P3, ADOBE = rgb_profile(DISPLAY_P3, SRGB_CURVE, MARKER), rgb_profile(ADOBE_RGB, ADOBE_CURVE, MARKER)


def patches(colours: Any, mode: str = "RGB") -> Image.Image:
    picture = Image.new(mode, (len(colours), 1))
    picture.putdata(colours)
    return picture


def lab(rgb: Any) -> tuple[float, float, float]:
    return to_lab(rgb, SRGB, SRGB_CURVE)


def is_in_srgb(rgb: Any) -> bool:
    """Tell whether the outcome is not at the edge, where colours that sRGB does not have end."""
    return all(0 < part < 255 for part in rgb)


@rows(
    ("primaries", "curve", "mode"),
    [
        (*space, mode)
        for space in ((DISPLAY_P3, SRGB_CURVE), (ADOBE_RGB, ADOBE_CURVE))
        for mode in ("RGB", "RGBA", "P")
    ],
)
def test_colours_look_as_their_profile_means_them(primaries: Any, curve: Any, mode: str) -> None:
    sent = patches(SHADES)
    if mode == "RGBA":
        sent.putalpha(77)
    if mode == "P":
        sent = sent.quantize(256)
    shown = to_srgb(sent, rgb_profile(primaries, curve))
    assert shown.mode == mode
    if mode == "RGBA":
        assert set(shown.getchannel("A").tobytes()) == {77}
    made = list(shown.convert("RGB").get_flattened_data())
    before = (
        SHADES if mode != "P" else list(patches(SHADES).quantize(256).convert("RGB").get_flattened_data())
    )
    apart = [
        difference(to_lab(one, primaries, curve), lab(other))
        for one, other in zip(before, made, strict=True)
        if is_in_srgb(other)
    ]
    assert len(apart) > 70
    assert max(apart) < NOT_SEEN
    # Without the profile they are seen to be other colours.
    assert max(difference(to_lab(one, primaries, curve), lab(one)) for one in SHADES) > 10


def test_white_is_white_whatever_the_paper_is() -> None:
    profile = rgb_profile(DISPLAY_P3, SRGB_CURVE, white=(0.7, 0.75, 0.5))
    assert to_srgb(patches([(255, 255, 255)]), profile).getpixel((0, 0)) == (255, 255, 255)


def test_shades_of_grey_look_as_their_profile_means_them() -> None:
    ramp = bytes(range(30, 256))
    for mode in ("L", "LA", "I;16"):
        sent = Image.frombytes("L", (len(ramp), 1), ramp)
        if mode == "LA":
            sent = Image.merge("LA", (sent, Image.new("L", sent.size, 77)))
        if mode == "I;16":
            sent = sent.convert("I;16").point(lambda value: value * 257)
        shown = to_srgb(sent, grey_profile(1.8))
        assert shown.mode == {"I;16": "L"}.get(mode, mode)
        made = shown.getchannel(0).tobytes()
        apart = [
            difference(to_lab([one] * 3, SRGB, (1.8, 1.0, 0.0, 0.0, 0.0)), lab([other] * 3))
            for one, other in zip(ramp, made, strict=True)
        ]
        assert max(apart) < NOT_SEEN, mode
        assert mode != "LA" or set(shown.getchannel(1).tobytes()) == {77}


def test_inks_look_as_their_profile_means_them() -> None:
    inks = [*product((0, 1), repeat=4)]
    printed = {
        one: lab([round(220 * (1 - part) * (1 - one[3] * 0.9)) + 20 for part in one[:3]]) for one in inks
    }
    shown = to_srgb(
        patches([tuple(255 * part for part in one) for one in inks], "CMYK"),
        cmyk_profile(lambda one: printed[tuple(one)]),
    )
    assert shown.mode == "RGB"
    apart = [
        difference(printed[one], lab(made))
        for one, made in zip(inks, shown.get_flattened_data(), strict=True)
        if is_in_srgb(made)
    ]
    assert len(apart) > 8
    assert max(apart) < 3


@rows(
    ("mode", "profile"),
    [
        ("RGB", b""), ("RGB", b"x" * 500), ("RGB", P3[:200]), ("RGB", P3[:128] + bytes(400)), ("RGB", grey_profile(2.2)),
        ("RGB", rgb_profile(SRGB, SRGB_CURVE)), ("L", P3), ("LA", P3), ("CMYK", P3), ("1", P3), ("P", grey_profile(2.2)),
        ("I;16", P3), ("RGB", P3.replace(b"mntr", b"nmcl")), ("RGB", P3.replace(b"mntrRGB ", b"linkRGB ")),
    ],
)  # fmt: skip
def test_a_profile_that_fits_nothing_or_changes_nothing_counts_as_none(mode: str, profile: bytes) -> None:
    sent = (
        patches(SHADES).quantize(256)
        if mode == "P"
        else patches(SHADES).convert("RGBA" if mode == "LA" else "RGB").convert(mode)
    )
    shown = to_srgb(sent.copy(), profile)
    assert (shown.mode, shown.tobytes()) == (sent.mode, sent.tobytes())


@pytest.mark.asvs("V14.2.8")
@rows(("kind", "name"), [(JPEG, "JPEG"), (PNG, "PNG")])
def test_no_profile_is_kept(kind: Any, name: str) -> None:
    for profile in (P3, rgb_profile(SRGB, SRGB_CURVE, MARKER), MARKER * 9):
        out = BytesIO()
        patches([(200, 30, 30)] * 64).save(out, name, icc_profile=profile)
        made = anew(out.getvalue(), kind)
        assert MARKER not in made
        with Image.open(BytesIO(made)) as picture:
            assert "icc_profile" not in picture.info


def test_a_colour_that_stands_for_clear_does_so_in_other_colours_too() -> None:
    for mode, clear, profile, grown in (
        ("RGB", (200, 30, 30), P3, "RGBA"), ("L", 77, grey_profile(1.8), "LA")
    ):  # fmt: skip
        sent = Image.new(mode, (2, 1), 9)
        sent.putpixel((0, 0), clear)
        sent.info["transparency"] = clear
        shown = to_srgb(sent, profile)
        assert shown.mode == grown
        assert list(shown.getchannel("A").get_flattened_data()) == [0, 255]


def test_a_palette_holds_what_is_seen_and_no_more() -> None:
    picture = Image.frombytes("L", (6, 1), bytes((5, 2, 5, 9, 200, 7)))
    colours = [(number, 0, 0, 255) for number in range(10)]
    colours[9], colours[7] = (5, 0, 0, 255), (60, 115, 99, 0)
    moved, kept = arrange(picture, colours)
    assert kept == [(0, 0, 0, 0), (0, 0, 0, 255), (2, 0, 0, 255), (5, 0, 0, 255)]
    assert list(moved.get_flattened_data()) == [3, 2, 3, 3, 1, 0]
