"""A document's objects, brought down to what the table of places has; pikepdf reads and writes them."""

import re
import warnings
from collections import deque
from io import BytesIO
from typing import Any, Final

from pikepdf import (
    Array,
    Dictionary,
    Name,
    Object,
    ObjectStreamMode,
    PageCopyWarning,
    PasswordError,
    Pdf,
    Stream,
    StreamDecodeLevel,
    String,
)

from bastide.core.foundation import InvalidInput
from bastide.core.uploads._effort import TimeLimit
from bastide.core.uploads._jpeg_notes import without_notes
from bastide.core.uploads._pdf_pages import ENTRY_BYTES, find_pages
from bastide.core.uploads._pdf_places import (
    ANNOTATIONS,
    ANY,
    BACK,
    NAMED,
    PLACES,
    PLAIN,
    REFUSED,
    STREAM,
)
from bastide.core.uploads.kinds import FIELD

# Books have some hundred thousand; what has more is there to keep readers busy.
MAX_ENTRIES: Final = 1_000_000
# Readers walk down tags, forms and drawings by functions that call themselves.
MAX_DEPTH: Final = 500
_LOOK_EVERY: Final = 4_096
_LINK: Final = re.compile(rb"(?:https?://|mailto:)[^\x00-\x1f\x7f]+", re.IGNORECASE)
# Left out of a list, where others keep their place and what is cut becomes null.
_LISTED: Final = frozenset({"annotation", "field"})
# Trees: what stands in one twice would send readers round in it.
_TREE: Final = frozenset({"/Names", "/Kids"})
_ONCE: Final = frozenset({"outline", "labels", "names of places"})
_ON_PAGE: Final = frozenset({"destination", "opening"})
_BRANCHES: Final = (Array, Dictionary, Stream)
_STRICT: Final = frozenset({place for place, _ in REFUSED})
_STREAMS: Final = {place: {**table, **STREAM} for place, table in PLACES.items()}
# A name costs more to make than to compare.
_URI, _GO_TO, _NAMED_ACTION = Name.URI, Name.GoTo, Name.Named
_DRAWINGS: Final = (None, Name.Form, Name.Image)
_PHOTO, _PAGE = Name.DCTDecode, Name.Page


def rewrite(data: bytes, limit: TimeLimit) -> bytes:
    """Return the document as it is written from its pages and what the table of places lets stay with them.

    Raises:
        InvalidInput: ``file_encrypted``, ``file_form``, ``file_pages``, ``file_entries``, ``file_depth``,
            ``file_slow``, ``file_external``, ``file_broken`` or one of the table's.
    """
    out = BytesIO()
    try:
        with (
            warnings.catch_warnings(),
            Pdf.open(BytesIO(data), inherit_page_attributes=False, conversion_mode="implicit") as pdf,
        ):
            if pdf.is_encrypted:
                raise InvalidInput(FIELD, "file_encrypted")
            limit.verify()
            _Document(pdf, limit).reduce()
            limit.verify()
            # Fields that no form lists look as they do, and are no news to who runs the site.
            warnings.filterwarnings("ignore", category=PageCopyWarning)
            pdf.save(
                out, compress_streams=True, stream_decode_level=StreamDecodeLevel.none,
                object_stream_mode=ObjectStreamMode.generate, deterministic_id=True,
            )  # fmt: skip
    except PasswordError:
        raise InvalidInput(FIELD, "file_encrypted") from None
    return out.getvalue()


