"""Headers on every answer, faults and absurd input."""

import json
import logging
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from bastide.core.foundation import StoreUnavailable
from bastide.core.security_log import EventFilter, EventKind
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import Blog
from support.rows import rows
from support.templates import put_empty_database

FORM = "application/x-www-form-urlencoded"
CONSTANT = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.mark.asvs("V3.4.1", "V3.4.4", "V3.4.5", "V3.4.6", "V3.4.8", "V4.1.1")
def test_every_answer_carries_the_headers(blog: Blog) -> None:
    browser, with_cookie = blog.browser(), blog.browser()
    with_cookie.token()
    answers = {
        200: browser.get("/"), 303: browser.get("/account"), 404: browser.get("/nothing"), 405: browser.get("/account/sign-out"),
        403: browser.open("POST", "/account/sign-in"), 400: browser.get("/?sort=evil"),
        413: with_cookie.open("POST", "/account/sign-in", data=b"x" * 1_000_001, content_type=FORM),
        204: browser.open("POST", "/csp-reports", data=json.dumps({"csp-report": {"document-uri": "/"}}), content_type="application/csp-report"),
    }  # fmt: skip
    answers[1] = browser.get("/static/blog.css")
    answers[1].close()
    answers[2] = browser.get("/", base_url="https://localhost")
    for status, answer in answers.items():
        assert status < 3 or answer.status_code == status, (status, answer.status_code)
        for name, value in CONSTANT.items():
            assert answer.headers.getlist(name) == [value], (status, name)
        policy = answer.headers.getlist("Content-Security-Policy")
        assert len(policy) == 1
        assert "frame-ancestors 'none'" in policy[0]
        assert "unsafe-inline" not in policy[0]
    assert answers[2].headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in answers[200].headers


@pytest.mark.asvs("V3.4.3")
def test_the_nonce_is_the_pages_own_and_new_each_time(blog: Blog) -> None:
    author = blog.signed_in("maud", "author", "reader")
    post_id = blog.publish(author, "A plain post")
    nonces = set()
    for _ in range(3):
        answer = author.get(f"/posts/{post_id}")
        nonce = answer.text.partition('nonce="')[2].partition('"')[0]
        assert f"script-src 'nonce-{nonce}' 'strict-dynamic'" in answer.headers["Content-Security-Policy"]
        nonces.add(nonce)
    assert len(nonces) == 3


@pytest.mark.asvs("V14.2.2", "V14.3.2", "V3.5.7")
def test_private_answers_are_never_stored(blog: Blog) -> None:
    browser = blog.signed_in("maud")
    for path in ("/", "/account", "/account/sign-in", "/csrf-token", "/nothing"):
        answer = browser.get(path)
        assert answer.headers.getlist("Cache-Control") == ["no-store, private"], path
        assert "Cookie" in answer.headers["Vary"]
    assert "Cache-Control" not in blog.browser().get("/").headers


@pytest.mark.asvs("V4.1.2", "V4.1.3")
def test_foreign_hosts_and_plain_http_are_refused(framework: str, tmp_path: Path, clock: FrozenClock) -> None:
    url = f"sqlite:///{tmp_path / 'b.sqlite3'}"
    blog = make_blog(url, tmp_path, clock, framework=framework, plain_http_hosts=frozenset())
    browser = blog.browser()
    assert browser.get("/x?y=1").headers["Location"] == "https://localhost/x?y=1"
    assert browser.open("POST", "/account/sign-in").status_code == 400
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example"):
        assert browser.get("/", base_url="https://localhost", headers={"Host": host}).status_code == 400
    spoofed = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "6.6.6.6"}
    assert browser.get("/", headers=spoofed).status_code == 308
    assert browser.get("/", base_url="https://localhost").status_code == 200
    blog.close()


@pytest.mark.asvs("V16.5.1", "V16.5.4", "V13.4.2")
def test_a_broken_view_shows_a_generic_page_with_a_request_id(blog: Blog) -> None:
    with blog.break_view("posts.feed", RuntimeError("planted-secret")):
        answer = blog.browser().get("/feed.xml")
    assert answer.status_code == 500
    assert "planted-secret" not in answer.text
    assert "Traceback" not in answer.text
    events, _ = blog.services.stores.events.list_events(
        EventFilter(kinds=frozenset({EventKind.UNEXPECTED_ERROR})), offset=0, limit=1
    )
    assert events[0].request_id in answer.text
    assert blog.browser().get("/").status_code == 200


