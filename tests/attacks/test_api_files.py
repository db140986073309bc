"""Attacks on files through the API: the same pipeline as the pages', for programs with a token."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bastide.core.foundation import StoreUnavailable
from bastide.core.uploads import Quota
from support.api import Program, issue, program
from support.blog import BASE, Blog
from support.documents import attach, document, what_is_in
from support.files import MARKER, TYPES, jpeg, marked_png, png
from support.rows import rows

POST = {"title": "With files", "content": "Ten letters and more."}
PROBLEM = "application/problem+json"


class Shelf:
    """A post of an author's, and a program with every right of theirs."""

    def __init__(self, blog: Blog) -> None:
        self.blog = blog
        self.program = program(blog, "maud", "author", "reader")
        self.path = self.new_post()

    def new_post(self, owner: Program | None = None) -> str:
        made = (owner or self.program).call("POST", "/posts", POST)
        return f"/posts/{made.get_json()['id']}/files"

    def send(
        self, name: str, body: bytes, declared: str = "", *, by: Program | None = None, path: str = ""
    ) -> TestResponse:
        kind = declared or TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        form = {"file": (BytesIO(body), name, kind)}
        return (by or self.program).call("POST", path or self.path, data=form)

    def publish(self) -> None:
        changed = self.program.call("PATCH", self.path.removesuffix("/files"), {"status": "published"})
        assert changed.status_code == 200

    def stored(self) -> int:
        rows = len(self.blog.rows("SELECT name FROM bastide_upload"))
        assert rows == len(list((self.blog.folder / "uploads").iterdir()))
        return rows

    def narrow(self, *scopes: str) -> Program:
        owner = self.blog.signed_in("maud")
        owner.confirm("maud")
        return Program(self.blog, issue(owner, *scopes, name="-".join(scopes)))


@pytest.fixture
def shelf(blog: Blog) -> Shelf:
    return Shelf(blog)


def refused(answer: TestResponse, code: str = "") -> int:
    """Return the status of a refusal, which is a problem that names the rule."""
    assert answer.mimetype == PROBLEM, answer.text
    problem = answer.get_json()
    assert problem["status"] == answer.status_code
    assert [error["code"] for error in problem.get("errors", [])] == ([code] if code else [])
    return answer.status_code


@pytest.mark.asvs("V5.2.2", "V5.3.2")
def test_a_file_lives_its_whole_life_through_the_api(shelf: Shelf) -> None:
    body = document()
    made = shelf.send("Our plan.pdf", body)
    assert made.status_code == 201
    file = made.get_json()
    assert made.headers["Location"] == f"/api/v1{shelf.path}/{file['id']}"
    assert {name: file[name] for name in ("name", "media_type", "size", "state")} == {
        "name": "Our plan.pdf", "media_type": "application/pdf", "size": file["size"], "state": "ready",
    }  # fmt: skip
    assert len(file["id"]) == 40
    assert shelf.program.get(shelf.path).get_json() == {"items": [file], "total": 1, "page": 1, "pages": 1}
    path = f"{shelf.path}/{file['id']}"
    assert shelf.program.get(path).get_json() == file
    content = shelf.program.get(f"{path}/content")
    assert (content.status_code, content.mimetype) == (200, "application/pdf")
    # Made anew: what is told and served is what is kept.
    assert len(content.data) == file["size"]
    assert content.data != body
    assert "/Helvetica" in what_is_in(content.data)
    assert content.headers["Content-Disposition"] == 'attachment; filename="Our plan.pdf"'
    assert "sandbox" in content.headers["Content-Security-Policy"]
    gone = shelf.program.call("DELETE", path)
    assert (gone.status_code, gone.data) == (204, b"")
    assert shelf.stored() == 0
    for method, again in (("GET", path), ("GET", f"{path}/content"), ("DELETE", path)):
        assert refused(shelf.program.call(method, again)) == 404
    kinds = shelf.blog.kinds()
    assert kinds.count("content:upload:stored") == kinds.count("content:upload:removed") == 1


@pytest.mark.asvs("V14.2.8")
def test_pictures_are_made_anew_for_programs_too(shelf: Shelf) -> None:
    made = shelf.send("a.png", marked_png()).get_json()
    content = shelf.program.get(f"{shelf.path}/{made['id']}/content").data
    assert MARKER not in content
    assert made["size"] == len(content)


