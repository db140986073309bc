"""Attacks on the life of files: while they come, when what they belong to goes, and when something fails."""

import os
import signal
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from bastide.core.uploads import UploadState
from bastide.testing import FrozenClock
from conftest import make_blog
from support.at_once import beside
from support.blog import Blog
from support.desk import Body, Desk, by_script, form_with, send_raw
from support.processes import own_processes


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
    from bastide.core.foundation import StoreUnavailable

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


def test_a_file_whose_bytes_are_gone_is_not_found(desk: Desk) -> None:
    desk.send("a.txt", b"words")
    desk.stored()[0].unlink()
    assert desk.author.get(desk.only()).status_code == 404
    assert desk.author.get(f"/posts/{desk.post_id}").status_code == 200
    assert desk.author.post(f"{desk.only()}/remove").status_code == 303
    assert desk.names() == []


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
    child = own_processes().Process(target=die_while_writing, args=arguments)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    states = "SELECT state FROM bastide_upload ORDER BY state"
    assert [row[0] for row in desk.blog.rows(states)] == ["pending", "ready"]
    assert "new.txt" not in desk.author.get(desk.path).text
    assert desk.author.get(old).data == b"old words"
    clock.advance(timedelta(hours=2))
    assert "1 abandoned uploads deleted" in desk.blog.run("purge")[1]
    assert len(desk.stored()) == len(desk.blog.rows(states)) == 1
    desk.blog.close()
