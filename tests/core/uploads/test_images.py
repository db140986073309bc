"""Only true files of a declared kind pass, and images come out as pixels and nothing else."""

import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import KINDS, FileKind, sniff
from bastide.core.uploads._images import MAX_SCANS, encode_anew, is_available, read_size
from bastide.core.uploads._pdf import ACTIVE, verify_pdf
from bastide.core.uploads._text import verify_text
from bastide.core.uploads.kinds import GIF, JPEG, PDF, PNG, parse_kind
from support.files import (
    MARKER,
    TRUE,
    TYPES,
    archive,
    gif,
    jpeg,
    marked_jpeg,
    marked_png,
    pdf,
    png,
    redrawn_jpeg,
    stream,
    update,
)

ALL = frozenset(KINDS)
MAX_PIXELS, MAX_FRAMES, MAX_INFLATED = 1_000_000, 20, 1_000_000


def anew(data: bytes, kind: FileKind) -> bytes:
    return encode_anew(data, kind, max_pixels=MAX_PIXELS, max_frames=MAX_FRAMES)


def check(data: bytes, kind: FileKind) -> None:
    if kind is PDF:
        verify_pdf(data, max_inflated_bytes=MAX_INFLATED)
    elif kind.is_image:
        anew(data, kind)
    else:
        verify_text(data)


def code_of(data: bytes, kind: FileKind = PDF) -> str:
    with pytest.raises(InvalidInput) as caught:
        check(data, kind)
    assert caught.value.field == "file"
    return caught.value.code


@pytest.mark.asvs("V5.2.2")
@pytest.mark.parametrize(("extension", "declared"), list(product(TYPES, sorted(set(TYPES.values())))))
def test_extension_and_declared_type_agree_or_nothing_is_read(extension: str, declared: str) -> None:
    if TYPES[extension] == declared:
        assert parse_kind(f"a.{extension}", f"{declared.upper()}; charset=x", ALL).media_type == declared
    else:
        with pytest.raises(InvalidInput, match="file_type"):
            parse_kind(f"a.{extension}", declared, ALL)


@pytest.mark.asvs("V5.2.2", "V5.2.3", "V5.2.5")
@pytest.mark.parametrize(
    "name", ["a.zip", "a.svg", "a.html", "a.png.exe", "png", "a.", "a.docx", "a.tar", "a.jar"]
)
def test_what_is_not_declared_is_refused_archives_included(name: str) -> None:
    with pytest.raises(InvalidInput, match="file_extension") as caught:
        parse_kind(name, "image/png", ALL)
    assert caught.value.limits == {"allowed": "gif, jpeg, jpg, pdf, png, txt"}
    with pytest.raises(InvalidInput, match="file_extension"):
        parse_kind("a.png", "image/png", frozenset({"pdf"}))


@given(
    st.binary(max_size=64)
    | st.sampled_from([*TRUE.values()]).flatmap(lambda true: st.integers(0, 8).map(lambda cut: true[:cut]))
)
def test_a_mark_is_known_whole_or_not_at_all(head: bytes) -> None:
    marks = {mark: kind for kind in KINDS.values() for mark in kind.magic}
    assert sniff(head) is next((kind for mark, kind in marks.items() if head.startswith(mark)), None)


# Text


@pytest.mark.asvs("V5.2.2")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"caf\xe9", "file_encoding"),
        ("utf-16".encode("utf-16"), "file_encoding"),
        (b"a\x00b", "file_controls"),
        (b"\x1b[31m", "file_controls"),
        ("a\x85b".encode(), "file_controls"),
        (b"<!DOCTYPE html><p>", "file_markup"),
        (b"\xef\xbb\xbf \n<b>x</b>", "file_markup"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "file_markup"),
        (b"<?php system($_GET[0]);", "file_markup"),
        (b"#!/bin/sh\nrm -rf /", "file_markup"),
        (b"words first, then <SCRIPT src=//evil>", "file_markup"),
        (b"%PDF-1.7 as text", "file_markup"),
        (b"GIF89a/*", "file_markup"),
        (b"%!PS", "file_markup"),
        (rb"{\rtf1", "file_markup"),
    ],
)
def test_text_is_text_and_no_page_in_disguise(data: bytes, code: str) -> None:
    assert code_of(data, KINDS["txt"]) == code


@given(st.binary(max_size=200))
def test_of_any_bytes_only_readable_text_passes(data: bytes) -> None:
    try:
        verify_text(data)
    except InvalidInput:
        return
    text = data.decode("utf-8-sig")
    assert all(char in "\t\n\r" or ord(char) >= 0x20 for char in text)