@pytest.mark.asvs("V8.2.2")
def test_files_of_another_s_post_are_not_there_and_never_changed(blog: Blog, shelf: Shelf) -> None:
    name = shelf.send("a.txt", b"words").get_json()["id"]
    other, stranger = program(blog, "tomas", "author", "reader"), Program(blog)
    reads = (shelf.path, f"{shelf.path}/{name}", f"{shelf.path}/{name}/content")
    for caller in (other, stranger):
        assert [refused(caller.get(path)) for path in reads] == [404, 404, 404]
    assert refused(shelf.send("b.txt", b"words", by=other)) == 404
    assert refused(other.call("DELETE", reads[1])) == 404
    shelf.publish()
    for caller in (other, stranger):
        assert [caller.get(path).status_code for path in reads] == [200, 200, 200]
    assert refused(shelf.send("b.txt", b"words", by=other)) == 403
    assert refused(other.call("DELETE", reads[1])) == 403
    # A file answers under its own post only.
    mine = shelf.new_post(other)
    for method, path in (
        ("GET", f"{mine}/{name}"),
        ("GET", f"{mine}/{name}/content"),
        ("DELETE", f"{mine}/{name}"),
    ):
        assert refused(other.call(method, path)) == 404
    assert shelf.stored() == 1


@pytest.mark.asvs("V8.2.1")
def test_a_token_does_with_files_what_its_scopes_say(blog: Blog, shelf: Shelf) -> None:
    name = shelf.send("a.txt", b"words").get_json()["id"]
    reading, writing = shelf.narrow("read_post"), shelf.narrow("write_post")
    assert reading.get(f"{shelf.path}/{name}/content").data == b"words"
    for answer in (shelf.send("b.txt", b"words", by=reading), reading.call("DELETE", f"{shelf.path}/{name}")):
        assert refused(answer) == 403
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="write_post"'
    assert refused(writing.get(f"{shelf.path}/{name}/content")) == 404
    assert shelf.stored() == 1


@pytest.mark.asvs("V3.5.1", "V4.1.1")
def test_neither_a_cookie_nor_a_dead_token_sends_a_file(blog: Blog, shelf: Shelf) -> None:
    author = blog.signed_in("maud")
    form = {"file": (BytesIO(b"words"), "a.txt", "text/plain")}
    forged = author.open("POST", f"/api/v1{shelf.path}", data=form, headers={"Origin": BASE})
    assert refused(forged) == 403
    assert refused(shelf.send("a.txt", b"words", by=Program(blog))) in {401, 403}
    assert refused(shelf.send("a.txt", b"words", by=Program(blog, "bst_x"))) == 401
    assert shelf.stored() == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("collector")
@pytest.mark.asvs("V5.2.1")
def test_what_is_too_large_is_a_413(shelf: Shelf) -> None:
    assert refused(shelf.send("a.txt", b"a" * (5 * 1024 * 1024 + 1)), "file_too_large") == 413
    for size in (6_000_000, 20_000_000):
        assert refused(shelf.send("a.txt", b"a" * size)) == 413
    assert shelf.stored() == 0


REFUSED: dict[str, tuple[str, bytes, str, str, int]] = {
    "an extension": ("a.svg", b"<svg/>", "image/svg+xml", "file_extension", 415),
    "another type": ("a.png", png(), "image/jpeg", "file_type", 415),
    "no picture's type": ("a.png", png(), "application/x-msdownload", "file_type", 415),
    "another content under no type": ("a.png", jpeg(), "application/octet-stream", "file_content", 415),
    "another content": ("a.png", jpeg(), "image/png", "file_content", 415),
    "a page as text": (
        "a.txt",
        b"<!doctype html><script>alert(1)</script>",
        "text/plain",
        "file_markup",
        400,
    ),
    "half a picture": ("a.png", png((64, 64))[:60], "image/png", "file_broken", 400),
    "files in a document": ("a.pdf", document(attach), "application/pdf", "file_attached", 400),
}


@pytest.mark.asvs("V5.2.2", "V16.5.3")
@rows("name", REFUSED)
def test_what_breaks_a_rule_is_told_which_and_not_kept(shelf: Shelf, name: str) -> None:
    *sent, code, status = REFUSED[name]
    before = shelf.blog.kinds().count("content:upload:refused")
    assert refused(shelf.send(*sent), code) == status
    assert shelf.stored() == 0
    assert shelf.blog.kinds().count("content:upload:refused") == before + 1


def test_what_programs_send_without_knowing_its_type_is_judged_by_its_content(shelf: Shelf) -> None:
    for name, body, declared, kind in (
        ("a.png", png(), "application/octet-stream", "image/png"),
        ("a.jpg", jpeg(), "image/pjpeg", "image/jpeg"),
        ("a.pdf", document(), "application/x-pdf", "application/pdf"),
    ):
        made = shelf.send(name, body, declared)
        assert (made.status_code, made.get_json()["media_type"]) == (201, kind)


