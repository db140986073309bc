"""Pages of other origins: what their scripts may ask and read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bastide.testing import FrozenClock
from conftest import make_blog
from support.api import Program, issue
from support.blog import Blog
from support.rows import rows

APP, EVIL = "https://app.example", "https://app.example.evil"
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
def listing(framework: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Blog]:
    """The blog with one origin listed."""
    cors = {"cors": {"origins": frozenset({APP})}}
    made = make_blog(
        f"sqlite:///{tmp_path / 'x.sqlite3'}", tmp_path, clock, framework=framework, settings=cors
    )
    yield made
    made.close()


def ask(origin: str, method: str = "POST", headers: str = "authorization, content-type") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }


@pytest.mark.asvs("V3.4.2")
def test_nobody_is_let_in_by_default(blog: Blog) -> None:
    for path in ("/api/v1/posts", "/", "/account/sign-in"):
        for answer in (
            blog.browser().get(path, headers={"Origin": APP}),
            blog.browser().open("OPTIONS", path, headers=ask(APP, "GET")),
        ):
            assert not any(name.startswith("Access-Control") for name in answer.headers.keys())  # noqa: SIM118 -- pairs otherwise


@pytest.mark.asvs("V3.4.2")
def test_a_listed_page_asks_and_calls_with_a_token(listing: Blog) -> None:
    browser = listing.signed_in("maud", "author", "reader")
    browser.confirm("maud")
    token = issue(browser, "write_post")
    asked = listing.browser().open("OPTIONS", "/api/v1/posts", headers=ask(APP))
    assert asked.status_code == 204
    assert asked.headers[ALLOWED] == APP
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, POST, PATCH, DELETE"
    assert (
        asked.headers["Access-Control-Allow-Headers"]
        == "authorization, content-type, if-match, if-none-match"
    )
    assert asked.headers["Access-Control-Max-Age"] == "600"
    assert "Access-Control-Allow-Credentials" not in asked.headers
    assert "Origin" in str(asked.headers.getlist("Vary"))
    body = {"title": "From elsewhere", "content": "Ten letters and more."}
    made = Program(listing, token).call(
        "POST", "/posts", body, headers={"Origin": APP, "Sec-Fetch-Site": "cross-site"}
    )
    assert (made.status_code, made.headers[ALLOWED]) == (201, APP)
    refused = Program(listing, "wrong").call("POST", "/posts", body, headers={"Origin": APP})
    assert (refused.status_code, refused.headers[ALLOWED]) == (401, APP)


@pytest.mark.asvs("V3.4.2", "V3.5.1")
@rows("origin", [EVIL, "null", "http://app.example", "https://localhost", "*"])
def test_every_other_page_gets_nothing(listing: Blog, origin: str) -> None:
    for method, headers in (("GET", {"Origin": origin}), ("OPTIONS", ask(origin))):
        answer = listing.browser().open(method, "/api/v1/posts", headers=headers)
        assert not any(name.startswith("Access-Control") for name in answer.headers.keys())  # noqa: SIM118 -- pairs otherwise
        assert "Origin" in str(answer.headers.getlist("Vary"))


def test_no_page_of_the_site_answers_and_no_cookie_counts(listing: Blog) -> None:
    maud = listing.signed_in("maud", "author", "reader")
    for path in ("/", "/account", "/posts/new", "/csrf-token"):
        assert ALLOWED not in maud.get(path, headers={"Origin": APP}).headers
        assert ALLOWED not in maud.open("OPTIONS", path, headers=ask(APP, "GET")).headers
    forged = maud.open(
        "POST",
        "/api/v1/posts",
        json={"title": "Forged one", "content": "Ten letters."},
        headers={"Origin": APP},
    )
    assert forged.status_code == 403
    assert listing.rows("SELECT * FROM post") == []


@rows("asked", [ask(APP, "PUT"), ask(APP, "TRACE"), ask(APP, "POST", "x-other"), {"Origin": APP}])
def test_a_question_beyond_the_list_is_refused(listing: Blog, asked: dict[str, str]) -> None:
    answer = listing.browser().open("OPTIONS", "/api/v1/posts", headers=asked)
    assert "Access-Control-Allow-Methods" not in answer.headers
    assert answer.status_code < 500


def test_a_question_about_nothing_is_refused(listing: Blog) -> None:
    answer = listing.browser().open("OPTIONS", "/api/v1/no", headers=ask(APP, "GET"))
    assert ALLOWED not in answer.headers
    assert answer.status_code == 404
