"""Attacks on an account's address: swapping it from a stolen session, with somebody else's link, by a GET."""

from datetime import timedelta

import pytest

from support.blog import Blog, Browser, last_link, links_in

pytestmark = pytest.mark.own_factors

NEW = {"email": "new@elsewhere.example"}


def email_of(blog: Blog, name: str) -> str:
    account = blog.services.stores.accounts.find_account(name)
    assert account is not None
    return account.email


def ask(blog: Blog, browser: Browser) -> str:
    assert browser.post("/account/email", NEW).headers["Location"] == "/account/email/sent"
    return last_link(blog)


@pytest.mark.profiles("tickets.email_change_lifetime")
@pytest.mark.asvs("V6.3.7", "V7.2.4")
def test_the_address_changes_behind_the_link_and_both_are_told(blog: Blog) -> None:
    maud = blog.signed_in("maud")
    before = maud.cookie("__Host-session")
    link = ask(blog, maud)
    page = maud.get(link)
    assert page.status_code == 200
    assert "new@elsewhere.example" in page.text
    assert email_of(blog, "maud") == "maud@example.org"
    assert maud.post(link).headers["Location"] == "/account"
    assert email_of(blog, "maud") == "new@elsewhere.example"
    assert maud.cookie("__Host-session") != before
    assert maud.get(link).status_code == maud.post(link).status_code == 404
    told = [message.to for message in blog.outbox.messages if message.subject == "Your address was changed"]
    assert told == ["maud@example.org", "new@elsewhere.example"]
    assert blog.browser().sign_in("new@elsewhere.example").status_code == 303


@pytest.mark.asvs("V7.5.1")
def test_a_stale_session_cannot_ask(blog: Blog) -> None:
    maud = blog.signed_in("maud")
    blog.clock.advance(timedelta(minutes=11))
    assert maud.get("/account/email").headers["Location"].startswith("/account/confirm")
    page = maud.post("/account/email", NEW)
    assert (page.status_code, 'href="/account/confirm"' in page.text) == (403, True)
    assert blog.outbox.messages == []


@pytest.mark.profiles("tickets.email_change_lifetime")
def test_the_link_is_nothing_to_anybody_else(blog: Blog) -> None:
    link = ask(blog, blog.signed_in("maud"))
    otto, stranger = blog.signed_in("otto"), blog.browser()
    assert otto.get(link).status_code == otto.post(link).status_code == 404
    assert stranger.get(link).headers["Location"].startswith("/account/sign-in")
    assert stranger.post(link).status_code in {303, 401}
    assert (email_of(blog, "maud"), email_of(blog, "otto")) == ("maud@example.org", "otto@example.org")


@pytest.mark.asvs("V6.3.8")
def test_a_taken_address_looks_like_a_free_one(blog: Blog) -> None:
    blog.add_account("otto")
    maud = blog.signed_in("maud")
    free, taken = (
        maud.post("/account/email", {"email": email})
        for email in ("free@example.org", "Otto@Example.org")
    )  # fmt: skip
    assert (free.status_code, free.headers["Location"], free.text) == (
        taken.status_code, taken.headers["Location"], taken.text,
    )  # fmt: skip
    note = blog.outbox.messages[-2]
    assert (note.to, "already" in note.subject, links_in(note)) == ("Otto@example.org", True, [])


def test_bad_addresses_and_undeclared_fields_are_refused(blog: Blog) -> None:
    maud = blog.signed_in("maud")
    for bad in ("", "x", "a@b@c.example", "a@example.org\r\nBcc: b@example.org", "x" * 300 + "@example.org"):
        assert maud.post("/account/email", {"email": bad}).status_code == 400
    assert maud.post("/account/email", {**NEW, "role": "administrator"}).status_code == 400
    link = ask(blog, maud)
    assert maud.post(link, {"email": "other@elsewhere.example"}).status_code == 400
    assert email_of(blog, "maud") == "maud@example.org"
