"""Of a PNG, every picture stays in its place and time, and nothing else does."""

import zlib
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image

from bastide.core.uploads._png import read_size
from bastide.core.uploads.kinds import PNG
from support.content import anew, code_of
from support.files import MARKER, png
from support.pictures import (
    DISPLAY_P3,
    SRGB_CURVE,
    looks,
    moving,
    png_chunks,
    png_of,
    png_with,
    rgb_profile,
    squares,
)
from support.rows import rows


def apng(count: int = 3, mode: str = "RGBA", **options: Any) -> bytes:
    return moving("PNG", squares(count, mode), **options)


def noted() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = MARKER.decode()
    return exif.tobytes()[6:]


def decoded(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data)) as picture:
        picture.load()
        return picture


@rows(
    ("mode", "options"),
    [
        *(("RGBA", {"disposal": [way] * 3, "blend": [blend] * 3}) for way in range(3) for blend in range(2)),
        ("RGBA", {"disposal": [1, 0, 2], "blend": [0, 1, 1]}), ("RGBA", {"default_image": True}),
        ("RGBA", {"duration": [0, 70_000, 5]}), ("RGB", {}), ("L", {}), ("LA", {}), ("P", {}), ("1", {}),
    ],
)  # fmt: skip
def test_an_animation_moves_as_it_did(mode: str, options: dict[str, Any]) -> None:
    sent = apng(mode=mode, **options)
    made = anew(sent, PNG)
    assert looks(made) == looks(sent)
    with Image.open(BytesIO(sent)) as before, Image.open(BytesIO(made)) as after:
        assert after.is_animated  # type: ignore[attr-defined]
        for key in ("loop", "default_image"):
            assert after.info.get(key) == before.info.get(key)


def test_frames_of_a_palette_share_no_table_and_keep_what_is_clear() -> None:
    frames = []
    for number in range(3):
        frame = Image.new("P", (8, 8), 0)
        frame.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])
        frame.paste(number + 1, (number, 0, number + 2, 8))
        frame.info["transparency"] = 0
        frames.append(frame)
    sent = moving("PNG", frames, transparency=0)
    assert (b"PLTE" in sent, looks(anew(sent, PNG))) == (True, looks(sent))


def test_frames_are_seen_in_the_colours_of_their_profile() -> None:
    profile = rgb_profile(DISPLAY_P3, SRGB_CURVE)
    frames = [Image.new("RGB", (8, 8), (200, shade, 60)) for shade in (30, 60)]
    made = anew(moving("PNG", frames, icc_profile=profile), PNG)
    still = [
        decoded(anew(moving("PNG", [frame], icc_profile=profile), PNG)).getpixel((0, 0)) for frame in frames
    ]
    with Image.open(BytesIO(made)) as picture:
        for number, colour in enumerate(still):
            picture.seek(number)
            assert picture.convert("RGB").getpixel((0, 0)) == colour
    assert still[0] != (200, 30, 60)


@rows(
    ("mode", "colour"),
    [
        ("1", 255), ("L", 77), ("LA", (77, 40)), ("RGB", (1, 2, 3)), ("RGBA", (9, 8, 7, 100)), ("I;16", 40_001),
    ],
)  # fmt: skip
def test_the_pixels_stay(mode: str, colour: Any) -> None:
    out = BytesIO()
    Image.new(mode, (3, 2), colour).save(out, "PNG")
    made = decoded(anew(out.getvalue(), PNG))
    assert (made.mode, made.getpixel((1, 1))) == (mode, colour)


@rows(
    ("mode", "clear", "options"),
    [
        ("L", 7, {}),
        ("RGB", (1, 2, 3), {}),
        ("I;16", 40_001, {}),
        ("P", 3, {}),
        ("P", bytes((255, 128, 0)), {}),
    ],
)
def test_what_is_clear_stays_clear(mode: str, clear: Any, options: dict[str, Any]) -> None:
    picture = Image.new(mode, (8, 1), (9, 9, 9) if mode == "RGB" else 2)
    if mode == "P":
        picture.putpalette([number * 8 for number in range(30)])
        picture.putdata([0, 1, 2, 3, 0, 1, 2, 3])
    else:
        picture.putpixel((0, 0), clear)
    out = BytesIO()
    picture.save(out, "PNG", transparency=clear, **options)
    assert looks(anew(out.getvalue(), PNG)) == looks(out.getvalue())


@pytest.mark.asvs("V14.2.8")
def test_what_is_written_beside_the_pixels_is_gone() -> None:
    true = png_chunks(png((8, 8)))
    note = MARKER + b"\0"
    carriers = {
        b"tEXt": note + MARKER, b"zTXt": note + b"\0" + zlib.compress(MARKER), b"iTXt": note + bytes(4) + MARKER,
        b"eXIf": noted(), b"iCCP": note + b"\0" + zlib.compress(MARKER), b"sPLT": note + MARKER,
        b"tIME": MARKER, b"pHYs": MARKER, b"bKGD": MARKER, b"hIST": MARKER, b"sBIT": MARKER, b"gAMA": MARKER,
        b"cHRM": MARKER.ljust(32, b"x"), b"sRGB": MARKER, b"cICP": MARKER[:4], b"prVt": MARKER, b"IDOT": MARKER,
    }  # fmt: skip
    for kind, body in carriers.items():
        made = anew(png_of([true[0], (kind, body), *true[1:]]), PNG)
        assert [name for name, _ in png_chunks(made)] == [b"IHDR", b"IDAT", b"IEND"], kind
    assert MARKER not in anew(png() + MARKER, PNG)
    moved = png_chunks(apng())
    made = anew(png_of([moved[0], *carriers.items(), *moved[1:]]) + MARKER, PNG)
    assert MARKER[:4] not in made
    assert {name for name, _ in png_chunks(made)} == {b"IHDR", b"acTL", b"fcTL", b"IDAT", b"fdAT", b"IEND"}


