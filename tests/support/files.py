"""Files for uploads: true ones, and makers of hostile ones."""

import zlib
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from PIL import Image
from PIL.PngImagePlugin import PngInfo

MARKER = b"planted-marker-7f3a"
TYPES = {
    "txt": "text/plain", "pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp",
}  # fmt: skip


def png(size: tuple[int, int] = (4, 3), mode: str = "RGB", **options: Any) -> bytes:
    out = BytesIO()
    Image.new(mode, size, 0).save(out, "PNG", **options)
    return out.getvalue()


def marked_png() -> bytes:
    info = PngInfo()
    info.add_text("Comment", MARKER.decode())
    info.add_itxt("XML:com.adobe.xmp", f"<x>{MARKER.decode()}</x>")
    exif = Image.Exif()
    exif[0x010E] = MARKER.decode()
    return png(pnginfo=info, exif=exif, icc_profile=MARKER) + MARKER


def jpeg(
    size: tuple[int, int] = (4, 3), mode: str = "RGB", colour: Any = 0, exif: Any = None, **options: Any
) -> bytes:
    out = BytesIO()
    Image.new(mode, size, colour).save(
        out, "JPEG", **({} if exif is None else {"exif": exif.tobytes()}), **options
    )
    return out.getvalue()


def marked_jpeg() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = MARKER.decode()
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)
    return jpeg(exif=exif, comment=MARKER, icc_profile=MARKER) + MARKER


def as_jpeg(width: int, height: int) -> bytes:
    """Return a picture of few bytes whose header says that it is so large."""
    true = jpeg()
    at = true.index(b"\xff\xc0") + 5
    return true[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + true[at + 4 :]


def redrawn_jpeg(scans: int, size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a progressive picture of so many scans: its last one, of a few bytes, over and over."""
    true = jpeg(size, progressive=True)
    last, present = true[true.rindex(b"\xff\xda") : -2], true.count(b"\xff\xda")
    return true[:-2] + last * (scans - present) + true[-2:]


def gif(size: tuple[int, int] = (4, 3), frames: int = 1, **options: Any) -> bytes:
    out = BytesIO()
    pictures = [Image.new("P", size, number % 200) for number in range(frames)]
    for number, picture in enumerate(pictures):
        picture.putpalette([number % 256, 40, 90] * 256)
        picture.putpixel((0, 0), number % 256)
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], **options)
    return out.getvalue()


def webp(size: tuple[int, int] = (4, 3), mode: str = "RGB", **options: Any) -> bytes:
    out = BytesIO()
    Image.new(mode, size, (9, 90, 200, 90)[: len(mode)]).save(out, "WEBP", **options)
    return out.getvalue()


def pdf(
    *objects: bytes,
    catalogue: bytes = b"/Pages 2 0 R",
    pages: bytes = b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
    page: bytes = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200]>>",
    tail: bytes = b"",
) -> bytes:
    """Return a whole PDF whose objects are these behind a catalogue and a page."""
    own = (b"<</Type /Catalog %s>>" % catalogue, pages, page)
    body, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, entry in enumerate((*own, *objects), start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, entry)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, table)
    body += b"trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start)
    return body + tail


def update(before: bytes, entry: bytes) -> bytes:
    """Return the PDF with one more object, as writers add what was changed: behind the end that it had."""
    start = len(before)
    body = b"%b9 0 obj\n%b\nendobj\n" % (before, entry)
    table = b"xref\n9 1\n%010d 00000 n \n" % start
    former = before.rpartition(b"startxref")[2].split()[0]
    trailer = b"trailer\n<</Size 10 /Root 1 0 R /Prev %b>>\nstartxref\n%d\n%%%%EOF\n" % (former, len(body))
    return body + table + trailer


def archive() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as file:
        file.writestr("a.html", "<p>words")
    return out.getvalue()


def stream(data: bytes, entries: bytes = b"/Filter /FlateDecode", *, is_packed: bool = True) -> bytes:
    packed = zlib.compress(data, 9) if is_packed else data
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (entries, len(packed), packed)


TRUE = {
    "txt": "Grüße, plain text.\n\tIndented & done: 1 < 2.\n".encode(),
    "pdf": pdf(stream(b"BT /F1 12 Tf (Hello) Tj ET")),
    "png": png(),
    "jpg": jpeg(),
    "jpeg": jpeg(),
    "gif": gif(),
    "webp": webp(),
}
