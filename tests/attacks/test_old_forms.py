"""Forms whose token no longer holds: what was typed comes back to whoever typed it, and to nobody else."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest

from support.again import OWN, Again, send
from support.blog import BASE, PASSWORD, Blog, Browser
from support.rows import rows

TYPED = {
    "title": 'Tea & "biscuits" <script>alert(1)</script>', "tags": "tea",
    "content": "First line.\r\n\r\n</textarea><b>Second</b> & 'last'.",
}  # fmt: skip


def step_up(browser: Browser) -> None:
    assert browser.confirm("maud").status_code == 303


def sign_in_again(browser: Browser) -> None:
    assert browser.sign_in("maud").status_code == 303


@pytest.mark.asvs("V3.5.1")
@pytest.mark.parametrize("another_tab", [step_up, sign_in_again])
def test_what_was_typed_is_given_back_and_can_be_sent_again(
    blog: Blog, another_tab: Callable[[Browser], None]
) -> None:
    browser = blog.signed_in("maud", "author", "reader")
    old = {**TYPED, blog.token_field: browser.token()}
    another_tab(browser)
    page = send(browser, "/posts/new?draft=1", old)
    assert page.status_code == 403
    assert "This form is too old" in page.text
    assert "Send again" in page.text
    assert page.headers["Cache-Control"] == "no-store, private"
    assert "<script>alert" not in page.text
    assert old[blog.token_field] not in page.text
    again = Again(page)
    assert again.attributes is not None
    assert again.attributes["method"] == "post"
    assert "action" not in again.attributes, "to the address at hand, whatever it looks like"
    given = again.of_kind("hidden")
    assert {name: given[name] for name in TYPED} == TYPED
    assert given.keys() == {*TYPED, blog.token_field}
    assert blog.rows("SELECT count(*) FROM post") == [(0,)]
    assert send(browser, "/posts/new", given).status_code == 303
    kept = blog.rows("SELECT title, content FROM post")
    assert [tuple(row) for row in kept] == [(TYPED["title"], TYPED["content"].replace("\r\n", "\n"))]


@pytest.mark.asvs("V3.5.1", "V14.2.1")
def test_secrets_are_typed_anew(blog: Blog) -> None:
    blog.add_account("maud")
    browser = blog.browser()
    form = {blog.token_field: "A" * 86, "name": "maud", "password": PASSWORD, "next": "/account"}
    browser.token()
    page = send(browser, "/account/sign-in", form)
    assert page.status_code == 403
    assert PASSWORD not in page.text
    again = Again(page)
    assert again.of_kind("password") == {"password": ""}
    given = again.of_kind("hidden")
    assert (given["name"], given["next"]) == ("maud", "/account")
    answer = send(browser, "/account/sign-in", {**given, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"].endswith("/account")) == (303, True)


@pytest.mark.asvs("V3.5.1")
@rows(
    "headers",
    [{}, {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, {"Origin": "null"},
     {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"},
     {"Origin": BASE, "Sec-Fetch-Site": "cross-site"}, {"Origin": BASE, "Sec-Fetch-Site": "none"},
     {"Origin": "http://localhost:81", "Sec-Fetch-Site": "same-site"}, {"Referer": f"{BASE}/posts/new"},
     {"Referer": f"{BASE}/", "Sec-Fetch-Site": "none"}],
)  # fmt: skip
def test_a_page_of_another_site_gets_no_page_that_sends_its_values(
    blog: Blog, headers: dict[str, str]
) -> None:
    victim, stranger = blog.signed_in("maud", "author", "reader"), blog.browser()
    other = blog.signed_in("mallory")
    for browser in (victim, stranger):
        for token in ("", "A" * 86, other.token()):
            page = send(browser, "/posts/new", {**TYPED, blog.token_field: token}, headers=headers)
            assert page.status_code in {403, 303}
            assert Again(page).attributes is None
            assert "biscuits" not in page.text
    assert blog.rows("SELECT count(*) FROM post") == [(0,)]


def test_programs_are_told_in_few_words(blog: Blog) -> None:
    browser = blog.signed_in("maud", "author", "reader")
    form = {**TYPED, blog.token_field: "A" * 86}
    refused = send(browser, "/posts/new", form, headers={**OWN, "Accept": "application/json"})
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    assert "biscuits" not in refused.text
    typed = browser.open("POST", "/posts/new", json=TYPED, headers=OWN)
    assert typed.status_code == 403
    assert Again(typed).attributes is None


@rows(
    "form",
    [{f"field{number}": "x" for number in range(101)}, {"title": "x" * 300_000}, {"n" * 101: "x"}, {"title": "a\x00b"}],
)  # fmt: skip
def test_what_no_form_of_people_s_sends_is_not_given_back(blog: Blog, form: dict[str, str]) -> None:
    page = send(blog.signed_in("maud", "author"), "/posts/new", form)
    assert page.status_code == 403
    assert Again(page).attributes is None
    assert len(page.data) < 20_000


def test_files_are_chosen_anew(blog: Blog) -> None:
    browser = blog.signed_in("maud", "author", "reader")
    path = f"/posts/{blog.write_post(browser, 'With a file')}/files"
    file = (BytesIO(b"a plain text"), "notes.txt", "text/plain")
    page = send(browser, path, {"note": "my words", "file": file, blog.token_field: "A" * 86})
    assert page.status_code == 403
    again = Again(page)
    assert again.attributes is not None
    assert again.attributes["enctype"] == "multipart/form-data"
    assert again.of_kind("file") == {"file": ""}
    assert again.of_kind("hidden")["note"] == "my words"
    assert "notes.txt" not in page.text
    assert "a plain text" not in page.text


def test_whoever_is_signed_out_meanwhile_signs_in_and_sends_it_again(blog: Blog) -> None:
    browser = blog.signed_in("maud", "author", "reader")
    old = {**TYPED, blog.token_field: browser.token()}
    browser.post("/account/sign-out")
    page = send(browser, "/posts/new", old)
    assert page.status_code == 401
    assert "You are signed out" in page.text
    assert 'href="/account/sign-in" target="_blank"' in page.text
    assert browser.sign_in("maud").status_code == 303
    given = Again(page).of_kind("hidden")
    page = send(browser, "/posts/new", given)
    assert page.status_code == 403, "the page knew no session yet"
    assert send(browser, "/posts/new", Again(page).of_kind("hidden")).status_code == 303
    assert blog.rows("SELECT title FROM post")[0][0] == TYPED["title"]
    browser.post("/account/sign-out")
    empty = send(browser, "/posts/new", {blog.token_field: "A" * 86})
    assert empty.status_code == 303, "nothing was typed"


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V7.5.1", "V14.2.1")
def test_whoever_has_to_confirm_first_loses_nothing_that_was_typed(blog: Blog) -> None:
    browser = blog.signed_in("maud")
    step_up(browser)
    typed = {"email": "New@example.org", "password": PASSWORD, blog.token_field: browser.token()}
    blog.clock.advance(timedelta(minutes=16))
    page = send(browser, "/account/email", typed)
    assert page.status_code == 403
    assert "Nothing was done yet." in page.text
    assert 'href="/account/confirm" target="_blank"' in page.text
    assert PASSWORD not in page.text
    assert blog.outbox.messages == []
    foreign = send(browser, "/account/email", typed, headers={"Origin": "https://evil.example"})
    assert "New@example.org" not in foreign.text
    step_up(browser)
    assert Again(page).of_kind("password") == {"password": ""}
    page = send(browser, "/account/email", Again(page).of_kind("hidden"))
    assert page.status_code == 403, "of the session's id before"
    answer = send(browser, "/account/email", Again(page).of_kind("hidden"))
    assert answer.headers["Location"] == "/account/email/sent"
    empty = send(browser, "/account/email", {blog.token_field: "A" * 86})
    assert empty.status_code == 403
    blog.clock.advance(timedelta(minutes=16))
    empty = send(browser, "/account/email", {blog.token_field: "A" * 86})
    assert empty.headers["Location"].startswith("/account/confirm"), "nothing was typed"


def test_a_browser_that_sends_no_cookie_back_is_told_so(blog: Blog) -> None:
    blog.add_account("maud")
    browser, forgetful = blog.browser(), blog.browser()
    form = {blog.token_field: browser.token(), "name": "maud", "password": PASSWORD, "next": ""}
    page = send(forgetful, "/account/sign-in", form)
    assert page.status_code == 403
    assert "Your browser sent no cookie" in page.text
    assert "over plain HTTP" in page.text
    assert PASSWORD not in page.text
    secure = send(
        blog.browser(), "/account/sign-in", form, base_url="https://localhost",
        headers={"Origin": "https://localhost"},
    )  # fmt: skip
    assert "Your browser sent no cookie" in secure.text
    assert "over plain HTTP" not in secure.text
