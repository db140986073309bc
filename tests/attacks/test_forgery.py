"""Cross-site requests on every unsafe route, walked from the URL map."""

from typing import Any

import pytest

from bastide.core.api_tokens.token_text import issue_token_text
from bastide.testing import SeededEntropy
from support.api import issue
from support.blog import BASE, PASSWORD, Blog, Browser
from support.rows import rows

EXEMPT = {"accounts.csp_reports"}


def unsafe_routes(blog: Blog) -> list[tuple[str, str, str]]:
    """Return endpoint, method and a path with ids filled in."""
    return [
        (route.name, method, route.path)
        for route in blog.routes()
        for method in route.methods - {"GET", "HEAD", "OPTIONS"}
    ]


def refused(blog: Blog, browser: Browser, **options: Any) -> None:
    before = blog.rows("SELECT count(*) FROM post") + blog.rows("SELECT count(*) FROM comment")
    for endpoint, method, path in unsafe_routes(blog):
        if endpoint not in EXEMPT:
            answer = browser.open(method, path, **options)
            assert answer.status_code == 403, (path, answer.status_code)
    assert before == blog.rows("SELECT count(*) FROM post") + blog.rows("SELECT count(*) FROM comment")


@pytest.fixture
def admin(blog: Blog) -> Browser:
    browser = blog.signed_in("boss1", "administrator")
    post_id = blog.publish(browser, "A plain post")
    browser.post(f"/posts/{post_id}/comments", {"body": "A comment of mine"})
    return browser


@pytest.mark.asvs("V3.5.1")
def test_every_unsafe_route_wants_a_token(blog: Blog, admin: Browser) -> None:
    assert len(unsafe_routes(blog)) >= 20
    refused(blog, admin)
    refused(blog, admin, data={blog.token_field: ""})
    refused(blog, admin, data={blog.token_field: "A" * 86})


@pytest.mark.asvs("V3.5.1")
def test_the_token_of_another_session_is_refused(blog: Blog, admin: Browser) -> None:
    other = blog.signed_in("mallory", "author", "reader")
    refused(blog, admin, data={blog.token_field: other.token()})
    refused(blog, admin, data={blog.token_field: blog.browser().token()})


@pytest.mark.asvs("V3.5.1")
@rows(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"},
     {"Origin": "http://localhost:81"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
     {"Referer": "https://evil.example/x"}, {"Referer": "http://localhost.evil.example/"}],
)  # fmt: skip
def test_a_right_token_from_elsewhere_is_refused(blog: Blog, admin: Browser, headers: dict[str, str]) -> None:
    refused(blog, admin, data={blog.token_field: admin.token()}, headers=headers)


@pytest.mark.asvs("V7.6.2")
def test_signing_in_wants_a_token_too(blog: Blog) -> None:
    blog.add_account("maud")
    browser = blog.browser()
    form = {"name": "maud", "password": "correct horse battery staple", "next": ""}
    assert browser.open("POST", "/account/sign-in", data=form).status_code == 403
    browser.set_cookie("__Host-visitor", "A" * 64)
    forged = {**form, blog.token_field: "A" * 86}
    assert browser.open("POST", "/account/sign-in", data=forged).status_code == 403
    assert browser.cookie("__Host-session") is None


@pytest.mark.asvs("V3.5.1")
def test_a_token_of_the_api_stands_for_no_form_s_token(blog: Blog, admin: Browser) -> None:
    """Whatever is called an API token opens no page, so it must not excuse one from the check."""
    admin.confirm("boss1")
    real = issue(admin, "read_post")
    mailed, before = len(blog.outbox.messages), blog.rows("SELECT count(*) FROM bastide_token")
    open_ones = {"/account/sign-in", "/account/register", "/account/reset", "/contact"}
    form = {"email": "boss1@example.org", "name": "boss1", "password": PASSWORD}
    for shown in ("x", issue_token_text(SeededEntropy(9)).text.reveal(), real):
        headers = {"Authorization": f"Bearer {shown}", "Origin": BASE}
        answers = {
            path: admin.open(method, path, headers=headers, data=form).status_code
            for endpoint, method, path in unsafe_routes(blog)
            if endpoint not in EXEMPT and not path.startswith("/api/")
        }
        assert set(answers.values()) == {401, 403}
        assert {path for path, status in answers.items() if status == 403} >= open_ones
    assert len(blog.outbox.messages) == mailed
    assert blog.rows("SELECT count(*) FROM bastide_token") == before


@pytest.mark.asvs("V3.5.3", "V4.1.4", "V13.4.4")
def test_reading_changes_nothing_and_odd_methods_are_refused(blog: Blog, admin: Browser) -> None:
    tables = (
        "user_account",
        "post",
        "comment",
        "contact_message",
        "bastide_ticket",
        "bastide_mail",
        "post_tag",
    )

    def counts() -> list[Any]:
        # Opening a mailed link is an attempt, and each call of the API counts; nothing else does.
        attempts = "SELECT * FROM bastide_attempt WHERE kind <> 'network' AND subject NOT LIKE 'api-%'"
        return [*(blog.rows(f"SELECT * FROM {table}") for table in tables), blog.rows(attempts)]

    before = counts()
    for _, _, path in blog.routes():
        for method in ("GET", "HEAD", "OPTIONS"):
            assert admin.open(method, path).status_code < 500
        for method in ("TRACE", "BREW", "DELETE"):
            assert admin.open(method, path).status_code in {403, 404, 405}
    assert admin.get("/account/sign-out").status_code == 405
    assert counts() == before


def test_the_right_token_passes(blog: Blog, admin: Browser) -> None:
    answer = admin.open("POST", "/posts/new", headers={"Origin": BASE, "X-CSRF-Token": admin.token()},
                        data={"title": "By header", "content": "Ten letters.", "tags": ""})  # fmt: skip
    assert answer.status_code == 303


def test_an_error_page_s_own_forms_work(blog: Blog) -> None:
    browser = blog.signed_in("maud")
    for path in ("/no-such-page", "/admin"):
        page = browser.get(path)
        assert page.status_code in {403, 404}
        (token, *_) = [
            line.partition('value="')[2].partition('"')[0]
            for line in page.text.split("<input")
            if f'name="{blog.token_field}"' in line
        ]
        assert browser.open("POST", "/account/sign-out", data={blog.token_field: token}).status_code == 303
        browser = blog.signed_in("maud")
