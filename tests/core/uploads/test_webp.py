"""Of a WebP, every picture stays in its place and time, and nothing else does."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageSequence

from bastide.core.uploads._webp import read_size
from bastide.core.uploads.kinds import WEBP
from support.content import anew, code_of
from support.files import MARKER
from support.pictures import (
    DISPLAY_P3,
    SRGB_CURVE,
    looks,
    moving,
    rgb_profile,
    squares,
    webp_chunks,
    webp_of,
    webp_with,
)
from support.rows import rows

P3 = rgb_profile(DISPLAY_P3, SRGB_CURVE, MARKER)


def webp(mode: str = "RGB", size: tuple[int, int] = (8, 6), **options: Any) -> bytes:
    out = BytesIO()
    Image.new(mode, size, (200, 30, 60, 90)[: len(mode)]).save(out, "WEBP", **options)
    return out.getvalue()


def animated(count: int = 3, mode: str = "RGBA", **options: Any) -> bytes:
    return moving("WEBP", squares(count, mode), **{"lossless": True, "minimize_size": True, **options})


def frames(data: bytes) -> list[bytes]:
    """Return where, how long and how each frame is shown."""
    return [body[:16] for kind, body in webp_chunks(data) if kind == b"ANMF"]


def apart(one: bytes, other: bytes) -> int:
    """Return by how much any part of any pixel of any frame differs."""
    with Image.open(BytesIO(one)) as before, Image.open(BytesIO(other)) as after:
        return max(
            max(ImageChops.difference(left.convert("RGBA"), right.convert("RGBA")).tobytes())
            for left, right in zip(ImageSequence.Iterator(before), ImageSequence.Iterator(after), strict=True)
        )


@rows("options", [{}, {"loop": 0}, {"duration": [5, 70_000, 0]}, {"mode": "RGB"}, {"count": 9}])
def test_an_animation_moves_as_it_did(options: dict[str, Any]) -> None:
    sent = animated(**options)
    made = anew(sent, WEBP)
    assert looks(made) == looks(sent)
    assert frames(made) == frames(sent)
    with Image.open(BytesIO(sent)) as before, Image.open(BytesIO(made)) as after:
        assert (after.info["loop"], after.is_animated) == (before.info["loop"], True)  # type: ignore[attr-defined]


def test_lossy_frames_stay_lossy_and_look_as_they_did() -> None:
    gradient = Image.linear_gradient("L").resize((64, 64))
    pictures = [
        Image.merge("RGBA", [gradient.rotate(turn + 90 * part) for part in range(4)]) for turn in (0, 90)
    ]
    sent = moving("WEBP", pictures, lossless=False, quality=90)
    made = anew(sent, WEBP)
    assert frames(made) == frames(sent)
    assert b"VP8L" not in made
    assert apart(sent, made) < 24


@rows(
    ("mode", "options", "kind"),
    [("RGB", {}, b"VP8 "), ("RGBA", {}, b"ALPH"), ("RGB", {"lossless": True}, b"VP8L"), ("RGBA", {"lossless": True}, b"VP8L")],
)  # fmt: skip
def test_a_picture_stays_as_it_was_coded(mode: str, options: dict[str, Any], kind: bytes) -> None:
    sent = webp(mode, **options)
    made = anew(sent, WEBP)
    assert kind in made
    assert apart(sent, made) <= (0 if options else 8)


@pytest.mark.asvs("V14.2.8")
@rows("options", [{}, {"lossless": True}, {"mode": "RGBA"}])
def test_what_is_written_beside_the_pixels_is_gone(options: dict[str, Any]) -> None:
    exif = Image.Exif()
    exif[0x010E] = MARKER.decode()
    noted = webp(exif=exif, xmp=MARKER, icc_profile=P3, **options) + MARKER
    chunks = [*webp_chunks(webp(xmp=b"x", **options)), (b"note", MARKER), (b"ANIM", MARKER)][:-1]
    for sent in (noted, webp_of(chunks)):
        assert MARKER in sent
        made = anew(sent, WEBP)
        assert MARKER not in made
        assert made.count(b"EXIF") == made.count(b"XMP ") == made.count(b"ICCP") == 0
        with Image.open(BytesIO(made)) as picture:
            assert not {"exif", "xmp", "icc_profile"} & picture.info.keys()


@pytest.mark.asvs("V14.2.8")
def test_what_is_written_beside_the_frames_is_gone() -> None:
    sent = animated(exif=b"Exif\0\0" + MARKER, xmp=MARKER, icc_profile=P3)
    sent = webp_with(sent, b"ANIM", lambda body: MARKER[:4] + body[4:])
    sent = webp_with(sent, b"ANMF", lambda body: body + b"note\x14\0\0\0" + MARKER.ljust(20, b"\0"))
    made = anew(sent + MARKER, WEBP)
    assert MARKER[:4] not in made
    assert {kind for kind, _ in webp_chunks(made)} == {b"VP8X", b"ANIM", b"ANMF"}
    assert [body[:16] for kind, body in webp_chunks(made) if kind == b"ANMF"] == frames(sent)


def test_colours_and_orientation_are_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(
        BytesIO(anew(webp(size=(8, 2), exif=exif, icc_profile=P3, lossless=True), WEBP))
    ) as picture:
        assert picture.size == (2, 8)
        pixel = picture.convert("RGB").getpixel((0, 0))
    assert pixel != (200, 30, 60)
    plain = [Image.new("RGB", (8, 8), (200, 30, shade)) for shade in (60, 90)]
    made = anew(moving("WEBP", plain, lossless=True, icc_profile=P3), WEBP)
    assert [look[:3] == bytes((200, 30, 60)) for look, _ in looks(made)] == [False, False]
    assert looks(made)[0][0][:3] == bytes(pixel)  # type: ignore[arg-type]


def edited(at: int, value: bytes) -> bytes:
    return webp_with(animated(), b"ANMF", lambda body: body[:at] + value + body[at + len(value) :])


@pytest.mark.asvs("V5.2.6")
@rows(
    "sent",
    [
        webp()[:-2], webp()[:20], animated()[:-2], edited(0, b"\x0c"), edited(3, b"\x0c"), edited(6, b"\x01"),
        edited(9, b"\x01"), edited(16, b"none"), edited(24, b"\0"), webp_with(webp(), b"VP8 ", lambda body: bytes(len(body))),
        webp_of([(b"VP8X", bytes(10))]), webp_of([]), webp_of([(b"ALPH", bytes(9))]),
        webp_with(animated(), b"VP8X", lambda body: body[:4] + bytes(6)),
        webp_of([chunk for chunk in webp_chunks(animated()) if chunk[0] != b"ANMF"]),
        webp_of([(b"VP8L", b"\x2f")]), webp_of([(b"VP8 ", b"")]),
        webp_of([*webp_chunks(webp()), *webp_chunks(webp())]),
    ],
)  # fmt: skip
def test_pictures_that_do_not_hold_together_are_refused(sent: bytes) -> None:
    assert code_of(sent, WEBP) == "file_broken"


def test_every_frame_counts_whole() -> None:
    assert read_size(animated(4))[:2] == (4 * 24 * 24, 4)
    assert read_size(webp(size=(100, 50))) == (5_000, 1, 100_000)
    assert read_size(webp("RGBA", size=(100, 50))) == (5_000, 1, 125_000)
