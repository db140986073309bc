"""Images come out as pixels and nothing else."""

from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import FileKind, sniff
from bastide.core.uploads._images import is_available
from bastide.core.uploads.kinds import GIF, JPEG, PNG, WEBP
from support.content import MAX_FRAMES, anew, as_size, refusal_of
from support.files import MARKER, gif, jpeg, marked_jpeg, marked_png, png, webp
from support.pictures import moving, png_with, squares, webp_with
from support.rows import rows

KINDS_OF_IMAGES = (PNG, JPEG, GIF, WEBP)
TRUE = (
    (png(), PNG), (moving("PNG", squares(2)), PNG), (jpeg(), JPEG), (gif(frames=2), GIF), (webp(), WEBP),
    (moving("WEBP", squares(2)), WEBP),
)  # fmt: skip


@pytest.mark.asvs("V5.2.2", "V14.2.8")
@rows(
    ("data", "kind"),
    [
        (marked_png(), PNG),
        (marked_jpeg(), JPEG),
        (gif(comment=MARKER) + MARKER, GIF),
        (gif(frames=3, comment=MARKER, duration=70, loop=0) + b"PK\x03\x04" + MARKER, GIF),
        (png() + b"<script>" + MARKER, PNG),
        (moving("PNG", squares(3)) + b"PK\x03\x04" + MARKER, PNG),
        (webp() + b"<script>" + MARKER, WEBP),
        (moving("WEBP", squares(3), xmp=MARKER), WEBP),
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


def bomb(kind: bytes, at: int, *numbers: bytes) -> bytes:
    """Return an animation of a PNG that says otherwise in one kind of chunk, its checksums right."""
    value = b"".join(numbers)
    return png_with(moving("PNG", squares(3)), kind, lambda body: body[:at] + value + body[at + len(value) :])


def wide_webp(side: int) -> bytes:
    """Return an animation of small frames on a large canvas."""
    canvas = (side - 1).to_bytes(3, "little") * 2
    return webp_with(moving("WEBP", squares(3)), b"VP8X", lambda body: body[:4] + canvas)


@pytest.mark.asvs("V5.2.6")
@rows(
    ("data", "kind", "code", "seen"),
    [
        (png_with(png(), b"IHDR", lambda body: (20_000).to_bytes(4, "big") * 2 + body[8:]), PNG, "file_pixels", 20_000**2),
        (bomb(b"IHDR", 0, (600).to_bytes(4, "big"), (600).to_bytes(4, "big")), PNG, "file_broken", 0),
        (moving("PNG", [Image.new("1", (600, 600), n % 2) for n in range(3)]), PNG, "file_pixels", 3 * 600**2),
        (moving("PNG", [Image.new("1", (2, 2), n % 2) for n in range(MAX_FRAMES + 1)]), PNG, "file_frames", MAX_FRAMES + 1),
        (as_size(jpeg(), jpeg().index(b"\xff\xc0") + 5, 20_000, 20_000, size=2), JPEG, "file_pixels", 20_000**2),
        (as_size(gif(), 6, 60_000, 60_000, size=2, order="little"), GIF, "file_pixels", 60_000**2),
        (gif((500, 500), frames=5), GIF, "file_pixels", 5 * 500**2),
        (gif(frames=MAX_FRAMES + 1), GIF, "file_frames", MAX_FRAMES + 1),
        (wide_webp(16_000), WEBP, "file_pixels", 3 * 16_000**2),
        (moving("WEBP", squares(MAX_FRAMES + 1)), WEBP, "file_frames", MAX_FRAMES + 1),
        (webp((720, 720)), WEBP, "file_memory", 720**2 * 20 // 2**20),
        (as_size(png(), 16, 0, 5), PNG, "file_broken", 0),
        (png_with(png(), b"IHDR", lambda body: bytes(4) + body[4:]), PNG, "file_broken", 0),
        (as_size(gif(), 6, 1, 1, size=2, order="little"), GIF, "file_broken", 0),
        (png()[:20], PNG, "file_broken", 0),
        (png()[:-30], PNG, "file_broken", 0),
        (png()[:8] + b"\x00" * 40, PNG, "file_broken", 0),
        (gif()[:30], GIF, "file_broken", 0),
        (gif()[:13] + b"\x00" * 40, GIF, "file_broken", 0),
        *((true, kind, "file_broken", 0) for true, own in TRUE for kind in KINDS_OF_IMAGES if own is not kind),
    ],
)  # fmt: skip
def test_size_is_read_before_anything_is_decoded_and_broken_pictures_are_refused(
    data: bytes, kind: FileKind, code: str, seen: int
) -> None:
    error = refusal_of(data, kind)
    assert (error.code, error.limits.get("seen", 0)) == (code, seen)
    most = {"file_pixels": 1_000_000, "file_memory": 9, "file_frames": MAX_FRAMES}
    assert error.limits.get("max") == most.get(code)


@given(st.sampled_from(TRUE), st.data())
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