def parts(number: int) -> list[tuple[BytesIO, str, str]]:
    return [(BytesIO(b"x"), f"{place}.txt", "text/plain") for place in range(number)]


BODIES: dict[str, tuple[Callable[[], dict[str, Any]], set[int]]] = {
    "json": (lambda: {"json": {"file": "words"}}, {415}),
    "bytes": (lambda: {"data": b"words", "content_type": "text/plain"}, {415}),
    "a form": (lambda: {"data": b"file=words", "content_type": "application/x-www-form-urlencoded"}, {415}),
    "nothing": (dict, {415}),
    "no boundary": (lambda: {"data": b"words", "content_type": "multipart/form-data"}, {400}),
    "a cut body": (
        lambda: {
            "data": b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nwor',
            "content_type": "multipart/form-data; boundary=x",
        },
        {400},
    ),
    "no file": (lambda: {"data": b"--x--\r\n", "content_type": "multipart/form-data; boundary=x"}, {400}),
    "another field": (lambda: {"data": {"other": parts(1)}}, {400}),
    "two files": (lambda: {"data": {"file": parts(2)}}, {400}),
    "a second field": (lambda: {"data": {"file": parts(1), "author_id": "2"}}, {400}),
    "1,000 files": (lambda: {"data": {"file": parts(1_000)}}, {400, 413}),
    "2,000 fields": (lambda: {"data": {**{str(n): "x" for n in range(2_000)}, "file": parts(1)}}, {400, 413}),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("collector")
@pytest.mark.asvs("V5.2.1", "V4.1.1", "V15.3.3")
@rows("name", BODIES)
def test_only_a_form_with_one_file_is_taken(shelf: Shelf, name: str) -> None:
    make, statuses = BODIES[name]
    answer = shelf.program.call("POST", shelf.path, **make())
    assert answer.status_code in statuses
    assert answer.mimetype == PROBLEM
    if answer.status_code == 415:
        assert answer.headers["Accept"] == "multipart/form-data"
    assert shelf.stored() == 0


@pytest.mark.asvs("V5.2.4")
def test_a_full_quota_is_a_conflict(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads = shelf.blog.services.require_uploads()
    monkeypatch.setattr(uploads, "_quota", Quota(max_bytes=10**6, max_files=1))
    assert shelf.send("a.txt", b"words").status_code == 201
    assert refused(shelf.send("b.txt", b"words"), "quota") == 409
    assert shelf.stored() == 1


@pytest.mark.asvs("V5.4.3")
def test_what_waits_for_the_scanner_is_seen_by_its_authors_and_served_to_nobody(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def find_malware(self, _: bytes) -> str | None:
            raise StoreUnavailable

    monkeypatch.setattr(shelf.blog.services.require_uploads(), "_scanner", Away())
    file = shelf.send("a.txt", b"words").get_json()
    assert file["state"] == "held"
    shelf.publish()
    path = f"{shelf.path}/{file['id']}"
    assert shelf.program.get(path).get_json() == file
    assert shelf.program.get(shelf.path).get_json()["total"] == 1
    assert refused(Program(shelf.blog).get(path)) == 404
    assert Program(shelf.blog).get(shelf.path).get_json()["total"] == 0
    for caller in (shelf.program, Program(shelf.blog)):
        assert refused(caller.get(f"{path}/content")) == 404


def test_a_disk_that_is_full_is_a_503(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bastide.stores.folder.os.fsync", full)
        assert refused(shelf.send("a.txt", b"words")) == 503
    assert shelf.stored() == 0


@rows("name", ["0" * 40, "..", "%2e%2e%2fpasswd", "a.txt", "x" * 5_000, "%00", "%ff"])
def test_odd_names_are_not_there(shelf: Shelf, name: str) -> None:
    for path in (f"{shelf.path}/{name}", f"{shelf.path}/{name}/content"):
        assert shelf.program.get(path).status_code in {301, 308, 404}
    assert shelf.program.call("DELETE", f"{shelf.path}/{name}").status_code in {308, 404, 405}


@pytest.mark.asvs("V2.4.1")
def test_sending_files_has_the_rate_of_the_pages(shelf: Shelf) -> None:
    sent = shelf.send("a.txt", b"words")
    assert sent.headers["RateLimit-Policy"].startswith('"file";q=60;')
    shelf.blog.rows_changed("UPDATE bastide_attempt SET used = 60 WHERE subject LIKE 'file:account%'")
    answer = shelf.send("b.txt", b"words")
    assert refused(answer) == 429
    assert int(answer.headers["Retry-After"]) > 0
