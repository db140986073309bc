"""What is refused is said kindly: which rule, what was seen, what to do; on pages and to programs, on both blogs."""

from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Dictionary, Encryption, String

from bastide.core.uploads import KINDS, Quota
from bastide.core.uploads import _pdf_graph as graph
from bastide.core.uploads import _pdf_pages as pages
from bastide.core.uploads import _pdf_streams as streams
from bastide.pages.messages import MESSAGES
from bastide.pages.sentences import ERROR_SENTENCES
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import Blog
from support.desk import Desk, by_script
from support.documents import annotation, attach, document, shown
from support.files import gif, pdf, png, stream, webp

# Of these a program is told by 413, 415 or 409, and of every other by 400.
STATUS = {"file_too_large": 413, "file_extension": 415, "file_type": 415, "file_content": 415, "quota": 409}
MALWARE = b"words that the scanner knows"
SLOW = b"%% takes its time\n"


def film(made: pikepdf.Pdf) -> None:
    made.pages[0].Annots.append(annotation(made, "/Movie"))


def foreign_form(made: pikepdf.Pdf) -> None:
    made.Root.AcroForm = Dictionary(Fields=[], XFA=made.make_stream(b"<xdp/>"))


def elsewhere(made: pikepdf.Pdf) -> None:
    made.pages[0].Contents = made.make_stream(b"", F=String("a.txt"))


def nested() -> bytes:
    tags = (b"<</K %d 0 R>>" % number for number in range(5, 30))
    return pdf(*tags, b"<<>>", catalogue=b"/Pages 2 0 R /StructTreeRoot 4 0 R")


# Each with what the sentence has to hold of what was seen.
FILES: dict[str, tuple[str, bytes, str]] = {
    "file_extension": ("a.svg", b"<svg/>", "csv, gif, jpeg, jpg, pdf, png, txt, webp"),
    "file_type": ("a.png", png(), "image/png"),
    "file_content": ("a.png", gif(), "image/gif"),
    "file_empty": ("a.txt", b"\xff\xfe", ""),
    "file_too_large": ("a.txt", b"x" * (5 * 1024 * 1024 + 1), "5.01 MiB; 5 MiB"),
    "file_broken": ("a.png", png((64, 64))[:60], ""),
    "file_pixels": ("a.png", png((300, 300)), "90000 pixels, all its pictures together; 80000"),
    "file_memory": ("a.webp", webp((250, 250)), "1 MiB"),
    "file_frames": ("a.gif", gif(frames=4), "4 pictures; 3 "),
    "file_encrypted": ("a.pdf", document(encryption=Encryption(owner="o", user="u")), "password"),
    "file_attached": ("a.pdf", document(attach), ""),
    "file_media": ("a.pdf", document(film), ""),
    "file_form": ("a.pdf", document(foreign_form), "XFA"),
    "file_external": ("a.pdf", document(elsewhere), ""),
    "file_unreadable": ("a.pdf", shown(stream(b"q", b"/Filter /LZWDecode", is_packed=False)), ""),
    "file_hidden": ("a.pdf", shown(stream(b"Rar!\x1a\x07", b"/Filter /DCTDecode", is_packed=False)), "archive"),
    "file_pages": ("a.pdf", document(pages=4), "3 pages"),
    "file_entries": ("a.pdf", shown(b"[" + b"0 " * 3_000 + b"]"), ""),
    "file_depth": ("a.pdf", nested(), ""),
    "file_slow": ("a.pdf", SLOW.join([b"%PDF-1.7\n", document()[9:]]), ""),
    "file_inflated": ("a.pdf", shown(stream(bytes(1024 * 1024 + 1))), "1 MiB"),
    "file_encoding": ("a.txt", b"one\ncaf\xe9", "line 2"),
    "file_controls": ("a.txt", b"one\ntwo\x07", "U+0007, in line 2"),
    "file_markup": ("a.txt", b"<!doctype html>", ""),
    "file_infected": ("a.txt", MALWARE, ""),
    "quota": ("a.txt", b"words", "0 at most"),
}  # fmt: skip
CONTENT: dict[str, tuple[str, str]] = {
    "required": ("title", ""),
    "too_short": ("content", "x"),
    "too_long": ("title", "x" * 201),
    "control_characters": ("content", "Ten letters and\x07 more."),
    "line_breaks": ("title", "one\ntwo"),
    "too_deep": ("content", "> " * 200 + "deep"),
}