def test_a_table_holds_what_is_seen_and_no_more() -> None:
    picture = Image.new("P", (8, 1), 1)
    picture.putpalette((bytes(6) + MARKER * 40)[:768])
    picture.putpixel((0, 0), 0)
    out = BytesIO()
    picture.save(out, "PNG")
    assert MARKER in out.getvalue()
    made = anew(out.getvalue(), PNG)
    assert MARKER[3:6] not in made
    assert dict(png_chunks(made))[b"PLTE"] == bytes(3)
    assert decoded(made).convert("RGB").tobytes() == picture.convert("RGB").tobytes()


def test_numbers_that_say_what_colours_mean_stay() -> None:
    true = png_chunks(png())
    numbers = [(b"gAMA", (100_000).to_bytes(4, "big")), (b"cICP", bytes((9, 16, 0, 1))), (b"sRGB", b"\0")]
    made = anew(png_of([true[0], *numbers, *true[1:]]), PNG)
    assert sorted(set(png_chunks(made)) & set(numbers)) == sorted(numbers)


def test_the_noted_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decoded(anew(png((8, 2), exif=exif), PNG)).size == (2, 8)


@rows(
    "note", [(b"eXIf", b"no notes at all"), (b"iCCP", b"name\0\0not packed"), (b"iCCP", b""), (b"eXIf", b"")]
)
def test_notes_that_cannot_be_read_say_nothing(note: tuple[bytes, bytes]) -> None:
    true = png_chunks(png((8, 2)))
    assert anew(png_of([true[0], note, *true[1:]]), PNG) == anew(png((8, 2)), PNG)


def test_depth_that_cannot_be_kept_is_rounded() -> None:
    for kind, mode in ((2, "RGB"), (4, "RGBA"), (6, "RGBA")):
        channels = {2: 3, 4: 2, 6: 4}[kind]
        header = (1).to_bytes(4, "big") * 2 + bytes((16, kind, 0, 0, 0))
        lines = zlib.compress(b"\0" + b"\x80\x12" * channels)
        made = decoded(anew(png_of([(b"IHDR", header), (b"IDAT", lines), (b"IEND", b"")]), PNG))
        assert made.mode == mode
        assert set(made.tobytes()) == {0x80}


def test_a_clear_colour_of_16_bits_stays_clear() -> None:
    header, clear = b"\0\0\0\x02\0\0\0\x01\x10\x02\0\0\0", b"\x12\x34" * 3
    lines = zlib.compress(b"\0" + clear + b"\x80\x01" * 3)
    profile = (b"iCCP", b"a\0\0" + zlib.compress(rgb_profile(DISPLAY_P3, SRGB_CURVE)))
    for notes in ([], [profile]):
        sent = png_of([(b"IHDR", header), *notes, (b"tRNS", clear), (b"IDAT", lines), (b"IEND", b"")])
        made = decoded(anew(sent, PNG)).convert("RGBA")
        assert list(made.getchannel("A").get_flattened_data()) == [0, 255]


def edited(kind: bytes, at: int, value: bytes) -> bytes:
    return png_with(apng(), kind, lambda body: body[:at] + value + body[at + len(value) :])


@pytest.mark.asvs("V5.2.6")
@rows(
    "sent",
    [
        edited(b"acTL", 0, b"\0\0\0\x09"), edited(b"fcTL", 4, bytes(4)), edited(b"fcTL", 8, bytes(4)),
        edited(b"fcTL", 12, b"\0\0\x10\0"), edited(b"fcTL", 16, b"\0\0\x10\0"), edited(b"fcTL", 24, b"\x03"),
        edited(b"fcTL", 25, b"\x02"), edited(b"fdAT", 4, bytes(9)), edited(b"IHDR", 8, b"\x07"),
        png_with(apng(), b"fdAT", lambda _: None), png_with(apng(), b"IDAT", lambda _: None),
        png_with(apng(), b"IHDR", lambda _: None), png_with(apng(), b"IHDR", lambda body: body + b"x"),
        png_with(apng(), b"IHDR", lambda body: (99).to_bytes(4, "big") * 2 + body[8:]), png()[:-12],
        png()[:40] + b"x" + png()[41:],
    ],
)  # fmt: skip
def test_animations_that_do_not_hold_together_are_refused(sent: bytes) -> None:
    assert code_of(sent, PNG) == "file_broken"


def test_what_only_promises_to_move_stands_still() -> None:
    for sent in (
        png_with(png_with(apng(), b"fcTL", lambda _: None), b"acTL", lambda body: bytes(4) + body[4:]),
        png_with(apng(), b"acTL", lambda _: None),
    ):
        made = anew(sent, PNG)
        assert not getattr(decoded(made), "is_animated", False)
        assert looks(made)[0][0] == looks(apng())[0][0]


def test_every_picture_counts_whole() -> None:
    assert read_size(apng(5))[:2] == (5 * 24 * 24, 5)
    assert read_size(apng(5, default_image=True))[:2] == (5 * 24 * 24, 5)
    numbers = [
        int.from_bytes(body[:4], "big")
        for kind, body in png_chunks(anew(apng(5), PNG))
        if kind in {b"fcTL", b"fdAT"}
    ]
    assert all(after == before + 1 for before, after in pairwise(numbers))
