"""Attacks on sessions: fixation, replay, forged ids, stolen cookies, stale rights."""

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bastide.core.foundation import STRANGER, Client
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import FIREFOX, PASSWORD, Blog, Browser
from support.rows import rows

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
SESSION = "__Host-session"


def copy_of(blog: Blog, cookie: str | None, agent: str = FIREFOX) -> int:
    """Return what a thief with the cookie gets from a page that asks for a session."""
    assert cookie is not None
    thief = blog.browser(address="198.51.100.66", agent=agent)
    thief.set_cookie(SESSION, cookie)
    return thief.get("/account").status_code


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V7.2.4", "V7.4.1")
def test_a_planted_id_is_not_adopted_and_sign_in_gives_a_new_one(blog: Blog) -> None:
    blog.add_account("maud")
    browser = blog.browser()
    planted = "A" * 43
    browser.set_cookie(SESSION, planted)
    browser.sign_in("maud")
    first = browser.cookie(SESSION)
    assert first not in {None, planted}
    assert copy_of(blog, planted) == 303
    browser.sign_in("maud")
    assert browser.cookie(SESSION) != first
    assert copy_of(blog, first) == 303


def values_of(blog: Blog, browser: Browser) -> dict[str, Any]:
    session = blog.services.sessions.resume(browser.cookie(SESSION) or "", FIREFOX).session
    assert session is not None
    values: dict[str, Any] = json.loads(session.state)
    return values


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V7.2.4")
def test_what_a_stranger_kept_goes_on_under_the_new_id_and_to_nobody_else(blog: Blog) -> None:
    blog.add_account("maud")
    blog.add_account("nora")
    browser = blog.browser()
    client = Client(address="203.0.113.7", user_agent=FIREFOX)
    before = blog.services.sessions.start(STRANGER, client, state='{"basket": [1, 2]}').session_id.reveal()
    browser.set_cookie(SESSION, before)
    assert browser.sign_in("maud").status_code == 303
    assert browser.cookie(SESSION) != before
    assert values_of(blog, browser)["basket"] == [1, 2]
    assert blog.services.sessions.resume(before, FIREFOX).session is None
    assert browser.sign_in("nora").status_code == 303
    assert "basket" not in values_of(blog, browser), "what was Maud's is not Nora's"


