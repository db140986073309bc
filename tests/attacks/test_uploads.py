"""Attacks through files: what is sent, what is kept, and what is served."""

import gc
import os
import signal
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured
from werkzeug.test import TestResponse

from bastide.core.errors import ConfigurationError
from bastide.core.uploads import UploadState
from bastide.pages import STATIC
from bastide.stores.folder import FolderStorage
from bastide.testing import FrozenClock
from conftest import make_blog
from support.at_once import beside
from support.blog import BASE, Blog, Browser
from support.files import (
    MARKER,
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

TRUE = {"txt": b"Plain words.", "pdf": pdf(), "png": png(), "jpg": jpeg(), "jpeg": jpeg(), "gif": gif()}
SANDBOX = "default-src 'none'"


class Desk:
    """An author's post, and ways to send files to it."""

    def __init__(self, blog: Blog) -> None:
        self.blog = blog
        self.author = blog.signed_in("maud", "author", "reader")
        self.post_id = blog.write_post(self.author, "A post with files")
        self.path = f"/posts/{self.post_id}/files"
        self.subject = f"post:{self.post_id}"

    def send(
        self, name: str, body: bytes, declared: str = "", browser: Browser | None = None, **form: Any
    ) -> TestResponse:
        kind = declared or TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        return (browser or self.author).post(self.path, {"file": (BytesIO(body), name, kind), **form})

    def names(self) -> list[str]:
        return [row.name for row in self.blog.services.require_uploads().list_of(f"post:{self.post_id}")]

    def only(self) -> str:
        (name,) = self.names()
        return f"{self.path}/{name}"

    def stored(self) -> list[Path]:
        return sorted((self.blog.folder / "uploads").iterdir())


@pytest.fixture
def desk(blog: Blog) -> Desk:
    return Desk(blog)


def by_script(browser: Browser) -> dict[str, str]:
    """Return the headers of a script on the site's own pages, which calls the API in a session."""
    return {"X-CSRF-Token": browser.token(), "Origin": BASE, "Sec-Fetch-Site": "same-origin"}


@pytest.mark.asvs("V5.2.2", "V5.3.2")
@pytest.mark.parametrize("extension", sorted(TRUE))
def test_a_true_file_is_kept_under_a_random_name_and_served_harmless(desk: Desk, extension: str) -> None:
    assert desk.send(f"My summer.{extension}", TRUE[extension]).status_code == 303
    (path,) = desk.stored()
    assert len(path.name) == 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    answer = desk.author.get(desk.only())
    assert answer.status_code == 200
    assert answer.mimetype == TYPES[extension]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    disposition = "inline" if extension in {"png", "jpg", "jpeg", "gif"} else "attachment"
    assert answer.headers["Content-Disposition"] == f'{disposition}; filename="My summer.{extension}"'
    policy = answer.headers["Content-Security-Policy"]
    assert SANDBOX in policy
    assert "sandbox" in policy
    assert "'self'" not in policy.partition("frame-ancestors")[0].replace("base-uri", "")
    if extension in {"txt", "pdf"}:
        assert answer.data == TRUE[extension]


@pytest.mark.asvs("V5.2.2")
def test_only_what_name_type_and_content_agree_on_is_kept(blog: Blog, desk: Desk, clock: FrozenClock) -> None:
    kept = 0
    for extension, declared, content in product(sorted(TRUE), sorted(TRUE), sorted(TRUE)):
        clock.advance(timedelta(minutes=2))
        agrees = TYPES[extension] == TYPES[declared] == TYPES[content]
        answer = desk.send(f"a.{extension}", TRUE[content], TYPES[declared])
        assert answer.status_code == (303 if agrees else 400), (extension, declared, content)
        kept += agrees
    assert len(desk.stored()) == kept == 4 + 8


HOSTILE: dict[str, tuple[str, bytes]] = {
    "a page as text": ("a.txt", b"<!doctype html><script>alert(1)</script>"),
    "a page as picture": ("a.png", b"<html><script>alert(1)</script>"),
    "a drawing as picture": ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "a drawing": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "a page": ("a.html", b"<p>hello"),
    "an archive": ("a.zip", b"PK\x03\x04"),
    "a program as document": ("a.pdf", b"\x7fELF" + b"\0" * 60),
    "a document with a script": ("a.pdf", pdf(b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>")),
    "a document with a hidden script": ("a.pdf", pdf(b"<< /S /#4aavaScript /#4aS (x) >>")),
    "a document with a script in an update": ("a.pdf", update(pdf(), b"<< /S /JavaScript /JS (x) >>")),
    "a document whose update hides a script": (
        "a.pdf",
        update(pdf(b"<< /S /JavaScript /JS (x) >>"), b"null"),
    ),
    "a document that is an archive": ("a.pdf", pdf(stream(archive(), b"", is_packed=False))),
    "a document that is a page": (
        "a.pdf",
        pdf(stream(b"<html><script>alert(1)</script>", b"", is_packed=False)),
    ),
    "a document with more behind its end": ("a.pdf", pdf(tail=archive())),
    "half a picture": ("a.png", png((64, 64))[:60]),
    "a picture drawn over and over": ("a.jpg", redrawn_jpeg(5_000)),
    "nothing": ("a.txt", b""),
    "no extension": ("a", b"words"),
    "two extensions": ("a.png.html", png()),
    "a nul": ("a.txt", b"a\0b"),
    "no utf-8": ("a.txt", b"\xff\xfe"),
}


@pytest.mark.asvs("V5.2.2", "V5.2.6")
@pytest.mark.parametrize("name", HOSTILE)
def test_what_only_looks_like_a_file_is_refused_and_nothing_is_kept(desk: Desk, name: str) -> None:
    answer = desk.send(*HOSTILE[name])
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert desk.stored() == []
    assert desk.blog.rows("SELECT * FROM bastide_upload") == []
    # An empty file is none to Django.
    assert name == "nothing" or "content:upload:refused" in desk.blog.kinds()


@pytest.mark.asvs("V14.2.8")
@pytest.mark.parametrize(("name", "body"), [("a.png", marked_png()), ("a.jpg", marked_jpeg())])
def test_pictures_are_made_anew_without_what_they_carried(desk: Desk, name: str, body: bytes) -> None:
    assert MARKER in body
    assert desk.send(name, body).status_code == 303
    assert MARKER not in desk.author.get(desk.only()).data
    assert all(MARKER not in path.read_bytes() for path in desk.stored())


@pytest.mark.asvs("V14.2.8")
def test_a_document_is_kept_byte_for_byte_and_its_sender_is_told(desk: Desk) -> None:
    xmp = stream(b"<x:xmpmeta>" + MARKER + b"</x:xmpmeta>", b"/Type /Metadata /Subtype /XML", is_packed=False)
    body = update(pdf(xmp), b"<</Author (%b) /Producer (Writer)>>" % MARKER)
    assert desk.send("a.pdf", body).status_code == 303
    assert desk.author.get(desk.only()).data == body
    assert "a PDF keeps it" in desk.author.get(desk.path).text


@pytest.mark.asvs("V5.2.1")
def test_too_much_is_refused_while_it_is_read(desk: Desk) -> None:
    large = b"a" * (5 * 1024 * 1024 + 1)
    assert desk.send("a.txt", large).status_code == 400
    for size in (6_000_000, 20_000_000):
        assert desk.send("a.txt", b"a" * size).status_code == 413
    assert desk.send("a.txt", b"a" * (5 * 1024 * 1024)).status_code == 303
    assert len(desk.stored()) == 1


@pytest.mark.asvs("V5.2.1")
def test_no_other_page_takes_a_large_file(desk: Desk) -> None:
    for path in ("/posts/new", "/profile", "/account/sign-in"):
        form = {"title": "x", "file": (BytesIO(b"a" * 2_000_000), "a.txt", "text/plain")}
        assert desk.author.post(path, form).status_code == 413, path


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"), ("..\\..\\boot.txt", "boot.txt"), ("CON.txt", "_CON.txt"),
        ("a\u202egnp.txt", "agnp.txt"), ("x" * 300 + ".txt", "x" * 196 + ".txt"), ("日本.txt", "日本.txt"),
        ("<img src=x onerror=alert(1)>.txt", "_img src=x onerror=alert(1)_.txt"),
    ],
)  # fmt: skip
def test_names_are_harmless_text_and_never_used_to_keep(desk: Desk, raw: str, shown: str) -> None:
    assert desk.send(raw, b"words").status_code == 303
    (path,) = desk.stored()
    assert path.parent == desk.blog.folder / "uploads"
    (row,) = desk.blog.services.require_uploads().list_of(f"post:{desk.post_id}")
    assert row.display_name == shown
    assert "<img" not in desk.author.get(desk.path).text.partition("<main")[2]
    header = desk.author.get(desk.only()).headers["Content-Disposition"]
    assert header.isascii()
    assert "\r" not in header


@pytest.mark.asvs("V8.2.2")
def test_files_are_seen_and_changed_by_whom_their_post_is(blog: Blog, desk: Desk) -> None:
    desk.send("a.txt", b"words")
    path = desk.only()
    other, stranger = blog.signed_in("tomas", "author", "reader"), blog.browser()
    for browser in (other, stranger):
        assert browser.get(path).status_code == 404
    assert other.get(desk.path).status_code == 404
    assert desk.send("b.txt", b"words", browser=other).status_code == 404
    assert other.post(f"{path}/remove").status_code == 404
    desk.author.post(f"/posts/{desk.post_id}/publish")
    assert [browser.get(path).status_code for browser in (other, stranger)] == [200, 200]
    assert other.get(desk.path).status_code == 403
    assert desk.send("b.txt", b"words", browser=other).status_code == 403
    assert other.post(f"{path}/remove").status_code == 403
    assert path in stranger.get(f"/posts/{desk.post_id}").text
    # A file answers under its own post only.
    mine = blog.publish(other, "Another post")
    assert stranger.get(f"/posts/{mine}/files/{path.rpartition('/')[2]}").status_code == 404
    assert other.post(f"/posts/{mine}/files/{path.rpartition('/')[2]}/remove").status_code == 404
    for name in ("0" * 40, "..", "%2e%2e%2fpasswd", "a.txt"):
        assert stranger.get(f"/posts/{desk.post_id}/files/{name}").status_code == 404
    assert desk.author.post(f"{path}/remove").status_code == 303
    assert desk.stored() == []


@pytest.mark.asvs("V2.2.1", "V16.5.3")
def test_a_name_that_no_database_takes_is_no_outage(blog_on_each_database: Blog) -> None:
    desk = Desk(blog_on_each_database)
    for name in ("%00", f"{'0' * 39}%00", "0" * 4_000, "%ed%a0%80", "%f0%9f%98%80"):
        assert desk.author.get(f"{desk.path}/{name}").status_code == 404
        assert desk.author.post(f"{desk.path}/{name}/remove").status_code == 404


@pytest.mark.asvs("V3.5.1")
def test_sending_wants_a_session_and_a_token(desk: Desk) -> None:
    form = {"file": (BytesIO(b"words"), "a.txt", "text/plain")}
    forged = desk.author.open("POST", desk.path, data=form, headers={"Origin": BASE})
    assert forged.status_code == 403
    assert desk.send("a.txt", b"words", browser=desk.blog.browser()).status_code in {303, 403}
    assert desk.stored() == []


@pytest.mark.asvs("V8.2.1")
def test_a_route_that_takes_files_with_no_place_for_them_stops_the_start(blog: Blog) -> None:
    with pytest.raises(ConfigurationError, match=r"upload_storage.*files"):
        blog.start_with_uploads_in(None)


@pytest.mark.asvs("V5.3.1")
def test_uploads_in_below_or_around_what_is_sent_to_everybody_stop_the_start(
    blog: Blog, tmp_path: Path
) -> None:
    static = tmp_path / "site" / "static"
    static.mkdir(parents=True)
    (tmp_path / "link").symlink_to(static)
    for folder in (static, static / "deep" / "files", tmp_path / "site", tmp_path / "link" / "x", STATIC):
        with pytest.raises((ConfigurationError, ImproperlyConfigured), match="folder of its own"):
            blog.start_with_uploads_in(FolderStorage(folder), static=static)
    (tmp_path / "elsewhere").symlink_to(tmp_path / "site")
    with pytest.raises((ConfigurationError, ImproperlyConfigured), match="folder of its own"):
        blog.start_with_uploads_in(FolderStorage(static), static=tmp_path / "elsewhere" / "static")
    blog.start_with_uploads_in(FolderStorage(tmp_path / "site" / "static-files"), static=static)


@pytest.mark.parametrize("form", [{}, {"other": "x"}])
def test_a_form_without_its_file_is_refused(desk: Desk, form: dict[str, str]) -> None:
    assert desk.author.post(desk.path, form).status_code == 400
    two = {"file": [(BytesIO(b"a"), "a.txt", "text/plain"), (BytesIO(b"b"), "b.txt", "text/plain")]}
    assert desk.author.post(desk.path, two).status_code == 400
    assert desk.stored() == []


@pytest.mark.asvs("V15.3.3", "V8.2.3")
def test_what_the_form_does_not_have_is_refused_beside_a_true_file(desk: Desk) -> None:
    word = (BytesIO(b"words"), "b.txt", "text/plain")
    extras: list[dict[str, Any]] = [
        {"owner": "1"}, {"name": "0" * 40}, {"media_type": "text/html"}, {"state": "ready"}, {"file ": "x"},
        {"other": word}, {"file": [word, word]}, {f"field{number}": "x" for number in range(900)},
        {f"file{number}": (BytesIO(b"words"), "b.txt", "text/plain") for number in range(90)},
    ]  # fmt: skip
    for extra in extras:
        form = {"file": (BytesIO(b"words"), "a.txt", "text/plain"), **extra}
        answer = desk.author.post(desk.path, form)
        assert (answer.status_code, 'role="alert"' in answer.text) == (400, True), extra
    # The parsers themselves stop at a thousand parts.
    many = {f"field{number}": "x" for number in range(1_001)}
    assert desk.send("a.txt", b"words", **many).status_code in {400, 413}
    assert (desk.stored(), desk.blog.rows("SELECT * FROM bastide_upload")) == ([], [])
    assert desk.send("a.txt", b"words").status_code == 303


def test_a_deleted_post_takes_its_files_along(desk: Desk) -> None:
    desk.send("a.txt", b"words")
    assert len(desk.stored()) == 1
    assert desk.author.post(f"/posts/{desk.post_id}/delete").status_code == 303
    assert desk.stored() == []
    assert desk.blog.rows("SELECT * FROM bastide_upload") == []


@pytest.mark.asvs("V14.2.7")
def test_files_of_an_account_that_is_gone_are_served_no_more_and_purged(blog_on_each_database: Blog) -> None:
    blog, desk = blog_on_each_database, Desk(blog_on_each_database)
    desk.send("own.txt", b"words of the author")
    assert desk.send("hers.txt", b"more", browser=blog.signed_in("rosa", "administrator")).status_code == 303
    names = {row.display_name: row.name for row in blog.services.require_uploads().list_of(desk.subject)}
    blog.delete_account("rosa")
    assert desk.author.get(f"{desk.path}/{names['own.txt']}").status_code == 200
    assert desk.author.get(f"{desk.path}/{names['hers.txt']}").status_code == 404
    for path in (desk.path, f"/posts/{desk.post_id}"):
        assert "hers.txt" not in desk.author.get(path).text
    assert "1 abandoned uploads deleted" in blog.run("purge")[1]
    assert [path.read_bytes() for path in desk.stored()] == [b"words of the author"]
    # A post holds its author's account; the application deletes both.
    blog.rows_changed("DELETE FROM post")
    blog.delete_account("maud")
    assert "1 abandoned uploads deleted" in blog.run("purge")[1]
    assert (desk.stored(), blog.rows("SELECT * FROM bastide_upload")) == ([], [])


@pytest.mark.asvs("V5.2.4", "V15.4.2")
@pytest.mark.parametrize("verb", ["reserve_upload", "settle_upload"])
@pytest.mark.parametrize(("sent", "way"), [("page", "page"), ("page", "api"), ("api", "page")])
def test_a_file_that_comes_while_its_post_goes_goes_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, verb: str, sent: str, way: str
) -> None:
    """SQLite locks no row, so that the file is judged while its post is there, and kept when it is gone."""
    desk.send("a.txt", b"words of before")
    second = desk.blog.browser()
    second.set_cookie("__Host-session", str(desk.author.cookie("__Host-session")))
    store: Any = desk.blog.services.require_uploads()._store  # noqa: SLF001 -- between two of its verbs
    act = getattr(store, verb)

    def delete() -> int:
        if way == "page":
            return second.post(f"/posts/{desk.post_id}/delete").status_code
        return second.open("DELETE", f"/api/v1/posts/{desk.post_id}", headers=by_script(second)).status_code

    def send() -> int:
        if sent == "page":
            return desk.send("b.txt", b"late words").status_code
        form = {"file": (BytesIO(b"late words"), "b.txt", "text/plain")}
        path = f"/api/v1/posts/{desk.post_id}/files"
        return desk.author.open("POST", path, data=form, headers=headers).status_code

    def late(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(store, verb, act)
        assert beside(desk.blog, delete) in {204, 303}
        return act(*arguments, **options)

    headers = by_script(desk.author)
    monkeypatch.setattr(store, verb, late)
    assert send() in ({400, 404} if sent == "page" else {404, 409})
    assert desk.stored() == []
    assert desk.blog.rows("SELECT * FROM bastide_upload") == []


@pytest.mark.asvs("V5.2.4", "V15.4.2")
def test_a_file_that_comes_before_its_post_is_gone_goes_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    service: Any = desk.blog.services.require_uploads()
    remove_all = type(service).remove_all
    second = desk.blog.browser()
    second.set_cookie("__Host-session", str(desk.author.cookie("__Host-session")))

    def before(*arguments: Any, **options: Any) -> None:
        monkeypatch.setattr(type(service), "remove_all", remove_all)
        remove_all(*arguments, **options)
        assert beside(desk.blog, lambda: desk.send("b.txt", b"late", browser=second)).status_code == 303

    monkeypatch.setattr(type(service), "remove_all", before)
    assert desk.author.post(f"/posts/{desk.post_id}/delete").status_code == 303
    assert desk.stored() == []
    assert desk.blog.rows("SELECT * FROM bastide_upload") == []


def test_a_full_disk_leaves_nothing_half_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.send("a.txt", b"the first")
    before = [path.read_bytes() for path in desk.stored()]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bastide.stores.folder.os.fsync", full)
        assert desk.send("b.txt", b"the second").status_code == 503
    assert [path.read_bytes() for path in desk.stored()] == before
    assert len(desk.names()) == 1
    assert desk.author.get(desk.only()).data == b"the first"


@pytest.mark.asvs("V5.4.3")
def test_what_waits_for_the_scanner_is_listed_and_not_served(desk: Desk) -> None:
    from bastide.core.errors import StoreUnavailable

    class Away:
        is_away = True

        def find_malware(self, data: bytes) -> str | None:
            if self.is_away:
                raise StoreUnavailable
            return "Eicar" if b"bad" in data else None

    scanner, uploads = Away(), desk.blog.services.require_uploads()
    uploads._scanner = scanner  # noqa: SLF001 -- what an application hands in
    assert desk.send("a.txt", b"good words").status_code == 303
    assert desk.send("b.txt", b"bad words").status_code == 303
    assert "waits for the virus scanner" in desk.author.get(desk.path).text
    assert all(desk.author.get(f"{desk.path}/{name}").status_code == 404 for name in desk.names())
    scanner.is_away = False
    assert desk.blog.run("scan") == (0, "1 ready, 1 refused\n")
    assert desk.author.get(desk.only()).data == b"good words"
    assert [row.state for row in uploads.list_of(f"post:{desk.post_id}")] == [UploadState.READY]
    assert desk.send("c.txt", b"bad words").status_code == 400


@pytest.mark.asvs("V5.4.1")
def test_what_did_not_change_is_not_sent_again(desk: Desk) -> None:
    desk.send("a.txt", b"words")
    first = desk.author.get(desk.only())
    again = desk.author.get(desk.only(), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.asvs("V5.4.1")
def test_ranges_of_a_file(desk: Desk) -> None:
    desk.send("a.txt", b"0123456789")
    path, reader = desk.only(), desk.author
    etag = reader.get(path).headers["ETag"]
    for asked, part, place in (("2-4", b"234", "2-4"), ("7-", b"789", "7-9"), ("-2", b"89", "8-9")):
        found = reader.get(path, headers={"Range": f"bytes={asked}"})
        assert (found.status_code, found.data) == (206, part)
        assert found.headers["Content-Range"] == f"bytes {place}/10"
        assert found.headers["Content-Length"] == str(len(part))
        assert "sandbox" in found.headers["Content-Security-Policy"]
    assert reader.get(path, headers={"Range": "bytes=99-"}).status_code == 416
    changed = reader.get(path, headers={"Range": "bytes=2-4", "If-Range": '"another"'})
    assert (changed.status_code, changed.data) == (200, b"0123456789")
    assert reader.get(path, headers={"Range": "bytes=2-4", "If-Range": etag}).data == b"234"
    assert reader.get(path).headers["Accept-Ranges"] == "bytes"


def test_a_file_whose_bytes_are_gone_is_not_found(desk: Desk) -> None:
    desk.send("a.txt", b"words")
    desk.stored()[0].unlink()
    assert desk.author.get(desk.only()).status_code == 404
    assert desk.author.get(f"/posts/{desk.post_id}").status_code == 200
    assert desk.author.post(f"{desk.only()}/remove").status_code == 303
    assert desk.names() == []


class Body:
    """A body as a server hands it over, which counts what is taken of it."""

    def __init__(self, data: bytes) -> None:
        self._data = BytesIO(data)
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        part = self._data.read(65_536 if size < 0 else min(size, 65_536))
        self.taken += len(part)
        return part

    def readline(self, size: int = -1) -> bytes:
        part = self._data.readline(size)
        self.taken += len(part)
        return part


def form_with(desk: Desk, size: int, *, names: int = 1) -> bytes:
    """Return a form with a token and so many files, as it travels."""
    token = f'name="{desk.author.token_field}"\r\n\r\n{desk.author.token()}'.encode()
    file = b'name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n' + b"x" * size
    return (
        b"".join(b"--b\r\nContent-Disposition: form-data; %b\r\n" % part for part in [token, *[file] * names])
        + b"--b--\r\n"
    )


def send_raw(desk: Desk, body: Any, length: int | None, browser: Browser | None = None) -> int:
    """Send a body that is as long as it says, or not, or says nothing, as behind chunks."""
    environ = {
        "CONTENT_TYPE": "multipart/form-data; boundary=b", "wsgi.input": body, "wsgi.input_terminated": True,
        "CONTENT_LENGTH": "" if length is None else str(length),
    }  # fmt: skip
    headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    return (browser or desk.author).open("POST", desk.path, headers=headers, environ=environ).status_code


# A parser that is stopped leaves its temporary file to the collector, in either framework.
@pytest.fixture
def collector(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    caplog.clear()
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("collector")
@pytest.mark.asvs("V5.2.1", "V15.2.2")
def test_the_limit_holds_whatever_a_body_says_of_its_length(desk: Desk) -> None:
    large = form_with(desk, 7 * 1024 * 1024)
    honest = Body(large)
    assert (send_raw(desk, honest, len(large)), honest.taken) == (413, 0)
    for length in (len(large) + 10_000_000, 100, None):
        body = Body(large)
        # Django reads nothing of a body whose length it is not told, and misses the token then.
        assert send_raw(desk, body, length) in {400, 403, 413}
        assert body.taken <= 5 * 1024 * 1024 + 2 * 65_536
    many = form_with(desk, 1, names=1_000)
    assert send_raw(desk, Body(many), len(many)) in {400, 413}
    assert (desk.stored(), desk.names()) == ([], [])


@pytest.mark.asvs("V5.2.1", "V7.4.3")
def test_a_slow_body_holds_nothing_and_ends_with_its_session(desk: Desk) -> None:
    from attacks.test_late_bodies import LateBody, stolen

    thief = stolen(desk.blog, desk.author)
    whole = form_with(desk, 10)

    def meanwhile() -> None:
        assert desk.blog.rows("SELECT * FROM bastide_upload") == []
        assert desk.send("own.txt", b"words of the author").status_code == 303
        assert desk.author.post("/account/sign-out").status_code == 303

    assert send_raw(desk, LateBody(whole, meanwhile), len(whole), thief) in {303, 403}
    assert [row[0] for row in desk.blog.rows("SELECT display_name FROM bastide_upload")] == ["own.txt"]


def die_while_writing(framework: str, url: str, folder: Path, now: datetime, session: str, path: str) -> None:
    """Send a file, in a process that is killed when the bytes are written and their row does not say so yet."""
    blog = make_blog(url, folder, FrozenClock(now), framework=framework)
    browser = blog.browser()
    browser.set_cookie("__Host-session", session)

    def kill(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with mock.patch("bastide.stores.folder.os.fsync", kill):
        browser.post(path, {"file": (BytesIO(b"half of it"), "new.txt", "text/plain")})


@pytest.mark.asvs("V2.3.3")
def test_a_killed_process_leaves_nothing_to_be_seen(
    framework: str, database_url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    desk = Desk(make_blog(database_url, tmp_path, clock, framework=framework))
    desk.send("old.txt", b"old words")
    old, session = desk.only(), str(desk.author.cookie("__Host-session"))
    arguments = (framework, database_url, tmp_path, clock.now(), session, desk.path)
    child = get_context("spawn").Process(target=die_while_writing, args=arguments)
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    states = "SELECT state FROM bastide_upload ORDER BY state"
    assert [row[0] for row in desk.blog.rows(states)] == ["pending", "ready"]
    assert "new.txt" not in desk.author.get(desk.path).text
    assert desk.author.get(old).data == b"old words"
    clock.advance(timedelta(hours=2))
    assert "1 abandoned uploads deleted" in desk.blog.run("purge")[1]
    assert len(desk.stored()) == len(desk.blog.rows(states)) == 1
    desk.blog.close()