class _Document:
    """One document on its way from as it was sent to as it is written.

    Only entries are taken away, so that an object that stands at several places keeps what all of them have.
    """

    def __init__(self, pdf: Pdf, limit: TimeLimit) -> None:
        self._pdf = pdf
        self._limit = limit
        self._pages: dict[tuple[int, int], Any] = {}
        self._judged: dict[tuple[tuple[int, int], str], bool] = {}
        self._kept: set[tuple[int, int]] = set()
        self._back: list[tuple[Any, str]] = []
        self._open: deque[tuple[Any, str, int]] = deque()
        self._entries = self._look_at = 0

    def reduce(self) -> None:
        """Leave the catalogue, the pages and what hangs on them; the writer takes nothing else."""
        root = self._pdf.Root
        _refuse_foreign_form(root)
        for page in find_pages(self._pdf, self._count):
            self._pages[page.objgen] = page
        pages = self._emptied(root.Pages)
        for key in self._pdf.trailer.keys():  # noqa: SIM118 -- a view of what is deleted from
            if key not in {"/Root", "/Size"}:
                del self._pdf.trailer[key]
        # The writer puts its own in place, but only where there is one.
        self._pdf.trailer["/Size"] = 1
        self._visit(root, "catalogue")
        for page in self._pages.values():
            self._visit(page, "page")
        while self._open:
            # The nearest first, so that what stands at several depths counts as the least of them.
            self._reduce(*self._open.popleft())
        for holder, key in self._back:
            if key in holder and holder[key].objgen not in self._kept:
                del holder[key]
        for page in self._pages.values():
            page["/Type"], page["/Parent"] = _PAGE, pages
        pages.update(Dictionary(Type=Name.Pages, Kids=Array(self._pages.values()), Count=len(self._pages)))
        root["/Type"] = Name.Catalog
        root["/Pages"] = pages

    def _emptied(self, top: Any) -> Any:
        """Return what was the top of the pages' tree without anything in it, or a new one."""
        if not top.is_indirect or top.objgen in {self._pdf.Root.objgen, *self._pages}:
            return self._pdf.make_indirect(Dictionary())
        for key in list(top.keys()):
            del top[key]
        return top

    def _count(self, entries: int) -> None:
        self._entries += entries
        if self._entries > MAX_ENTRIES:
            raise InvalidInput(FIELD, "file_entries")
        if self._entries > self._look_at:
            self._look_at = self._entries + _LOOK_EVERY
            self._limit.verify()

    def _visit(self, value: Any, place: str, depth: int = 0) -> bool:
        """Tell whether a value may stand at the place; what is in it waits for its turn.

        What stands at a place a thousand times is looked at once.
        """
        if not isinstance(value, Object) or not isinstance(value, _BRANCHES):
            return True
        if not value.is_indirect:
            return self._judge(value, place, depth)
        key = (value.objgen, place)
        if key in self._judged:
            return self._judged[key] and place not in _ONCE
        self._judged[key] = self._judge(value, place, depth)
        return self._judged[key]

    def _judge(self, value: Any, place: str, depth: int) -> bool:
        if isinstance(value, Array):
            if place in _ON_PAGE:
                return self._is_on_page(value)
            if not self._is_plain(value):
                self._put(value, place, depth)
            return True
        if place == "annotation":
            place = _kind_of(value)
        if place == PLAIN or not _may_stand(value, place):
            return False
        if isinstance(value, Stream):
            if "/F" in value:
                raise InvalidInput(FIELD, "file_external")
            place = PLACES[place].get(ANY, place)
            if place == PLAIN:
                return False
        self._put(value, place, depth)
        return True

    def _is_plain(self, value: Any) -> bool:
        """Tell whether a list holds neither dictionaries nor references, at a glance: most are of numbers."""
        written = value.unparse(resolved=True)
        self._count(len(written) // ENTRY_BYTES)
        return b"<<" not in written and b" R" not in written

    def _put(self, value: Any, place: str, depth: int) -> None:
        """Let a value wait for its turn."""
        if value.is_indirect:
            self._kept.add(value.objgen)
        if depth > MAX_DEPTH:
            raise InvalidInput(FIELD, "file_depth")
        self._open.append((value, place, depth))

    def _is_on_page(self, value: Any) -> bool:
        """Tell whether a destination is one of the pages that stay (12.3.2.2), and the way to show it."""
        if not len(value):
            return False
        page, *view = value
        is_page = isinstance(page, int) or (isinstance(page, Dictionary) and page.objgen in self._pages)
        return is_page and not any(isinstance(part, _BRANCHES) for part in view)

    def _reduce(self, value: Any, place: str, depth: int) -> None:
        if isinstance(value, Array):
            self._reduce_list(value, place, depth)
            return
        table = PLACES[place]
        if isinstance(value, Stream):
            table = _STREAMS[place]
            if place == "drawing":
                _drop_notes(value)
        entries, other = value.items(), table.get(ANY)
        self._count(len(entries))
        for key, part in entries:
            if place in _STRICT and (code := REFUSED.get((place, key))) is not None and not _is_empty(part):
                raise InvalidInput(FIELD, code)
            inner = table.get(key, other)
            if inner == BACK and isinstance(part, Dictionary | Stream):
                self._back.append((value, key))
            # Bookmarks that follow one another are no deeper for it.
            elif inner is None or inner == BACK or not self._visit(part, inner, depth + (key != "/Next")):
                del value[key]

    def _reduce_list(self, value: Any, place: str, depth: int) -> None:
        inner = "destination" if place == "destinations" else place
        self._count(len(value))
        for number in reversed(range(len(value))):
            if self._visit(value[number], inner, depth + 1):
                continue
            if place in _LISTED:
                del value[number]
            else:
                value[number] = None


def _kind_of(annotation: Any) -> str:
    kind = str(annotation.get("/Subtype"))
    if (code := REFUSED.get(("annotation", kind))) is not None:
        raise InvalidInput(FIELD, code)
    return ANNOTATIONS.get(kind, PLAIN)


def _may_stand(value: Any, place: str) -> bool:
    if place == "action":
        return _is_action(value)
    if place == "opening":
        return bool(value.get("/S") == _GO_TO)
    if place == "drawing":
        return value.get("/Subtype") in _DRAWINGS
    return True


def _is_empty(value: Any) -> bool:
    """Tell whether a tree of names holds none."""
    return (
        isinstance(value, Dictionary)
        and set(value.keys()) <= _TREE
        and not any(len(value.get(key, ())) for key in _TREE)
    )


def _drop_notes(picture: Any) -> None:
    """Take out of a picture what its camera noted beside it."""
    packing = picture.get("/Filter")
    if packing == _PHOTO or (isinstance(packing, Array) and list(packing) == [_PHOTO]):
        before = picture.read_raw_bytes()
        after = without_notes(before)
        if after != before:
            picture.write(after, filter=packing, decode_parms=picture.get("/DecodeParms"))


def _is_action(value: Any) -> bool:
    """Tell whether a link leads to a page here or to an address that people know as one (12.6.4)."""
    kind = value.get("/S")
    if kind == _URI:
        address = value.get("/URI")
        return isinstance(address, String) and _LINK.fullmatch(bytes(address)) is not None
    return kind == _GO_TO or (kind == _NAMED_ACTION and str(value.get("/N")) in NAMED)


def _refuse_foreign_form(root: Any) -> None:
    """Refuse a form that only programs for XFA can show (12.7.8): its one page says so and nothing else."""
    form = root.get("/AcroForm")
    if not isinstance(form, Dictionary) or "/XFA" not in form:
        return
    fields = form.get("/Fields")
    if root.get("/NeedsRendering") or not isinstance(fields, Array) or not len(fields):
        raise InvalidInput(FIELD, "file_form")
