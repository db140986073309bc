"""Documents for uploads, made with pikepdf, and what stands in one when all its objects are read."""

import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import accumulate
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from support.files import pdf

WORDS = b"BT /F1 24 Tf 20 100 Td (Words on a page) Tj ET"

PAGE = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R>>"


def saved(made: Pdf, **options: Any) -> bytes:
    out = BytesIO()
    made.save(out, deterministic_id="encryption" not in options, **options)
    return out.getvalue()


def blank(pages: int = 1) -> Pdf:
    """Return a document whose pages have words, a font and a link."""
    made = pikepdf.new()
    for _ in range(pages):
        page = made.add_blank_page(page_size=(200, 200))
        page.Contents = made.make_stream(WORDS)
        page.Resources = Dictionary(Font=Dictionary(F1=_helvetica()))
        page.Annots = made.make_indirect(Array([link(made, URI="https://example.org/")]))
    return made


def shown(*objects: bytes, page: bytes = PAGE) -> bytes:
    """Return a document written by hand, whose page shows its fourth object."""
    return pdf(*objects, page=page)


def content_of(data: bytes) -> bytes:
    with pikepdf.open(BytesIO(data)) as read:
        return read.pages[0].Contents.read_bytes()


def document(change: Callable[[Pdf], object] = lambda _: None, *, pages: int = 1, **options: Any) -> bytes:
    made = blank(pages)
    change(made)
    return saved(made, **options)


def link(made: Pdf, *, kind: str = "/URI", **entries: Any) -> Any:
    action = Dictionary(S=Name(kind), **{key: _text(value) for key, value in entries.items()})
    return annotation(made, "/Link", A=action)


def annotation(made: Pdf, kind: str, **entries: Any) -> Any:
    return made.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=[10, 10, 90, 40], **entries)
    )


def attach(made: Pdf) -> None:
    made.attachments["a.txt"] = b"words"


def _helvetica() -> Dictionary:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def _text(value: Any) -> Any:
    return pikepdf.String(value) if isinstance(value, str) else value


def what_is_in(data: bytes) -> set[str]:
    """Return every key, name and text of every object, spelled as pikepdf spells it; read with no table."""
    with pikepdf.open(BytesIO(data)) as read:
        found = {f"trailer{key}" for key in read.trailer.keys()}  # noqa: SIM118 -- no mapping
        for each in read.objects:
            found.update(_words(each))
        for key in read.trailer.keys():  # noqa: SIM118
            found.update(_words(read.trailer[key], deep=key != "/Root"))
        return found


def _words(value: Any, *, deep: bool = True) -> Iterator[str]:
    waiting = [value] if deep else []
    while waiting:
        each = waiting.pop()
        if isinstance(each, pikepdf.Array):
            waiting += [part for part in each if _is_direct(part)]
        elif isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            yield from each.keys()
            waiting += [each[key] for key in each.keys() if _is_direct(each[key])]  # noqa: SIM118
        elif isinstance(each, pikepdf.Name | pikepdf.String):
            yield str(each)


def _is_direct(value: Any) -> bool:
    return not isinstance(value, pikepdf.Object) or not value.is_indirect


def packed_objects(count: int) -> bytes:
    """Return a document of some kB whose catalogue and so many lists are in one stream of objects."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R/Lang 4 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", b"[" + b"[0]" * count + b"]",
    )  # fmt: skip
    places = accumulate((len(each) + 1 for each in objects[:-1]), initial=0)
    head = b"".join(b"%d %d " % (number, place) for number, place in enumerate(places, start=1))
    packed = zlib.compress(head + b" ".join(objects), 9)
    body = (
        b"%%PDF-1.7\n5 0 obj\n<</Type/ObjStm/N 4/First %d/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream\nendobj\n"
        % (len(head), len(packed), packed)
    )
    listed = [(0, 0, 0), *((2, 5, index) for index in range(4)), (1, 9, 0), (1, len(body), 0)]
    table = b"".join(
        bytes([kind]) + place.to_bytes(4, "big") + bytes([index]) for kind, place, index in listed
    )
    entries = b"<</Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Length %d>>" % len(table)
    return b"%b6 0 obj\n%b\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        body,
        entries,
        table,
        len(body),
    )
