"""Attacks through files: what is sent, what is kept, and what is served."""

import stat
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pikepdf import Dictionary, Encryption, Name, Pdf, String

from bastide.core.foundation import ConfigurationError
from bastide.pages import STATIC
from bastide.stores.folder import FolderStorage
from bastide.testing import FrozenClock
from support.blog import BASE, Blog
from support.desk import Desk
from support.documents import annotation, attach, document, what_is_in
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
from support.rows import rows

TRUE = {"txt": b"Plain words.", "pdf": document(), "png": png(), "jpg": jpeg(), "jpeg": jpeg(), "gif": gif()}


SANDBOX = "default-src 'none'"
SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def look_like(made: Pdf, other: bytes) -> None:
    picture = made.make_stream(b"", Subtype=Name.Image)
    picture.write(other, filter=Name.DCTDecode)
    made.pages[0].Contents = picture


@pytest.mark.asvs("V5.2.2", "V5.3.2")
@rows("extension", sorted(TRUE))
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
    # What a file is sent with gives way to what a private answer needs.
    assert answer.headers.getlist("Cache-Control") == ["no-store, private"]
    policy = answer.headers["Content-Security-Policy"]
    assert SANDBOX in policy
    assert "sandbox" in policy
    assert "'self'" not in policy.partition("frame-ancestors")[0].replace("base-uri", "")
    if extension == "txt":
        assert answer.data == TRUE[extension]
    desk.clear()


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
    "a document with files in it": ("a.pdf", document(attach)),
    "a document under a password": ("a.pdf", document(encryption=Encryption(owner="o", user="u"))),
    "half a document": ("a.pdf", document()[:-30]),
    "a document that unpacks to a hundred megabytes": ("a.pdf", pdf(stream(bytes(100_000_000)))),
    "a document that is a page": (
        "a.pdf",
        document(lambda made: look_like(made, b"<html><script>alert(1)</script>")),
    ),
    "half a picture": ("a.png", png((64, 64))[:60]),
    "a picture drawn over and over": ("a.jpg", redrawn_jpeg(5_000)),
    "nothing": ("a.txt", b""),
    "no extension": ("a", b"words"),
    "two extensions": ("a.png.html", png()),
    "a nul": ("a.txt", b"a\0b"),
    "no utf-8": ("a.txt", b"\xff\xfe"),
}


ACTIVE: dict[str, bytes] = {
    "a script": document(lambda made: made.Root.__setitem__("/OpenAction", SCRIPT)),
    "a script behind a link": document(
        lambda made: made.pages[0].Annots.append(annotation(made, "/Link", A=SCRIPT))
    ),
    "a hidden script": pdf(catalogue=b"/Pages 2 0 R /Open#41ction << /S /#4aavaScript /#4aS (x) >>"),
    "a script in an update": update(pdf(), b"<< /S /JavaScript /JS (x) >>"),
    "a script that an update took out": update(pdf(*[b"null"] * 5, b"<< /S /JavaScript /JS (x) >>"), b"null"),
    "more behind its end": document() + archive(),
    "an archive": pdf(stream(archive(), b"", is_packed=False)),
}


@pytest.mark.asvs("V5.2.2")
@rows("name", ACTIVE)
def test_documents_are_made_anew_without_what_acts(desk: Desk, name: str) -> None:
    assert desk.send("a.pdf", ACTIVE[name]).status_code == 303
    served = desk.author.get(desk.only()).data
    assert served.startswith(b"%PDF-")
    assert what_is_in(served).isdisjoint({"/JavaScript", "/JS", "/OpenAction"})
    assert b"PK\x03\x04" not in served
    (row,) = desk.blog.services.require_uploads().list_of(f"post:{desk.post_id}")
    assert (row.size_bytes, row.digest) == (len(served), sha256(served).digest())
    desk.clear()


@pytest.mark.asvs("V5.2.2", "V5.2.6")
@rows("name", HOSTILE)
def test_what_only_looks_like_a_file_is_refused_and_nothing_is_kept(desk: Desk, name: str) -> None:
    before = desk.blog.kinds().count("content:upload:refused")
    answer = desk.send(*HOSTILE[name])
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert desk.stored() == []
    assert desk.blog.rows("SELECT * FROM bastide_upload") == []
    # An empty file is none to Django.
    told = desk.blog.kinds().count("content:upload:refused") - before
    assert told == 1 or name == "nothing"


@pytest.mark.asvs("V14.2.8")
@rows(("name", "body"), [("a.png", marked_png()), ("a.jpg", marked_jpeg())])
def test_pictures_are_made_anew_without_what_they_carried(desk: Desk, name: str, body: bytes) -> None:
    assert MARKER in body
    assert desk.send(name, body).status_code == 303
    assert MARKER not in desk.author.get(desk.only()).data
    assert all(MARKER not in path.read_bytes() for path in desk.stored())
    desk.clear()


@pytest.mark.asvs("V14.2.8")
def test_a_document_loses_who_wrote_it_and_its_sender_is_told(desk: Desk) -> None:
    def sign(made: Pdf) -> None:
        made.docinfo["/Author"] = String(MARKER.decode())
        made.Root.Metadata = made.make_stream(b"<x:xmpmeta>" + MARKER, Type=Name.Metadata, Subtype=Name.XML)

    assert desk.send("a.pdf", document(sign)).status_code == 303
    assert what_is_in(desk.author.get(desk.only()).data).isdisjoint({MARKER.decode(), "/Metadata"})
    assert "lose what they say of" in desk.author.get(desk.path).text


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


@rows(
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
    desk.clear()


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


@rows("form", [{}, {"other": "x"}])
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
    beyond = reader.get(path, headers={"Range": "bytes=99-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, "bytes */10")
    changed = reader.get(path, headers={"Range": "bytes=2-4", "If-Range": '"another"'})
    assert (changed.status_code, changed.data) == (200, b"0123456789")
    assert reader.get(path, headers={"Range": "bytes=2-4", "If-Range": etag}).data == b"234"
    assert reader.get(path).headers["Accept-Ranges"] == "bytes"
