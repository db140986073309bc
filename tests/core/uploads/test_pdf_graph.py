"""What is written of a document is its pages as they stand now, without locks, circles and notes of cameras."""

from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from bastide.core.uploads import _pdf_graph as graph
from bastide.core.uploads._jpeg_notes import without_notes
from support.content import anew, code_of
from support.documents import PAGE, annotation, content_of, document, what_is_in
from support.files import MARKER, jpeg, marked_jpeg, pdf, stream, update
from support.rows import rows


@pytest.mark.asvs("V5.2.2")
@rows("user", ["", "a word"])
def test_what_is_locked_is_refused(user: str) -> None:
    for mode in (pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate):
        for is_packed in (True, False):
            lock = pikepdf.Encryption(owner="o", user=user)
            locked = document(encryption=lock, object_stream_mode=mode, compress_streams=is_packed)
            assert code_of(locked) == "file_encrypted"


@pytest.mark.asvs("V5.2.3")
def test_more_entries_than_books_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MAX_ENTRIES", 10)
    assert code_of(document()) == "file_entries"


@pytest.mark.asvs("V5.2.3", "V15.2.2")
def test_what_stands_at_many_places_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    is_action, is_on_page = graph._is_action, graph._Document._is_on_page  # noqa: SLF001 -- what is costly

    def look_at_action(value: Any) -> bool:
        looks.append("action")
        return is_action(value)

    def look_at_place(document: Any, value: Any) -> bool:
        looks.append("place")
        return is_on_page(document, value)

    monkeypatch.setattr(graph, "_is_action", look_at_action)
    monkeypatch.setattr(graph._Document, "_is_on_page", look_at_place)  # noqa: SLF001
    links = b"<</Subtype /Link /A 4 0 R>>" * 40 + b"<</Subtype /Link /A 6 0 R>>" * 40
    places = b"<<" + b"".join(b"/a%d 5 0 R" % number for number in range(40)) + b">>"
    sent = pdf(
        b"<</S /URI /URI (https://example.org/)>>", b"[3 0 R /Fit]", b"<</S /JavaScript /JS (x)>>",
        page=b"<</Type /Page /Annots [%b]>>" % links, catalogue=b"/Pages 2 0 R /Dests " + places,
    )  # fmt: skip
    kept = anew(sent)
    assert sorted(looks) == ["action", "action", "place"]
    with pikepdf.open(BytesIO(kept)) as read:
        assert ["/A" in each for each in read.pages[0].Annots] == [True] * 40 + [False] * 40
        assert len(read.Root.Dests) == 40


def nested(count: int) -> bytes:
    tags = (b"<</S /P /K %d 0 R>>" % number for number in range(5, 5 + count))
    return pdf(*tags, b"<</S /P>>", catalogue=b"/Pages 2 0 R /StructTreeRoot <</K 4 0 R>>")


@pytest.mark.asvs("V5.2.3")
def test_what_is_nested_without_end_is_refused_and_a_long_list_of_bookmarks_is_not() -> None:
    anew(nested(graph.MAX_DEPTH - 10))
    assert code_of(nested(graph.MAX_DEPTH + 10)) == "file_depth"
    items = (b"<</Title (x) /Next %d 0 R>>" % number for number in range(5, 1_000))
    sent = pdf(*items, b"<</Title (the last)>>", catalogue=b"/Pages 2 0 R /Outlines <</First 4 0 R>>")
    assert "the last" in what_is_in(anew(sent))


def test_what_lost_its_trailer_gets_a_whole_one() -> None:
    with pikepdf.open(BytesIO(anew(pdf().replace(b"/Size", b"/Sxze")))) as read:
        assert len(read.pages) == 1
        assert read.get_warnings() == []


def test_fields_outside_of_a_form_stay_as_they_look() -> None:
    def scatter(made: Pdf) -> None:
        drawn = made.make_stream(b"q Q", Subtype=Name.Form, BBox=[0, 0, 9, 9])
        made.pages[0].Annots.append(annotation(made, "/Widget", FT=Name.Tx, AP=Dictionary(N=drawn)))

    with pytest.warns(pikepdf.PageCopyWarning):
        sent = document(scatter)
    assert {"/Widget", "/AP"} <= what_is_in(anew(sent))


def test_bookmarks_that_lead_back_end() -> None:
    def circle(made: Pdf) -> None:
        one, two = (made.make_indirect(Dictionary(Title=pikepdf.String(text))) for text in ("one", "two"))
        one.Next, two.Next = two, one
        made.Root.Outlines = made.make_indirect(Dictionary(First=one, Last=two))

    with pikepdf.open(BytesIO(anew(document(circle)))) as read:
        first = read.Root.Outlines.First
        assert str(first.Next.Title) == "two"
        assert "/Next" not in first.Next


def test_earlier_states_of_a_document_are_gone() -> None:
    nothing = (b"null",) * 5
    page = PAGE.replace(b"4 0 R", b"9 0 R")
    before = pdf(*nothing, stream(b"(what was deleted) Tj", b"", is_packed=False), page=page)
    after = update(before, stream(b"(what stands now) Tj", b"", is_packed=False))
    assert content_of(before) == b"(what was deleted) Tj"
    assert content_of(anew(after)) == b"(what stands now) Tj"
    assert not [text for text in what_is_in(anew(after)) if "deleted" in text]


@pytest.mark.asvs("V14.2.8")
@rows("sent", [marked_jpeg(), jpeg()])
def test_pictures_inside_keep_nothing_of_their_camera(sent: bytes) -> None:
    def plant(made: Pdf) -> None:
        picture = made.make_stream(b"", Subtype=Name.Image, Width=4, Height=3, ColorSpace=Name.DeviceRGB)
        picture.write(sent, filter=Array([Name.DCTDecode]), decode_parms=Dictionary(ColorTransform=1))
        made.pages[0].Resources.XObject = Dictionary(P1=picture)

    with pikepdf.open(BytesIO(anew(document(plant)))) as read:
        kept = read.pages[0].Resources.XObject.P1
        assert kept.read_raw_bytes() == without_notes(sent)
        assert kept.DecodeParms.ColorTransform == 1
        assert MARKER not in kept.read_raw_bytes()
