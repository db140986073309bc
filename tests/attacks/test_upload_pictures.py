"""Attacks through pictures of every kind, with ``webp`` declared: bombs, passengers, files that are two things."""

import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from PIL import Image

from bastide.testing import FrozenClock
from conftest import make_blog
from support.desk import Desk
from support.files import MARKER, TYPES, archive, as_jpeg, gif, jpeg, marked_jpeg, marked_png, png, webp
from support.pictures import (
    DISPLAY_P3,
    FOUR_COLOURS,
    SRGB_CURVE,
    gif_frame,
    gif_of,
    looks,
    moving,
    png_chunks,
    png_of,
    png_with,
    rgb_profile,
    squares,
    webp_chunks,
    webp_of,
    webp_with,
)
from support.rows import rows

P3 = rgb_profile(DISPLAY_P3, SRGB_CURVE, MARKER)
SCRIPT = b"<script>alert(1)</script>"


@pytest.fixture
def desk(framework: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Desk]:
    kinds = {"kinds": ("png", "jpg", "gif", "webp")}
    url = f"sqlite:///{tmp_path / 'blog.sqlite3'}"
    blog = make_blog(url, tmp_path, clock, framework=framework, settings={"uploads": kinds})
    yield Desk(blog)
    blog.close()


MOVING = {
    "a.gif": moving("GIF", squares(6, "P"), disposal=2),
    "a.png": moving("PNG", squares(6), disposal=[0, 1, 2] * 2, blend=[0, 1] * 3),
    "a.webp": moving("WEBP", squares(6), lossless=True),
}


@rows("name", MOVING)
def test_what_moves_is_served_as_it_moved(desk: Desk, name: str) -> None:
    assert desk.send(name, MOVING[name]).status_code == 303
    answer = desk.author.get(desk.only())
    assert looks(answer.data) == looks(MOVING[name])
    assert answer.mimetype == TYPES[name[2:]]
    assert answer.headers["Content-Disposition"] == f'inline; filename="{name}"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    desk.clear()


def noted_frames() -> bytes:
    """Return an animation of a PNG with words in every chunk that may hold some."""
    start, *others = png_chunks(moving("PNG", squares(3), icc_profile=P3))
    words = [(b"tEXt", b"a\0" + MARKER), (b"zTXt", b"a\0\0" + zlib.compress(MARKER)), (b"prVt", MARKER)]
    return png_of([start, *words, *others]) + MARKER


def two_at_once() -> bytes:
    """Return a GIF that a page might run as a script, if it were told to."""
    frame = gif_frame(1)
    return b"GIF89a\x2f\x2a\x0a\x00\xf0\0\0" + bytes(6) + frame + b"!\xfe\x11*/=1;alert(1)//xx\0" + b";"


PASSENGERS: dict[str, tuple[str, bytes]] = {
    "notes of a camera": ("a.jpg", marked_jpeg()),
    "notes in a PNG": ("a.png", marked_png()),
    "a second picture": ("a.jpg", jpeg((32, 32)) + jpeg((8, 8), comment=MARKER)),
    "notes around frames": ("a.png", noted_frames()),
    "notes in a WebP": ("a.webp", webp(xmp=MARKER, exif=b"Exif\0\0" + MARKER, icc_profile=P3)),
    "notes around frames of a WebP": ("a.webp", moving("WEBP", squares(3), xmp=MARKER, icc_profile=P3)),
    "a chunk of its own": ("a.webp", webp_of([*webp_chunks(webp(xmp=b"x")), (b"note", MARKER + SCRIPT)])),
    "a table of colours": (
        "a.gif",
        gif_of(gif_frame(0), table=(FOUR_COLOURS + MARKER + SCRIPT).ljust(192, b"\0")),
    ),
    "a comment": ("a.gif", gif(comment=MARKER + SCRIPT)),
    "an archive behind a GIF": ("a.gif", gif() + archive()),
    "an archive behind a WebP": ("a.webp", webp() + archive()),
    "a page behind a PNG": ("a.png", png() + b"<!doctype html>" + SCRIPT),
    "a script that is a picture": ("a.gif", two_at_once()),
}


@pytest.mark.asvs("V14.2.8", "V5.2.2")
@rows("name", PASSENGERS)
def test_nothing_travels_with_a_picture(desk: Desk, name: str) -> None:
    file, body = PASSENGERS[name]
    assert desk.send(file, body).status_code == 303
    served = desk.author.get(desk.only()).data
    assert [path.read_bytes() for path in desk.stored()] == [served]
    for carried in (MARKER, SCRIPT, b"PK\x03\x04", b"alert(1)", b"ICC", b"Exif", b"EXIF", b"XMP"):
        assert carried not in served
    desk.clear()


def wide(side: int) -> bytes:
    canvas = (side - 1).to_bytes(3, "little") * 2
    return webp_with(moving("WEBP", squares(3)), b"VP8X", lambda body: body[:4] + canvas)


def high(count: int) -> bytes:
    """Return an animation of a PNG whose frames are of one colour, so that many fit into few bytes."""
    return moving("PNG", [Image.new("1", (3_000, 3_000), number % 2) for number in range(count)])


BOMBS: dict[str, tuple[str, bytes, str]] = {
    "a PNG": ("a.png", png_with(png(), b"IHDR", lambda body: 2 * b"\0\0\x75\x30" + body[8:]), "pixels"),
    "frames of a PNG": ("a.png", high(3), "27000000 pixels"),
    "a canvas of a PNG": (
        "a.png", png_with(moving("PNG", squares(3)), b"IHDR", lambda body: 2 * b"\0\0\x75\x30" + body[8:]), "not complete",
    ),
    "a GIF": ("a.gif", gif_of(*[gif_frame(1)] * 90, size=(60_000, 60_000)), "pixels"),
    "frames of a GIF": ("a.gif", gif_of(*[gif_frame(1)] * 201), "201 pictures; 200"),
    "a canvas of a WebP": ("a.webp", wide(16_000), "pixels"),
    "a still WebP": ("a.webp", webp((4_000, 4_000), method=0), "305 MiB of memory; 238 MiB"),
    "frames of a WebP": ("a.webp", webp_of([*webp_chunks(moving("WEBP", squares(3))), *webp_chunks(moving("WEBP", squares(3)))[-1:] * 200]), "203 pictures"),
    "a JPEG": ("a.jpg", as_jpeg(60_000, 60_000), "3600000000 pixels"),
    "a sound": ("a.webp", b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), "image/webp"),
    "a drawing": ("a.webp", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/webp"),
    "a coded picture of another size": ("a.webp", webp_with(moving("WEBP", squares(3)), b"ANMF", lambda body: body[:6] + b"\xff" + body[7:]), "not complete"),
}  # fmt: skip


@pytest.mark.asvs("V5.2.2", "V5.2.6")
@rows("name", BOMBS)
def test_bombs_are_refused_by_name_before_they_are_decoded(desk: Desk, name: str) -> None:
    file, body, words = BOMBS[name]
    answer = desk.send(file, body)
    assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    assert words in unescape(answer.text)
    assert (desk.stored(), desk.blog.rows("SELECT * FROM bastide_upload")) == ([], [])


def test_a_kind_that_is_not_declared_is_not_taken(framework: str, tmp_path: Path, clock: FrozenClock) -> None:
    blog = make_blog(f"sqlite:///{tmp_path / 'blog.sqlite3'}", tmp_path, clock, framework=framework)
    desk = Desk(blog)
    assert desk.send("a.webp", webp()).status_code == 400
    assert desk.send("a.png", webp(), "image/png").status_code == 400
    assert desk.stored() == []
    blog.close()