@pytest.mark.asvs("V16.5.2", "V16.5.3")
def test_without_the_database_nobody_gets_in(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = blog.signed_in("maud")
    sessions = type(blog.services.stores.sessions)
    attempts = type(blog.services.stores.attempts)

    def gone(*_: object, **__: object) -> Any:
        msg = "the database did not answer"
        raise StoreUnavailable(msg)

    monkeypatch.setattr(attempts, "reserve_attempt", gone)
    assert blog.browser().sign_in("maud").status_code == 503
    monkeypatch.setattr(sessions, "load_session", gone)
    answer = browser.get("/account")
    assert answer.status_code == 503
    assert "did not answer" not in answer.text
    assert "quote" in answer.text
    assert browser.get("/moderation").status_code == 503


def test_a_busy_sqlite_waits_then_refuses_and_loses_nothing(blog: Blog) -> None:
    import sqlite3

    author = blog.signed_in("maud", "author", "reader")
    token = author.token()
    holder = sqlite3.connect(blog.engine.url.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with blog.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000
    form = {blog.token_field: token, "title": "While it was busy", "content": "Ten letters.", "tags": ""}
    assert author.open("POST", "/posts/new", data=form).status_code == 503
    holder.execute("ROLLBACK")
    holder.close()
    assert blog.rows("SELECT count(*) FROM post")[0][0] == 0
    assert author.post("/posts/new", form).status_code == 303


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V16.3.1", "V16.2.4", "V16.2.5", "V16.4.1")
def test_the_log_is_json_lines_without_secrets(blog: Blog, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="bastide.events")
    browser = blog.signed_in("maud")
    blog.browser(agent="\x1b[31m evil\u202e").sign_in("ma\u202eud\r\nforged", "planted password text")
    lines = [record.getMessage() for record in caplog.records if record.name == "bastide.events"]
    events = [json.loads(line) for line in lines]
    signed_in = "account:factor:success" if blog.gives_factors else "account:login:success"
    assert {signed_in, "account:login:failure"} <= {event["kind"] for event in events}
    cookie = browser.cookie("__Host-session") or "?"
    dump = "\n".join(lines) + str(blog.rows("SELECT * FROM bastide_event"))
    assert cookie not in dump
    assert "planted password text" not in dump
    assert "correct horse" not in dump
    assert all("\r" not in line and "\n" not in line and "\u202e" not in line for line in lines)


@pytest.mark.asvs("V16.2.5", "V16.4.1")
@rows("segment", ["planted-token", "ma%0aforged", "%1b%5b31mred", "a%25sb%25(c)d", "ma%e2%80%ae"])
def test_no_line_of_any_logger_repeats_what_is_in_a_path(
    blog: Blog, segment: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A path may hold a mailed token, or what forges a line or colours a terminal."""
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    with blog.break_view("people.author", RuntimeError("planted-secret")):
        assert blog.browser().get(f"/authors/{segment}").status_code == 500
    # A mailed link with a slash too many, and one that is opened under another host.
    assert blog.browser().get(f"/account/reset/{segment}/").status_code == 404
    assert blog.browser().get(f"/nothing/%0aforged{segment}").status_code == 404
    foreign = blog.browser().get(f"/account/reset/{segment}", base_url="http://elsewhere.example")
    assert foreign.status_code == 400
    lines = [record.getMessage() for record in caplog.records]
    assert any("/authors/<" in line and "username>" in line for line in lines)
    for line in lines:
        assert line.isprintable(), line
        assert unquote(segment) not in line


@pytest.mark.asvs("V16.2.1")
def test_text_that_grows_when_written_out_fits_the_tables(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    report = {"csp-report": {"blocked-uri": "\U0010fffd" * 200, "violated-directive": "img-src"}}
    answer = blog.browser().open(
        "POST", "/csp-reports", data=json.dumps(report), content_type="application/csp-report"
    )
    assert answer.status_code == 204
    assert len(blog.rows("SELECT blocked FROM bastide_violation")) == 1


@pytest.mark.asvs("V3.4.7")
def test_browser_reports_are_grouped_and_shown_to_administrators(blog: Blog) -> None:
    report = {"csp-report": {"effective-directive": "script-src", "blocked-uri": "https://evil.example/x",
                             "document-uri": "http://localhost/posts/1?token=secret"}}  # fmt: skip
    for _ in range(3):
        sent = blog.browser().open(
            "POST", "/csp-reports", data=json.dumps(report), content_type="application/csp-report"
        )
        assert sent.status_code == 204
    page = blog.signed_in("boss1", "administrator").get("/admin/csp-reports").text
    assert page.count("https://evil.example") == 1
    assert "secret" not in page
    for body, kind in (
        (b"{", "application/csp-report"),
        (b"x" * 20_000, "application/csp-report"),
        (b"{}", "text/plain"),
    ):
        answer = blog.browser().open("POST", "/csp-reports", data=body, content_type=kind)
        assert answer.status_code == 400
        assert answer.mimetype == "application/problem+json"
    statuses = [
        blog.browser().open("POST", "/csp-reports", data=b"{", content_type="text/plain").status_code
        for _ in range(60)
    ]
    assert statuses[-1] == 429


@pytest.mark.asvs("V2.2.1", "V1.1.2")
def test_naughty_strings_are_kept_unchanged_or_refused(blog: Blog, corpora: dict[str, list[str]]) -> None:
    from html import unescape

    from bastide.core.foundation import InvalidInput
    from blog_shared.rules import POST_TITLE

    author = blog.signed_in("maud", "author", "reader")
    post_id = blog.publish(author, "A plain post")
    own = [
        "ﬀ",
        "Ω≈ç√∫",
        "田中さん",
        "💩" * 20,
        "\u202btest\u202b",
        "\u200b\u200b\u200b",
        "NULL",
        "undefined",
        "' \" `",
        "\\",
        "a\ud800b",
    ]
    for text in own + corpora.get("blns", []):
        title = f"Title {text}"
        answer = author.post(
            f"/posts/{post_id}/edit",
            {"title": title.encode("utf-8", "replace").decode(), "content": "Ten letters.", "tags": ""},
        )
        if answer.status_code == 400:
            with pytest.raises(InvalidInput):
                POST_TITLE.parse(title)
            continue
        assert answer.status_code == 303, text
        stored = blog.rows("SELECT title FROM post")[0][0]
        assert stored == title.encode("utf-8", "replace").decode().strip(" \t")
        assert stored in unescape(author.get(f"/posts/{post_id}").text)


def test_two_workers_on_one_fresh_database_both_come_up(database_url: str, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy import create_engine

    from blog_flask.database import migrate

    put_empty_database(database_url)

    def prepare(_: int) -> None:
        engine = create_engine(database_url)
        migrate(engine)
        engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(prepare, range(4)))
    blog = make_blog(database_url, tmp_path, FrozenClock())
    assert blog.browser().get("/").status_code == 200
    blog.close()


@pytest.mark.asvs("V2.2.1", "V15.3.3")
def test_bodies_that_are_no_form_are_refused_everywhere(blog: Blog) -> None:
    author = blog.signed_in("maud", "author", "reader")
    post_id = blog.publish(author, "A plain post")
    headers = {"X-CSRF-Token": author.token(), "Origin": "http://localhost"}
    for path in (
        "/posts/new",
        f"/posts/{post_id}/comments",
        "/contact",
        "/account/password",
        "/account/confirm",
    ):
        bodies: list[dict[str, Any]] = [
            {}, {"json": {"body": "From JSON", "state": "approved"}}, {"json": {"name": 1}},
            {"data": {"name": (BytesIO(b"x"), "f")}},
        ]  # fmt: skip
        for body in bodies:
            assert author.open("POST", path, headers=headers, **body).status_code == 400, (path, body)
    assert blog.rows("SELECT count(*) FROM comment")[0][0] == 0


def test_odd_bytes_in_a_cookie_or_a_name_break_nothing(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    browser = blog.browser()
    for path in ("/", "/csrf-token", "/account/sign-in", "/account"):
        for cookie in ("theme=\xff", "__Host-session=\xff; __Host-visitor=\xff", "=; ;;"):
            assert browser.get(path, environ={"HTTP_COOKIE": cookie}).status_code in {200, 303}
    assert browser.sign_in("ma\x00ud").status_code == 400


class Garbled:
    """A body that the server finds to be cut off or framed wrongly while it is read."""

    def __init__(self, error: type[Exception]) -> None:
        self._error = error

    def read(self, *_: int) -> bytes:
        raise self._error

    readline = read


class BadChunk(Exception):
    """What servers raise has a class of their own."""


@pytest.mark.asvs("V16.5.1")
def test_a_body_that_cannot_be_read_is_the_callers_fault(blog: Blog) -> None:
    browser = blog.signed_in("maud", "author", "reader")
    wrong = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    for error in (BadChunk, OSError):
        for path, kind in (
            ("/posts/new", "application/x-www-form-urlencoded"), ("/posts/new", "multipart/form-data; boundary=x"),
            ("/csp-reports", "application/csp-report"),
        ):  # fmt: skip
            environ = {**wrong, "wsgi.input": Garbled(error), "CONTENT_TYPE": kind}
            answer = browser.open("POST", path, environ=environ)
            assert answer.status_code in {400, 403}, (error, path, kind)
    assert "system:error:unexpected" not in blog.kinds()
    assert browser.get("/").status_code == 200


@pytest.mark.asvs("V1.1.1", "V16.5.1")
@pytest.mark.parametrize("charset", ["rot13", "base64", "idna", "undefined", "utf-7", "utf-16", "no-such"])
def test_a_charset_that_a_request_names_changes_nothing_and_breaks_nothing(blog: Blog, charset: str) -> None:
    browser = blog.browser()
    for kind in ("text/plain", "application/json", "application/x-www-form-urlencoded"):
        headers = {"Content-Type": f"{kind}; charset={charset}"}
        assert browser.get("/?q=caf%C3%A9&sort=title", headers=headers).status_code in {200, 400}
    long = {"Content-Type": f"text/plain; charset={charset}; {'x=y; ' * 4_000}"}
    assert browser.get("/?q=caf%C3%A9", headers=long).status_code in {200, 400}
    plain = {"Content-Type": f"text/plain; charset={charset}"}
    assert 'value="caf\u00e9"' in browser.get("/?q=caf%C3%A9", headers=plain).text
    part = '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nMaud\r\n--x--\r\n'
    for kind, body in (
        ("application/x-www-form-urlencoded", "name=Maud"),
        ("multipart/form-data; boundary=x", part),
    ):
        headers = {
            "Content-Type": f"{kind}; charset={charset}", "Origin": "http://localhost", "X-CSRF-Token": browser.token(),
        }  # fmt: skip
        answer = browser.open("POST", "/contact", data=body, headers=headers)
        assert answer.status_code == 400, (kind, answer.status_code)
    assert "system:error:unexpected" not in blog.kinds()


@pytest.mark.asvs("V16.5.3")
def test_a_name_that_no_file_can_have_is_not_found(blog: Blog) -> None:
    for name in ("a" * 300, "a" * 5_000, "a" * 300 + ".css", "%00", "%ed%a0%80"):
        for folder in ("/static/", "/bastide/static/"):
            assert blog.browser().get(folder + name).status_code == 404


def test_messages_come_in_pages_and_those_dealt_with_come_last(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    boss = blog.signed_in("boss1", "administrator")
    for number in range(30):
        blog.rows_changed(
            "INSERT INTO contact_message (name, email, subject, body, suspicion, created_at)"
            f" VALUES ('Zoe', 'z@b.org', 'About {number:02}', 'Ten letters and more.', '', '2026-01-01 00:00:00')"
        )
    first = boss.get("/admin/messages").text
    handled = re.search(r"/admin/messages/[0-9]+/handled", first)
    assert handled is not None
    assert boss.post(handled[0]).status_code == 303
    pages = [
        list(dict.fromkeys(re.findall("About ([0-9]{2})", boss.get(f"/admin/messages?page={page}").text)))
        for page in (1, 2)
    ]
    assert pages == [[f"{number:02}" for number in range(1, 26)], ["26", "27", "28", "29", "00"]]