@pytest.mark.asvs("V7.4.1", "V14.3.1")
def test_a_cookie_captured_before_sign_out_is_dead_afterwards(blog: Blog) -> None:
    browser = blog.signed_in("maud")
    captured = browser.cookie(SESSION)
    assert copy_of(blog, captured) == 200
    answer = browser.post("/account/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert copy_of(blog, captured) == 303


@pytest.mark.asvs("V7.2.1", "V7.2.3")
@rows("forged", ["", "x", "A" * 43, "A" * 44, "../../etc/passwd", "é" * 43, "A" * 5000, '{"user": 1}'])
def test_forged_ids_open_nothing(blog: Blog, forged: str) -> None:
    blog.signed_in("maud")
    thief = blog.browser()
    answer = thief.get("/account", headers={"Cookie": f"{SESSION}={forged}".encode().decode("latin-1")})
    assert answer.status_code == 303


@pytest.mark.asvs("V7.2.3")
def test_the_database_holds_no_session_id(blog: Blog) -> None:
    cookie = blog.signed_in("maud").cookie(SESSION)
    assert cookie is not None
    dump = b"".join(path.read_bytes() for path in blog.folder.glob("blog.sqlite3*"))
    assert cookie.encode() not in dump
    assert len(blog.rows("SELECT digest FROM bastide_session")[0][0]) == 32


@pytest.mark.asvs("V7.3.1", "V7.3.2")
def test_idle_and_absolute_limits_hold(blog: Blog) -> None:
    idle = blog.signed_in("maud")
    blog.clock.advance(timedelta(minutes=59))
    assert idle.get("/account").status_code == 200
    blog.clock.advance(timedelta(minutes=60))
    assert idle.get("/account").status_code == 303
    busy = blog.signed_in("maud")
    for _ in range(23):
        blog.clock.advance(timedelta(minutes=30))
        assert busy.get("/account").status_code == 200
    blog.clock.advance(timedelta(minutes=30))
    assert busy.get("/account").status_code == 303


@pytest.mark.profiles("passwords.preset", "factors.is_required")
@pytest.mark.asvs("V7.4.3", "V6.2.2", "V6.2.3", "V6.3.7")
def test_changing_the_password_ends_the_other_sessions_and_tells_the_owner(blog: Blog) -> None:
    here, there = blog.signed_in("maud"), blog.signed_in("maud")
    before = here.cookie(SESSION)
    new = "a much better battery staple"
    form = {"current_password": "not the right one at all", "password": new, "password_again": new}
    assert here.post("/account/password", form).status_code == 400
    assert blog.kinds()[-1] == "account:confirm:failure"
    form["current_password"] = PASSWORD
    assert here.post("/account/password", form).headers["Location"] == "/account"
    assert there.get("/account").status_code == 303
    assert here.get("/account").status_code == 200
    assert copy_of(blog, before) == 303
    assert [message.subject for message in blog.outbox.messages] == ["Your password was changed"]
    assert blog.browser().sign_in("maud", PASSWORD).status_code == 403
    assert blog.browser().sign_in("maud", new).status_code == 303


@pytest.mark.asvs("V7.4.2")
def test_disabling_an_account_ends_its_sessions_at_the_next_request(blog: Blog) -> None:
    admin = blog.signed_in("boss1", "administrator")
    victim = blog.signed_in("maud")
    account = blog.services.stores.accounts.find_account("maud")
    assert account is not None
    assert admin.post(f"/admin/users/{account.id}/disable").status_code == 303
    assert victim.get("/account").status_code == 303
    assert blog.browser().sign_in("maud").status_code == 403


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V7.2.4", "V8.3.2")
def test_a_changed_role_takes_effect_at_once_and_changes_the_id(blog: Blog) -> None:
    admin = blog.signed_in("boss1", "administrator")
    author = blog.signed_in("maud", "author", "reader")
    account = blog.services.stores.accounts.find_account("maud")
    assert account is not None
    before = author.cookie(SESSION)
    assert author.get("/posts/new").status_code == 200
    admin.post(f"/admin/users/{account.id}/roles", {"role": "author", "action": "revoke"})
    assert author.get("/posts/new").status_code == 403
    assert author.cookie(SESSION) != before
    assert copy_of(blog, before) == 303


@pytest.mark.profiles("factors.is_required")
def test_a_changed_browser_must_confirm_before_it_goes_on(blog: Blog) -> None:
    browser = blog.signed_in("maud", "author", "reader")
    draft = blog.write_post(browser, "A private draft")
    browser.agent = CHROME
    assert browser.get("/profile").headers["Location"] == "/account/confirm?next=/profile"
    assert browser.get(f"/posts/{draft}").status_code == 404
    assert browser.get("/account/confirm").status_code == 200
    assert browser.confirm("maud", target="/profile").headers["Location"] == "/profile"
    assert browser.get("/profile").status_code == 200
    assert "session:agent:changed" in blog.kinds()


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V7.5.3")
def test_sensitive_actions_want_a_fresh_factor(blog: Blog) -> None:
    admin = blog.signed_in("boss1", "administrator")
    victim = blog.add_account("maud")
    blog.clock.advance(timedelta(minutes=10))
    answer = admin.post(f"/admin/users/{victim}/disable")
    assert answer.headers["Location"] == "/account/confirm"
    assert blog.browser().sign_in("maud").status_code == 303
    secret = "code" if blog.gives_factors else "password"
    for _ in range(5):
        assert admin.post("/account/confirm", {secret: "wrong one", "next": ""}).status_code == 400
    assert admin.confirm("boss1").status_code == 400
    blog.clock.advance(timedelta(minutes=15))
    assert admin.confirm("boss1").status_code == 303
    assert admin.post(f"/admin/users/{victim}/disable").headers["Location"] == f"/admin/users/{victim}"


@pytest.mark.asvs("V3.3.1", "V3.3.2", "V3.3.3", "V3.3.4", "V3.3.5")
def test_every_cookie_is_host_bound_and_hidden_from_scripts(blog: Blog) -> None:
    blog.add_account("maud")
    browser = blog.browser(agent="x" * 8000)
    token = browser.get("/csrf-token")
    answer = browser.sign_in("maud")
    cookies = token.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
    assert {cookie.strip().partition("=")[0] for cookie in cookies} == {
        "__Host-visitor",
        "__Host-session",
        "__Host-device",
    }
    for cookie in cookies:
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
        assert not any(part.startswith("domain") for part in attributes)
        assert len(cookie) < 4096
    page = browser.get("/account").text
    assert (browser.cookie(SESSION) or "") not in page


def test_a_stranger_gets_no_cookie_and_touches_no_store(blog: Blog) -> None:
    browser = blog.browser()
    for path in ("/", "/authors/nobody", "/feed.xml", "/nothing"):
        assert "Set-Cookie" not in browser.get(path).headers
    assert blog.rows("SELECT count(*) FROM bastide_session")[0][0] == 0


@pytest.mark.asvs("V15.2.2")
def test_messages_that_nobody_reads_never_fill_a_session(
    framework: str, tmp_path: Path, clock: FrozenClock
) -> None:
    """A script that acts and looks at no page gathers messages; the oldest go, and every act succeeds."""
    url, small = f"sqlite:///{tmp_path / 'blog.sqlite3'}", {"sessions": {"max_state_bytes": 400}}
    with closing(make_blog(url, tmp_path, clock, framework=framework, settings=small)) as blog:
        author = blog.signed_in("maud", "author", "reader")
        post_id = blog.write_post(author, "A plain post")
        answers = [author.post(f"/posts/{post_id}/{act}").status_code for act in ["publish", "unpublish"] * 6]
        assert answers == [303] * 12
        (state,) = (row[0] for row in blog.rows("SELECT state FROM bastide_session"))
        assert 200 < len(state) <= 400
        author.post(f"/posts/{post_id}/publish")
        page = author.get(f"/posts/{post_id}").text
        assert "Published." in page


@pytest.mark.asvs("V15.4.2")
def test_a_message_undoes_nothing_that_another_request_wrote(
    blog_on_each_database: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the reading of a session and the writing of its message, another request keeps a value."""
    blog = blog_on_each_database
    author = blog.signed_in("maud", "author", "reader")
    post_id, token = blog.write_post(author, "A plain post"), author.token()
    author.get("/account")
    sessions = blog.services.stores.sessions
    load, others = sessions.load_session, ['{"step":1,"kept":true}', '{"step":2,"kept":true}']

    def load_and_be_overtaken(digest: bytes) -> Any:
        found = load(digest)
        if others:
            blog.rows_changed(f"UPDATE bastide_session SET state = '{others.pop(0)}'")
        return found

    monkeypatch.setattr(sessions, "load_session", load_and_be_overtaken)
    form, headers = {author.token_field: token}, {"Origin": "http://localhost"}
    answer = author.open("POST", f"/posts/{post_id}/publish", data=form, headers=headers)
    assert answer.status_code == 303
    state = json.loads(blog.rows("SELECT state FROM bastide_session")[0][0])
    assert (state["step"], state["kept"]) == (2, True)
    assert "Published." in str(state)
    assert "Published." in author.get(f"/posts/{post_id}").text
    state = json.loads(blog.rows("SELECT state FROM bastide_session")[0][0])
    assert "Published." not in str(state)
    assert state["step"] == 2
