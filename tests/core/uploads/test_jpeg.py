"""A JPEG that is too large comes out smaller, within the memory of the largest whole one."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops
from PIL.JpegImagePlugin import get_sampling

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import _jpeg
from bastide.core.uploads._colours import to_srgb
from bastide.core.uploads._images import encode_anew
from bastide.core.uploads._jpeg import MAX_SCANS, read_size
from bastide.core.uploads.kinds import JPEG
from support.content import anew, as_size, code_of
from support.files import MARKER, jpeg, redrawn_jpeg
from support.pictures import DISPLAY_P3, SRGB_CURVE, rgb_profile
from support.rows import rows


def opened(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data)) as picture:
        picture.load()
        return picture


def reduced(data: bytes, max_pixels: int) -> Image.Image:
    return opened(encode_anew(data, JPEG, max_pixels=max_pixels, max_frames=1))


def gradients(size: tuple[int, int] = (256, 192)) -> Image.Image:
    return Image.merge(
        "RGB", [Image.linear_gradient("L").rotate(90 * turn).resize(size) for turn in range(3)]
    )


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_colour_comes_out_as_browsers_read_it(mode: str) -> None:
    assert opened(anew(jpeg(mode=mode), JPEG)).mode in {"L", "RGB"}


@rows(
    ("max_pixels", "size"),
    [
        (1_600 * 1_200, (1_600, 1_200)),
        (1_600 * 1_200 - 1, (800, 600)),
        (800 * 600 - 1, (400, 300)),
        (400 * 300, (400, 300)),
    ],
)
def test_what_is_too_large_is_decoded_at_the_largest_scale_that_fits(
    max_pixels: int, size: tuple[int, int]
) -> None:
    sent = jpeg((1_600, 1_200))
    assert reduced(sent, max_pixels).size == size
    with pytest.raises(InvalidInput) as caught:
        encode_anew(sent, JPEG, max_pixels=400 * 300 - 1, max_frames=1)
    assert (caught.value.code, caught.value.limits) == ("file_pixels", {"max": 119_999, "seen": 1_920_000})


def test_a_smaller_picture_looks_as_the_large_one_does_from_farther_away() -> None:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    gradients().save(out, "JPEG", quality=95, exif=exif)
    made = reduced(out.getvalue(), 128 * 96)
    assert made.size == (96, 128)
    wanted = gradients().rotate(-90, expand=True).resize((96, 128), Image.Resampling.BOX)
    assert max(ImageChops.difference(made, wanted).tobytes()) < 16


@rows(
    ("options", "bytes_each"),
    [
        ({}, 4), ({"progressive": True}, 4 + 3), ({"progressive": True, "subsampling": 0}, 4 + 6),
        ({"progressive": True, "mode": "L"}, 4 + 2), ({"progressive": True, "mode": "CMYK"}, 1 + 8),
    ],
)  # fmt: skip
def test_what_waits_for_the_last_scan_counts_as_memory(options: dict[str, Any], bytes_each: int) -> None:
    size = read_size(jpeg((400, 300), **options), 120_000)
    assert size.memory == 120_000 * bytes_each


def test_a_picture_that_waits_whole_is_refused_where_it_does_not_fit_at_any_scale() -> None:
    assert reduced(jpeg((400, 300), progressive=True, subsampling=2), 50_000).size == (200, 150)
    with pytest.raises(InvalidInput, match="file_pixels"):
        reduced(jpeg((400, 300), progressive=True, subsampling=0), 50_000)


@pytest.mark.asvs("V5.2.6")
def test_a_picture_is_drawn_as_often_as_encoders_do_and_no_more() -> None:
    assert redrawn_jpeg(MAX_SCANS).count(b"\xff\xda") == MAX_SCANS
    assert opened(anew(redrawn_jpeg(MAX_SCANS), JPEG)).size == (64, 48)
    assert code_of(redrawn_jpeg(MAX_SCANS + 1), JPEG) == "file_broken"


@pytest.mark.asvs("V14.2.8")
def test_what_stands_in_other_segments_is_gone_and_so_is_a_second_picture() -> None:
    true = jpeg((16, 16))
    for marker in (*range(0xE1, 0xF0), 0xFE):
        if marker != 0xEE:
            body = MARKER.ljust(40, b"\0")
            sent = true[:2] + bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body + true[2:]
            assert MARKER not in anew(sent, JPEG), hex(marker)
    out = BytesIO()
    second = gradients((32, 32))
    gradients((64, 64)).save(out, "MPO", save_all=True, append_images=[second])
    made = anew(out.getvalue(), JPEG)
    assert (out.getvalue().count(b"\xff\xd8\xff"), made.count(b"\xff\xd8\xff")) == (2, 1)
    assert (opened(made).size, b"MPF" in made) == ((64, 64), False)


def test_colours_are_those_that_the_profile_means() -> None:
    colour, profile = (180, 90, 60), rgb_profile(DISPLAY_P3, SRGB_CURVE)
    meant = to_srgb(Image.new("RGB", (16, 16), colour), profile)
    made = opened(anew(jpeg((16, 16), colour=colour, icc_profile=profile), JPEG))
    assert max(ImageChops.difference(meant, made).tobytes()) <= 2
    assert max(ImageChops.difference(meant, Image.new("RGB", (16, 16), colour)).tobytes()) > 9


def test_how_finely_colours_are_sampled_stays() -> None:
    for sampling in (0, 1, 2):
        assert get_sampling(opened(anew(jpeg((64, 64), subsampling=sampling), JPEG))) == sampling


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_notes_that_cannot_be_read_say_nothing() -> None:
    body = b"Exif\0\0" + b"II*\0" + b"\xff" * 20
    sent = jpeg((8, 2))
    sent = sent[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + sent[2:]
    assert opened(anew(sent, JPEG)).size == (8, 2)


def test_a_header_that_only_the_decoder_believes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = jpeg((1_001, 1_000))
    at = sent.index(b"\xff\xc0") + 5
    other = as_size(sent, at, 1, 1, size=2)
    read = _jpeg._read  # noqa: SLF001 -- as if it had found another header
    monkeypatch.setattr(_jpeg, "_read", lambda _: read(other))
    assert code_of(sent, JPEG) == "file_broken"


@pytest.mark.asvs("V5.2.6")
@rows(
    "sent",
    [
        jpeg()[:4], b"\xff\xd8\xff", b"\xff\xd8\xff\xff\xd0\x00\x00", b"\xff\xd8\xff\xda" + bytes(50), jpeg()[:-30],
        as_size(jpeg(), jpeg().index(b"\xff\xc0") + 5, 0, 5, size=2), jpeg().replace(b"\xff\xc0", b"\xff\xc4"),
        jpeg()[:2] + jpeg()[jpeg().index(b"\xff\xc0") :][:19] + jpeg()[2:], b"\xff\xd8" + b"\0" * 9,
        jpeg().replace(b"\x03\x01\x22\0", b"\x03\x01\0\0"),
    ],
)  # fmt: skip
def test_headers_that_do_not_hold_together_are_refused(sent: bytes) -> None:
    assert code_of(sent, JPEG) == "file_broken"
