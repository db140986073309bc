"""Images come out as pixels and nothing else."""

from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import FileKind, sniff
from bastide.core.uploads._images import MAX_SCANS, is_available, read_size
from bastide.core.uploads.kinds import GIF, JPEG, PNG
from support.content import MAX_FRAMES, anew, as_size, code_of
from support.files import MARKER, gif, jpeg, marked_jpeg, marked_png, png, redrawn_jpeg
from support.rows import rows


@pytest.mark.asvs("V5.2.2", "V14.2.8")
@rows(
    ("data", "kind"),
    [
        (marked_png(), PNG),
        (marked_jpeg(), JPEG),
        (gif(comment=MARKER) + MARKER, GIF),
        (gif(frames=3, comment=MARKER, duration=70, loop=0) + b"PK\x03\x04" + MARKER, GIF),
        (png() + b"<script>" + MARKER, PNG),
    ],
)
def test_of_an_image_only_the_picture_is_kept(data: bytes, kind: FileKind) -> None:
    assert MARKER in data
    made = anew(data, kind)
    assert MARKER not in made
    assert sniff(made) is kind
    with Image.open(BytesIO(data)) as before, Image.open(BytesIO(made)) as after:
        assert after.size == before.size
        assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)
        assert not after.getexif()
        assert not {"comment", "Comment", "icc_profile", "exif", "xmp", "XML:com.adobe.xmp"} & set(
            after.info
        ) - ({"comment"} if after.info.get("comment") == b"" else set())


def test_the_noted_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(BytesIO(anew(jpeg((8, 2), exif=exif), JPEG))) as picture:
        assert picture.size == (2, 8)
        assert not picture.getexif()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_colour_of_a_jpeg_comes_out_as_browsers_read_it(mode: str) -> None:
    with Image.open(BytesIO(anew(jpeg(mode=mode), JPEG))) as picture:
        assert picture.mode in {"L", "RGB"}


def test_transparency_stays() -> None:
    out = BytesIO()
    picture = Image.new("P", (2, 2), 1)
    picture.putpalette([0, 0, 0, 255, 255, 255])
    picture.save(out, "PNG", transparency=1)
    with Image.open(BytesIO(anew(out.getvalue(), PNG))) as made:
        assert made.info["transparency"] == 1
    with Image.open(BytesIO(anew(png(mode="RGBA"), PNG))) as made:
        assert made.mode == "RGBA"


def moving(disposals: list[int]) -> bytes:
    """Return squares that move over a clear ground, each taken away as the number says."""
    frames = []
    for number in range(len(disposals)):
        frame = Image.new("P", (24, 24), 0)
        frame.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])
        at = number * 4
        frame.paste(number % 3 + 1, (at, at, at + 8, at + 8))
        frames.append(frame)
    out = BytesIO()
    times = [70 + 10 * number for number in range(len(frames))]
    frames[0].save(
        out, "GIF", save_all=True, append_images=frames[1:], disposal=disposals, duration=times, loop=3,
        transparency=0, optimize=False,
    )  # fmt: skip
    return out.getvalue()


def looks(data: bytes) -> list[tuple[bytes, int]]:
    with Image.open(BytesIO(data)) as picture:
        return [
            (frame.convert("RGBA").tobytes(), frame.info["duration"])
            for frame in ImageSequence.Iterator(picture)
        ]


@rows("disposals", [[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3], [2, 1, 3], [1, 2, 2, 3]])
def test_an_animation_moves_as_it_did(disposals: list[int]) -> None:
    sent = moving(disposals)
    assert looks(anew(sent, GIF)) == looks(sent)
    with Image.open(BytesIO(anew(sent, GIF))) as made:
        assert made.info["loop"] == 3


def jpeg_bomb() -> bytes:
    true = jpeg()
    at = true.index(b"\xff\xc0") + 5
    return as_size(true, at, 20_000, 20_000, size=2)


@pytest.mark.asvs("V5.2.6")
@rows(
    ("data", "kind", "code"),
    [
        (as_size(png(), 16, 20_000, 20_000), PNG, "file_pixels"),
        (jpeg_bomb(), JPEG, "file_pixels"),
        (as_size(gif(), 6, 60_000, 60_000, size=2, order="little"), GIF, "file_pixels"),
        (gif((500, 500), frames=5), GIF, "file_pixels"),
        (gif(frames=MAX_FRAMES + 1), GIF, "file_frames"),
        (as_size(png(), 16, 0, 5), PNG, "file_broken"),
        (as_size(gif(), 6, 1, 1, size=2, order="little"), GIF, "file_broken"),
        (png()[:20], PNG, "file_broken"),
        (png()[:-30], PNG, "file_broken"),
        (png()[:8] + b"\x00" * 40, PNG, "file_broken"),
        (jpeg()[:4], JPEG, "file_broken"),
        (b"\xff\xd8\xff", JPEG, "file_broken"),
        (b"\xff\xd8\xff\xff\xd0\x00\x00", JPEG, "file_broken"),
        (b"\xff\xd8\xff\xda" + bytes(50), JPEG, "file_broken"),
        (gif()[:30], GIF, "file_broken"),
        (gif()[:13] + b"\x00" * 40, GIF, "file_broken"),
        (png(), JPEG, "file_broken"),
        (gif(), PNG, "file_broken"),
        (png(), GIF, "file_broken"),
    ],
)  # fmt: skip
def test_size_is_read_before_anything_is_decoded_and_broken_pictures_are_refused(
    data: bytes, kind: FileKind, code: str
) -> None:
    assert code_of(data, kind) == code


@pytest.mark.asvs("V5.2.6")
def test_a_picture_is_drawn_as_often_as_encoders_do_and_no_more() -> None:
    assert redrawn_jpeg(MAX_SCANS).count(b"\xff\xda") == MAX_SCANS
    with Image.open(BytesIO(anew(redrawn_jpeg(MAX_SCANS), JPEG))) as kept:
        assert kept.size == (64, 48)
    assert code_of(redrawn_jpeg(MAX_SCANS + 1), JPEG) == "file_broken"


def test_a_second_header_that_only_the_decoder_believes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bastide.core.uploads._images.read_size", lambda *_: read_size(png((1, 1)), PNG))
    assert code_of(png((1001, 1000)), PNG) == "file_broken"


@given(st.sampled_from([(png(), PNG), (jpeg(), JPEG), (gif(frames=2), GIF)]), st.data())
def test_damaged_pictures_are_judged_and_never_an_error(true: tuple[bytes, FileKind], draw: Any) -> None:
    data, kind = true
    at = draw.draw(st.integers(3, len(data) - 1))
    for damaged in (
        data[:at],
        data[:at] + bytes([data[at] ^ draw.draw(st.integers(1, 255))]) + data[at + 1 :],
    ):
        with suppress(InvalidInput):
            assert sniff(anew(damaged, kind)) is kind


def test_pillow_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_available()
    monkeypatch.setattr("bastide.core.uploads._images.find_spec", lambda _: None)
    assert not is_available()
