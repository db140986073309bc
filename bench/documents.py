"""What making a document anew costs beside opening and saving it with pikepdf, and what the worst ones cost.

``python -m bench.documents`` prints one table; each document is judged in a process of its own.
"""

import base64
import os
import random
import statistics
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image
from rich.console import Console
from rich.table import Table

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import UploadSettings
from bastide.core.uploads._pdf import write_anew
from support.documents import packed_objects, shown
from support.files import pdf, stream

ROUNDS: Final = 21
SETTINGS: Final = UploadSettings()
TAGGED: Final = b"/Pages 2 0 R /StructTreeRoot 4 0 R"
LINK: Final = b"<</Subtype /Link /A <</S /URI /URI (https://example.org/)>>>>"


class Cost(NamedTuple):
    """Milliseconds of processor time, beside pikepdf's own, MiB on top, and how it ended."""

    own: float
    plain: float
    memory: int
    end: str


def pages(picture: Callable[[pikepdf.Pdf], pikepdf.Object] | None = None, count: int = 20) -> bytes:
    """Return a document of so many pages with words, a font, a link, and a picture if one is made."""
    made = pikepdf.new()
    font = made.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(count):
        lines = b"".join(
            b"BT /F1 9 Tf 20 %d Td (Line %d of page %d) Tj ET\n" % (at, at, number)
            for at in range(0, 800, 12)
        )
        page = made.add_blank_page()
        page.Contents = made.make_stream(lines)
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        if picture is not None:
            page.Resources.XObject = Dictionary(P1=picture(made))
        action = Dictionary(S=Name.URI, URI=pikepdf.String("https://example.org/"))
        page.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)])
    # Letters stay letters.
    return written(made, compress_streams=picture is not in_letters)


def drawn(made: pikepdf.Pdf, data: bytes, *packing: str) -> pikepdf.Object:
    picture = made.make_stream(
        b"", Subtype=Name.Image, Width=300, Height=300, BitsPerComponent=8, ColorSpace=Name.DeviceRGB
    )
    picture.write(data, filter=Array([Name(name) for name in packing]))
    return picture


def photo(made: pikepdf.Pdf) -> pikepdf.Object:
    out = BytesIO()
    Image.effect_noise((300, 300), 40).convert("RGB").save(out, "JPEG", quality=90)
    return drawn(made, out.getvalue(), "/DCTDecode")


def screenshot(made: pikepdf.Pdf) -> pikepdf.Object:
    pixels = Image.linear_gradient("L").resize((300, 300)).convert("RGB").tobytes()
    return drawn(made, zlib.compress(pixels), "/FlateDecode")


def in_letters(made: pikepdf.Pdf) -> pikepdf.Object:
    packed = base64.a85encode(zlib.compress(os.urandom(300 * 300 * 3))) + b"~>"
    return drawn(made, packed, "/ASCII85Decode", "/FlateDecode")


def written(made: pikepdf.Pdf, **options: bool) -> bytes:
    out = BytesIO()
    made.save(out, **options)
    return out.getvalue()


def opened_and_saved(data: bytes) -> bytes:
    """Parse and write with pikepdf and nothing else."""
    with pikepdf.open(BytesIO(data)) as read:
        return written(read)


def prose(size: int) -> bytes:
    """Return so many bytes of words, which pack as words do."""
    words = random.Random(1).choices(["alpha", "beta", "gamma", "0.25", "12", "Td", "Tj"], k=size // 4)  # noqa: S311 -- the same each time
    return " ".join(words)[:size].encode()


HONEST: Final[dict[str, Callable[[], bytes]]] = {
    "20 pages of words": pages,
    "20 pages with photos": lambda: pages(photo),
    "20 pages with screenshots": lambda: pages(screenshot),
    "20 pages with pictures in letters": lambda: pages(in_letters),
}
WORST: Final[dict[str, Callable[[], bytes]]] = {
    "990,000 objects in 2 kB": lambda: packed_objects(495_000),
    "as many lists that wait": lambda: pdf(b"<</K [" + b"[]" * 990_000 + b"]>>", catalogue=TAGGED),
    "a page 5,000 times": lambda: pdf(
        page=b"<</Annots [" + LINK * 60 + b"]>>", pages=b"<</Kids [" + b"3 0 R " * 4_999 + b"]>>"
    ),
    "400,000 keys": lambda: pdf(
        b"<<" + b"".join(b"/%x 0" % number for number in range(400_000)) + b">>",
        catalogue=b"/Pages 2 0 R /ViewerPreferences 4 0 R",
    ),
    "60,000 branches, one in another": lambda: pdf(
        *(b"<</Kids [%d 0 R]>>" % (number + 1) for number in range(5, 60_000)),
        b"<<>>",
        pages=b"<</Kids [5 0 R]>>",
    ),
    "100,000 objects without a table": lambda: pdf(*[b"[]"] * 100_000).replace(b"xref\n0", b"xrex\n0"),
    "words in letters, 27 MiB unpacked": lambda: shown(
        stream(
            base64.a85encode(zlib.compress(prose(3 * 2**20) * 9)) + b"~>",
            b"/Filter [/ASCII85Decode /FlateDecode]",
            is_packed=False,
        )
    ),
    "zeros, 51 MiB unpacked": lambda: shown(stream(bytes(51 * 2**20))),
}


def highest() -> int:
    """Return the most memory that this process had so far, in KiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def judged(data: bytes) -> str:
    """Make it anew; return the rule that is broken, or nothing."""
    try:
        write_anew(data, max_inflated_bytes=SETTINGS.max_inflated_bytes, max_seconds=SETTINGS.max_seconds)
    except InvalidInput as error:
        return error.code
    return ""


def cost_of(data: bytes, rounds: int) -> Cost:
    """Measure one document; the first time tells the memory."""
    judged(pages(count=1))
    before = highest()
    end = judged(data)
    memory = (highest() - before) // 1024
    own, plain = [], []
    for _ in range(rounds):
        start = time.process_time()
        judged(data)
        between = time.process_time()
        if rounds > 1:
            opened_and_saved(data)
        own.append(between - start)
        plain.append(time.process_time() - between)
    return Cost(statistics.median(own) * 1e3, statistics.median(plain) * 1e3, memory, end)


def documents_table() -> Table:
    """Measure and return one table."""
    table = Table("documents", "kB", "ms", "pikepdf alone", "ratio", "memory", "end", "target")
    for name, make in {**HONEST, **WORST}.items():
        data, is_honest = make(), name in HONEST
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            cost = alone.submit(cost_of, data, ROUNDS if is_honest else 1).result()
        beside = (f"{cost.plain:.2f}", f"{cost.own / cost.plain:.2f}x") if is_honest else ("", "")
        table.add_row(
            name, f"{len(data) / 1e3:.0f}", f"{cost.own:.2f}", *beside, f"{cost.memory} MiB", cost.end,
            "<= 1.3x" if is_honest else "<= 250 MiB",
        )  # fmt: skip
    return table


if __name__ == "__main__":
    Console(width=120).print(documents_table())
