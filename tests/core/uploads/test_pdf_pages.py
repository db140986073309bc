"""Pages come out of their tree in order, each of its own, and no more than books have."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Name

from bastide.core.uploads import _pdf_graph as graph
from bastide.core.uploads import _pdf_pages as pages
from support.content import anew, code_of
from support.documents import document
from support.files import pdf, stream
from support.rows import rows


def listed(kids: bytes, *objects: bytes) -> bytes:
    return pdf(*objects, pages=b"<</Type /Pages /Kids [" + kids + b"]>>")


@pytest.mark.asvs("V5.2.3")
def test_more_pages_than_books_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PAGES", 3)
    anew(document(pages=3))
    assert code_of(document(pages=4)) == "file_pages"
    # One page over and over is as many, and so are branches that wait, with nothing on them.
    assert code_of(listed(b"3 0 R " * 4)) == "file_pages"
    assert code_of(listed(b"3 0 R " + b"<</Kids []>> " * 6)) == "file_pages"
    anew(listed(b"3 0 R " + b"<</Kids []>> " * 5))


@pytest.mark.asvs("V5.2.3")
def test_what_pages_hold_counts_as_often_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MAX_ENTRIES", 5_000)
    words = b"[(%b)]" % (b"x" * 1_000)
    many = b"<</Type /Pages /Kids [" + b"3 0 R " * 40 + b"] /Count 40>>"
    anew(pdf(pages=many))
    assert code_of(pdf(pages=many, page=b"<</Type /Page /Own %b>>" % words)) == "file_entries"
    shown = pdf(
        b"[" + b"5 0 R " * 400 + b"]",
        stream(b"q Q"),
        pages=many,
        page=b"<</Type /Page /Contents 4 0 R>>",
    )
    assert code_of(shown) == "file_entries"
    # What stands above the pages is one object for all of them.
    above = b"<</Type /Pages /Resources <</ProcSet %b>> /Kids [%b]>>"
    kids = b" ".join(b"%d 0 R" % number for number in range(4, 44))
    sent = pdf(*[b"<</Type /Page>>"] * 40, pages=above % (words, kids))
    with pikepdf.open(BytesIO(anew(sent))) as read:
        assert len({page.Resources.objgen for page in read.pages}) == 1


def test_a_page_that_stands_there_twice_is_two() -> None:
    sent = pdf(
        pages=b"<</Type /Pages /Kids [3 0 R 3 0 R <</Type /Pages /Kids [3 0 R]>>] /Rotate 90 /Count 3>>"
    )
    with pikepdf.open(BytesIO(anew(sent))) as read:
        assert [int(page.Rotate) for page in read.pages] == [90, 90, 90]
        assert len({page.objgen for page in read.pages}) == 3


@rows(
    "sent",
    [
        pdf(catalogue=b"/Pages 3 0 R"),
        pdf(catalogue=b"/Pages 1 0 R /Kids [3 0 R]"),
        pdf(catalogue=b"/Pages <</Type /Pages /Kids [3 0 R]>>"),
        pdf(pages=b"<</Type /Pages /Kids 3 0 R>>"),
        pdf(pages=b"<</Type /Pages /Kids [<</Type /Page /MediaBox [0 0 9 9]>>]>>"),
    ],
)
def test_one_page_that_hangs_oddly_is_a_page_of_a_list(sent: bytes) -> None:
    with pikepdf.open(BytesIO(anew(sent))) as read:
        (page,) = read.Root.Pages.Kids
        assert read.Root.Pages.Count == len(read.pages) == 1
        assert (page.Type, page.Parent.Type) == (Name.Page, Name.Pages)
        assert len({read.Root.objgen, read.Root.Pages.objgen, page.objgen}) == 3