class Scanner:
    def find_malware(self, data: bytes) -> str | None:
        return "Eicar" if data == MALWARE else None


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that small files meet."""
    monkeypatch.setattr(pages, "MAX_PAGES", 3)
    monkeypatch.setattr(graph, "MAX_DEPTH", 20)
    monkeypatch.setattr(streams, "MAX_OBJECTS", 2_500)


@pytest.fixture
def both(tmp_path: Path, clock: FrozenClock) -> Iterator[list[Blog]]:
    made = []
    for framework in ("flask", "django"):
        (tmp_path / framework).mkdir()
        limits = {
            "kinds": tuple(KINDS),
            "max_pixels": 80_000,
            "max_frames": 3,
            "max_inflated_bytes": 1024 * 1024,
        }
        made.append(
            make_blog(
                f"sqlite:///{tmp_path / framework / 'blog.sqlite3'}", tmp_path / framework, clock,
                framework=framework, settings={"uploads": limits},
            )
        )  # fmt: skip
    yield made
    for blog in made:
        blog.close()


def told_of_files(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Any, ...]]:
    """Return what the page and the API say of each file: the page's sentence, the problem's and its status."""
    desk, uploads = Desk(blog), blog.services.require_uploads()
    monkeypatch.setattr(uploads, "_scanner", Scanner())
    headers, found = by_script(desk.author), {}
    for code, (name, body, seen) in FILES.items():
        declared = "text/html" if code == "file_type" else KINDS.get(name[2:], KINDS["txt"]).media_type
        with monkeypatch.context() as patch:
            if code == "quota":
                patch.setattr(uploads, "_quota", Quota(max_bytes=1024 * 1024, max_files=0))
            if code == "file_slow":
                patch.setattr("bastide.core.uploads._effort.thread_time", iter(range(0, 9_999, 99)).__next__)
            page = desk.send(name, body, declared)
            if code == "file_slow":
                patch.setattr("bastide.core.uploads._effort.thread_time", iter(range(0, 9_999, 99)).__next__)
            problem = desk.author.open(
                "POST", f"/api/v1{desk.path}", headers=headers, data={"file": (BytesIO(body), name, declared)}
            )
        (error,) = problem.get_json()["errors"]
        assert (page.status_code, error["field"], error["code"]) == (400, "file", code)
        assert problem.status_code == STATUS.get(code, 400)
        assert problem.get_json()["detail"] == f"file: {error['detail']}"
        assert error["detail"] in unescape(page.text), code
        assert seen in error["detail"], code
        found[code] = (error["detail"], problem.status_code)
    assert (desk.stored(), blog.rows("SELECT * FROM bastide_upload")) == ([], [])
    return found


@pytest.mark.usefixtures("small")
@pytest.mark.asvs("V5.2.2", "V16.5.1")
def test_every_refusal_of_a_file_is_told_in_the_same_words(
    both: list[Blog], monkeypatch: pytest.MonkeyPatch
) -> None:
    flask, django = (told_of_files(blog, monkeypatch) for blog in both)
    assert flask == django
    # No rule without a row: what has a sentence is tried.
    known = {code for code in ERROR_SENTENCES if code.startswith("file_")} | {"quota"}
    assert FILES.keys() == known - {"file_required"}
    for code, (sentence, _) in flask.items():
        # What was seen, and what to do.
        assert sentence.count(". ") >= 1, code
        assert "Please " in sentence, code
        assert "{" not in sentence, code


@pytest.mark.asvs("V16.5.1")
def test_no_file_and_two_are_told_in_the_same_words(both: list[Blog]) -> None:
    told = set()
    for blog in both:
        desk = Desk(blog)
        one = (BytesIO(b"a"), "a.txt", "text/plain")
        for form in ({}, {"file": [one, (BytesIO(b"b"), "b.txt", "text/plain")]}):
            page = desk.author.post(desk.path, form)
            assert page.status_code == 400
            assert MESSAGES.error_text("file_required", {}) in unescape(page.text)
        headers = by_script(desk.author)
        problem = desk.author.open("POST", f"/api/v1{desk.path}", headers=headers, data={"file": [one, one]})
        told.add(problem.get_json()["detail"])
    assert told == {f"file: {ERROR_SENTENCES['file_required']}"}


@pytest.mark.asvs("V16.5.1")
def test_every_refusal_of_a_post_is_told_in_the_same_words(both: list[Blog]) -> None:
    told: list[dict[str, str]] = []
    for blog in both:
        author, found = blog.signed_in("maud", "author", "reader"), {}
        for code, (field, value) in CONTENT.items():
            form = {"title": "A title", "content": "Ten letters and more.", field: value}
            page = author.post("/posts/new", {**form, "tags": ""})
            problem = author.open("POST", "/api/v1/posts", headers=by_script(author), json=form)
            (error,) = problem.get_json()["errors"]
            assert (page.status_code, problem.status_code) == (400, 400)
            assert (error["field"], error["code"]) == (field, code)
            assert error["detail"] in unescape(page.text)
            found[code] = problem.get_json()["detail"]
        told.append(found)
    assert told[0] == told[1]