def test_true_text_passes() -> None:
    verify_text(TRUE["txt"])
    verify_text(b"\xef\xbb\xbfwith a mark")


# PDF


@pytest.mark.asvs("V5.2.2")
@pytest.mark.parametrize("name", sorted(ACTIVE))
def test_active_content_is_refused_however_it_is_spelled(name: bytes) -> None:
    escaped = b"".join(b"#%02x" % byte for byte in name)
    for spelled in (name, escaped, name[:1] + b"#%02X" % name[1] + name[2:]):
        hidden = b"<</S /%s (x)>>" % spelled
        assert code_of(pdf(hidden)) == "file_active"
        assert code_of(pdf(b"<</Kids [<</A[/%s<<>>]>>]>>" % spelled)) == "file_active"
        assert (
            code_of(pdf(stream(b"7 0 " + hidden, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")))
            == "file_active"
        )
        assert (
            code_of(pdf(stream(b"7 0 " + hidden, b"/Type/ObjStm/N 1/First 4", is_packed=False)))
            == "file_active"
        )


@pytest.mark.asvs("V5.2.2")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_broken"),
        (b"%PDF-9.9\n%%EOF", "file_broken"),
        (TRUE["pdf"][:-20], "file_broken"),
        (pdf(tail=b"more"), "file_broken"),
        (b"junk" + TRUE["pdf"], "file_broken"),
        (pdf(b"(<script>alert(1)</script>)"), "file_markup"),
        (pdf(b"(<!DOCTYPE html>)"), "file_markup"),
        (pdf(b"(PK\x05\x06" + bytes(18) + b")"), "file_markup"),
        (pdf(stream(archive(), b"", is_packed=False), stream(os.urandom(70_000))), "file_markup"),
        (pdf(stream(b"Rar!\x1a\x07\x01\x00", b"", is_packed=False)), "file_markup"),
        (pdf(stream(b"7z\xbc\xaf\x27\x1c\x00\x04", b"", is_packed=False)), "file_markup"),
        (update(TRUE["pdf"], b"<</S /JavaScript /JS (x)>>"), "file_active"),
        (update(pdf(b"<</S /JavaScript /JS (x)>>"), b"<</A 1>>"), "file_active"),
        (update(TRUE["pdf"], b"(PK\x05\x06" + bytes(18) + b")"), "file_markup"),
        (pdf(b"<</Encrypt 7 0 R>>"), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter /LZWDecode")), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter [/ASCIIHexDecode /FlateDecode]")), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter [/FlateDecode /FlateDecode]")), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter 7 0 R")), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter [7 0 R]")), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter [" + b" " * 300 + b"7 0 R]")), "file_unreadable"),
        (pdf(stream(b"x", b"/F#69lter 7 0 R")), "file_unreadable"),
        (pdf(stream(b"x", b"/Type 7 0 R /Filter /FlateDecode")), "file_unreadable"),
        (pdf(stream(b"x", b"/Type /ObjStm /Filter /FlateDecode /DecodeParms <</Predictor 12>>")), "file_unreadable"),
        (pdf(stream(b"not packed", is_packed=False)), "file_unreadable"),
        (pdf(stream(zlib.compress(b"x" * 99)[:-5], is_packed=False)), "file_unreadable"),
        (pdf(b"<<>>\nstream\nwithout an end"), "file_unreadable"),
        (pdf(b"<<>>\nstream\n" * 5 + b"\nendstream"), "file_unreadable"),
        (pdf(stream(bytes(MAX_INFLATED + 1))), "file_inflated"),
        (pdf(stream(bytes(MAX_INFLATED // 2 + 1)), stream(bytes(MAX_INFLATED // 2))), "file_inflated"),
        (pdf(stream(b"q /JavaScript gs Q")), "file_active"),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_refused(data: bytes, code: str) -> None:
    assert code_of(data) == code


@pytest.mark.parametrize(
    "data",
    [
        TRUE["pdf"],
        pdf(stream(bytes(MAX_INFLATED))),
        pdf(stream(b"\x00raw \xff", b"/Subtype /Image /Filter /DCTDecode", is_packed=False)),
        pdf(stream(b"q /JS gs Q")),
        pdf(stream(b"x", b"/Filter [/FlateDecode] /DecodeParms [null]")),
        pdf(b"<</A#zz (AA in words) /AAA 1>>"),
        update(TRUE["pdf"], b"<</Annots []>>"),
    ],
)
def test_documents_that_are_only_read_pass(data: bytes) -> None:
    verify_pdf(data, max_inflated_bytes=MAX_INFLATED)


@given(st.binary(max_size=300))
def test_any_bytes_between_are_judged_and_never_an_error(data: bytes) -> None:
    for made in (data, pdf(data), pdf(stream(data)), pdf(stream(data, is_packed=False))):
        with suppress(InvalidInput):
            verify_pdf(made, max_inflated_bytes=MAX_INFLATED)


# Images


@pytest.mark.asvs("V5.2.2", "V14.2.8")
@pytest.mark.parametrize(
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


def as_size(data: bytes, at: int, width: int, height: int, *, size: int = 4, order: Any = "big") -> bytes:
    sizes = width.to_bytes(size, order) + height.to_bytes(size, order)
    return data[:at] + sizes + data[at + len(sizes) :]


def jpeg_bomb() -> bytes:
    true = jpeg()
    at = true.index(b"\xff\xc0") + 5
    return as_size(true, at, 20_000, 20_000, size=2)


@pytest.mark.asvs("V5.2.6")
@pytest.mark.parametrize(
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


# Each runs alone, so that what it takes at most can be read; files are made in another process.
TAKEN = """
import sys
from PIL import GifImagePlugin, ImageOps, JpegImagePlugin, PngImagePlugin
from bastide.core.foundation import InvalidInput
from bastide.core.uploads import UploadSettings, sniff
from bastide.core.uploads._images import encode_anew
from bastide.core.uploads._pdf import verify_pdf
limits, data = UploadSettings(), open(sys.argv[1], "rb").read()
kind = sniff(data)
def most():
    # Of this program alone: what getrusage says, a child inherits from its parent.
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
before = most()
try:
    if kind.is_image:
        encode_anew(data, kind, max_pixels=limits.max_pixels, max_frames=limits.max_frames)
    else:
        verify_pdf(data, max_inflated_bytes=limits.max_inflated_bytes)
    end = ""
except InvalidInput as error:
    end = error.code
print((most() - before) // 1024, end)
"""
LARGEST = (5000, 5000)


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.asvs("V5.2.6")
@pytest.mark.parametrize(
    ("make", "most", "end"),
    [
        # The stated 10 bytes for each of the largest picture's pixels, with room for the interpreter's own.
        (lambda: png(LARGEST, "RGBA", exif=turned()), 250, ""),
        (lambda: jpeg(LARGEST, "CMYK", exif=turned()), 250, ""),
        (lambda: jpeg(LARGEST, exif=turned(), progressive=True), 250, ""),
        (lambda: gif(LARGEST), 250, ""),
        (lambda: gif((353, 353), frames=200), 250, ""),
        (lambda: as_size(png(), 16, 20_000, 20_000), 16, "file_pixels"),
        # 50 kB that unpack to 13 million names.
        (lambda: pdf(stream(b"/AB " * 13_000_000)), 120, ""),
        (lambda: pdf(stream(b"/#41 " * 10_000_000)), 120, "file_unreadable"),
        (lambda: pdf(stream(bytes(60_000_000))), 120, "file_inflated"),
    ],
    ids=["png", "jpeg", "progressive", "gif", "animation", "bomb", "names", "escapes", "flate"],
)  # fmt: skip
def test_the_largest_files_stay_within_the_stated_memory(
    make: Callable[[], bytes], most: int, end: str, tmp_path: Path
) -> None:
    (tmp_path / "sent").write_bytes(make())
    done = subprocess.run(  # noqa: S603 -- the test's own code
        [sys.executable, "-c", TAKEN, str(tmp_path / "sent")], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    taken, _, code = done.stdout.rstrip("\n").partition(" ")
    assert code == end
    assert int(taken) <= most


@pytest.mark.asvs("V5.2.2")
def test_a_document_of_nothing_but_escaped_names_is_refused() -> None:
    few, many = b"/#41 " * 10_000, b"/#41 " * 10_001
    for made in (pdf, lambda data: pdf(stream(data)), lambda data: pdf(stream(data, b"", is_packed=False))):
        verify_pdf(made(few), max_inflated_bytes=MAX_INFLATED)
        assert code_of(made(many)) == "file_unreadable"
    assert code_of(pdf(few + b"/#4a#53 ")) == "file_unreadable"
    assert code_of(pdf(few[5:] + b"/#4a#53 ")) == "file_active"
