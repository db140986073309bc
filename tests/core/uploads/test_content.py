"""The largest files are judged within the stated memory."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from support.documents import packed_objects
from support.files import (
    gif,
    jpeg,
    pdf,
    png,
    stream,
    webp,
)
from support.pictures import png_with

# Each runs alone, so that what it takes at most can be read; files are made in another process.
TAKEN = """
import sys
from bastide.core.uploads import _pdf_graph
from PIL import GifImagePlugin, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from bastide.core.foundation import InvalidInput
from bastide.core.uploads import UploadSettings, sniff
from bastide.core.uploads._images import encode_anew
from bastide.core.uploads._pdf import write_anew
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
        write_anew(data, max_inflated_bytes=limits.max_inflated_bytes, max_seconds=limits.max_seconds)
    end = ""
except InvalidInput as error:
    end = error.code
print((most() - before) // 1024, end)
"""
LARGEST = (5000, 5000)
TAGGED = b"/Pages 2 0 R /StructTreeRoot 4 0 R"
LINKED = b"<</Annots [" + b"<</Subtype /Link /A <</S /URI /URI (https://example.org/)>>>>" * 60 + b"]>>"


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
        (lambda: jpeg((8064, 6048), exif=turned(), progressive=True), 250, ""),
        (lambda: webp((3150, 3150), "RGBA"), 250, ""),
        (lambda: png_with(png(), b"IHDR", lambda body: 2 * b"\0\0\x4e\x20" + body[8:]), 16, "file_pixels"),
        (lambda: pdf(stream(bytes(60_000_000))), 120, "file_inflated"),
        # As many objects as are parsed at most, in the file and in 5 kB of it; and more of them than are.
        (lambda: pdf(b"[" + b"[0]" * 495_000 + b"]", catalogue=b"/Pages 2 0 R /Lang 4 0 R"), 250, ""),
        (lambda: packed_objects(495_000), 250, ""),
        (lambda: packed_objects(13_000_000), 120, "file_entries"),
        # As many lists as wait to be looked into, and one page of 30 kB as often as there may be pages.
        (lambda: pdf(b"<</K [" + b"[]" * 990_000 + b"]>>", catalogue=TAGGED), 250, ""),
        (lambda: pdf(page=LINKED, pages=b"<</Kids [" + b"3 0 R " * 4_999 + b"]>>"), 250, "file_entries"),
    ],
    ids=[
        "png", "jpeg", "progressive", "gif", "animation", "phone", "webp", "bomb", "flate", "objects", "packed", "more", "lists",
        "pages",
    ],
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
