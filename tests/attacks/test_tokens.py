"""Attacks on API tokens: guessing, leaking, outliving their owner, and doing more than they were given."""

from datetime import timedelta

import pytest

from bastide.core.api_tokens.token_text import issue_token_text
from bastide.testing import FrozenClock, SeededEntropy
from support.api import Program, issue
from support.blog import BASE, PASSWORD, Blog, Browser
from support.rows import rows

POST = {"title": "By a program", "content": "Ten letters and more."}


def new_password_form() -> dict[str, str]:
    new = "a much better battery staple"
    return {"current_password": PASSWORD, "password": new, "password_again": new}


@pytest.fixture
def author(blog: Blog) -> Browser:
    browser = blog.signed_in("maud", "author", "reader")
    browser.confirm("maud")
    return browser


@pytest.mark.asvs("V6.5.2", "V16.2.5")
def test_a_token_is_shown_once_and_stored_nowhere(
    blog: Blog, author: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    token = issue(author, "write_post", name="Backup")
    page = author.get("/account/tokens")
    assert "Backup" in page.text
    assert token[:15] in page.text
    assert token not in page.text
    secret = token[16:]
    tables = ("bastide_token", "bastide_event", "bastide_mail", "bastide_session")
    assert all(secret not in str(blog.rows(f"SELECT * FROM {table}")) for table in tables)
    assert secret not in caplog.text
    assert all(secret not in message.body for message in blog.outbox.messages)
    assert "“Backup” was issued" in blog.outbox.messages[-1].body


def test_issuing_wants_a_fresh_factor(blog: Blog, author: Browser) -> None:
    blog.clock.advance(timedelta(minutes=11))
    answer = author.post("/account/tokens", {"name": "late", "days": "30", "scope.read_post": "yes"})
    assert (answer.status_code, 'href="/account/confirm"' in answer.text) == (403, True)
    assert blog.rows("SELECT * FROM bastide_token") == []


@pytest.mark.profiles("factors.is_required")
@rows(
    ("form", "status"),
    [
        ({"name": "x", "days": "30"}, 400), ({"name": "", "days": "30", "scope.read_post": "yes"}, 400),
        ({"name": "x", "days": "3650", "scope.read_post": "yes"}, 400),
        ({"name": "x", "days": "", "scope.read_post": "yes"}, 400),
        ({"name": "x", "days": "30", "scope.admin_access": "yes"}, 400),
        ({"name": "x\r\nBcc: y", "days": "30", "scope.read_post": "yes"}, 400),
        ({"name": "x" * 61, "days": "30", "scope.read_post": "yes"}, 400),
    ],
)  # fmt: skip
def test_nobody_issues_more_than_they_have(
    blog: Blog, author: Browser, form: dict[str, str], status: int
) -> None:
    assert author.post("/account/tokens", form).status_code == status
    assert blog.rows("SELECT * FROM bastide_token") == []


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V8.2.1", "V3.5.1")
def test_a_token_acts_within_its_scopes_and_needs_no_forgery_token(blog: Blog, author: Browser) -> None:
    reading, writing = Program(blog, issue(author, "read_post")), Program(blog, issue(author, "write_post"))
    refused = reading.call("POST", "/posts", POST)
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="write_post"'
    made = writing.call("POST", "/posts", POST, headers={"Origin": "https://evil.example"})
    assert made.status_code == 201
    assert made.get_json()["author"]["username"] == "maud"
    assert "Set-Cookie" not in made.headers
    assert made.headers["Cache-Control"] == "no-store, private"
    # What the owner no longer may, the token no longer may either.
    account = blog.services.stores.accounts.find_account("maud")
    assert account is not None
    blog.services.stores.accounts.revoke_role(account.id, "author")
    assert writing.call("POST", "/posts", POST).status_code == 403


@pytest.mark.asvs("V8.3.1")
def test_a_token_opens_no_page_and_a_session_goes_unused_beside_it(blog: Blog, author: Browser) -> None:
    token = issue(author, "write_post")
    for path in ("/account", "/account/tokens", "/my/posts", "/posts/new"):
        answer = Program(blog, token).browser.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, path
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    # A cookie beside a token counts for nothing, wherever the token is wrong or not taken.
    assert author.get("/account", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    wrong = author.get("/api/v1/profile", headers={"Authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert author.get("/account").status_code == 200


@pytest.mark.asvs("V3.5.1")
def test_a_cookie_alone_changes_nothing_through_the_api(blog: Blog, author: Browser) -> None:
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": BASE}):
        assert author.open("POST", "/api/v1/posts", json=POST, headers=headers).status_code == 403
    assert blog.rows("SELECT * FROM post") == []


@pytest.mark.asvs("V7.4.1", "V7.4.2")
@pytest.mark.parametrize(
    "way", ["revoked", "all revoked", "by an administrator", "expired", "disabled", "reset", "new password"]
)
def test_a_token_is_dead_at_once(blog: Blog, author: Browser, way: str) -> None:
    program = Program(blog, issue(author, "edit_profile", days="1"))
    assert program.get("/profile").status_code == 200
    account = blog.services.stores.accounts.find_account("maud")
    assert account is not None
    if way in {"revoked", "all revoked"}:
        which = (program.token or "")[4:15] if way == "revoked" else "all"
        assert author.post("/account/tokens/revoke", {"token": which}).status_code == 303
        assert author.post("/account/tokens/revoke", {"token": which}).status_code == 404
    elif way == "by an administrator":
        boss = blog.signed_in("boss1", "administrator")
        boss.confirm("boss1")
        page = boss.get(f"/admin/users/{account.id}").text
        assert "1 API token<" in page
        assert boss.post(f"/admin/users/{account.id}/revoke-tokens").status_code == 303
    elif way == "expired":
        blog.clock.advance(timedelta(days=1))
    elif way == "disabled":
        boss = blog.signed_in("boss1", "administrator")
        boss.confirm("boss1")
        assert boss.post(f"/admin/users/{account.id}/disable").status_code == 303
    elif way == "new password":
        assert author.post("/account/password", new_password_form()).status_code == 303
        assert "API tokens were revoked" in blog.outbox.messages[-1].body
    else:
        from support.blog import last_link

        blog.browser().post("/account/reset", {"email": "maud@example.org"})
        new = "a much better battery staple"
        assert (
            blog.browser().post(last_link(blog), {"password": new, "password_again": new}).status_code == 303
        )
    refused = program.get("/profile")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.asvs("V7.4.3")
def test_a_token_outlives_a_new_password_only_where_its_owner_says_so(blog: Blog, author: Browser) -> None:
    program = Program(blog, issue(author, "edit_profile"))
    assert 'name="keep_tokens"' in author.get("/account/password").text
    kept = author.post("/account/password", {**new_password_form(), "keep_tokens": "yes"})
    assert kept.status_code == 303
    assert program.get("/profile").status_code == 200
    assert "API tokens were kept" in blog.outbox.messages[-1].body
    told = "SELECT detail FROM bastide_event WHERE kind = 'account:password:changed'"
    assert "kept" in str(blog.rows(told))


def test_nobody_revokes_what_is_another_s(blog: Blog, author: Browser) -> None:
    program = Program(blog, issue(author, "edit_profile"))
    other = blog.signed_in("ines")
    other.confirm("ines")
    assert other.post("/account/tokens/revoke", {"token": (program.token or "")[4:15]}).status_code == 404
    assert program.get("/profile").status_code == 200


@pytest.mark.asvs("V14.2.1")
@rows("path", ["/api/v1/profile", "/", "/no/such/page"])
def test_a_token_in_an_address_is_refused_and_revoked(blog: Blog, author: Browser, path: str) -> None:
    token, exposed = issue(author, "edit_profile"), blog.kinds().count("account:token:exposed")
    answer = blog.browser().get(f"{path}?access_token={token}")
    assert answer.status_code == 400
    assert token not in answer.text
    assert blog.kinds().count("account:token:exposed") == exposed + 1
    assert Program(blog, token).get("/profile").status_code == 401
    assert "is revoked for that" in blog.outbox.messages[-1].body
    assert token[16:] not in str(blog.rows("SELECT * FROM bastide_event"))


def test_a_token_in_a_form_is_not_even_looked_at(blog: Blog, author: Browser) -> None:
    token = issue(author, "write_post")
    answer = blog.browser().open("POST", "/api/v1/posts", data={"access_token": token})
    assert answer.status_code == 401
    assert Program(blog, token).get("/posts").status_code == 200


@pytest.mark.asvs("V6.3.1")
def test_guesses_are_counted_per_network_and_the_owner_s_program_goes_on(blog: Blog, author: Browser) -> None:
    program = Program(blog, issue(author, "edit_profile"))
    assert program.get("/profile").status_code == 200
    statuses = [
        Program(blog, issue_token_text(SeededEntropy(number)).text.reveal()).get("/profile").status_code
        for number in range(100, 125)
    ]
    assert statuses == [401] * 20 + [429] * 5
    assert (
        "Retry-After"
        in Program(blog, issue_token_text(SeededEntropy(9)).text.reveal()).get("/profile").headers
    )
    assert program.get("/profile").status_code == 200
    assert blog.kinds().count("account:token:refused") >= 20
    elsewhere = Program(blog, program.token, address="198.51.100.77")
    assert elsewhere.get("/profile").status_code == 200


@pytest.mark.asvs("V6.3.1")
def test_a_token_in_use_opens_no_network_that_was_shut_elsewhere(blog: Blog, author: Browser) -> None:
    """What proved right from one address draws from the budget at every other, as a guess would."""
    program = Program(blog, issue(author, "edit_profile"))
    assert program.get("/profile").status_code == 200
    elsewhere = "198.51.100.77"
    for number in range(100, 120):
        made_up = issue_token_text(SeededEntropy(number)).text.reveal()
        assert Program(blog, made_up, address=elsewhere).get("/profile").status_code == 401
    assert Program(blog, program.token, address=elsewhere).get("/profile").status_code == 429
    assert program.get("/profile").status_code == 200


@rows(
    "header",
    [
        "Bearer", "Bearer ", "Bearer bst_", "Bearer " + "x" * 60_000, "bearer \u00ff\u00fe", "Bearer bst_" + "A" * 61,
        "Bearer a b c", "Bearer bst_AAAAAAAAAAA_" + "B" * 49,
    ],
)  # fmt: skip
def test_nonsense_is_a_401(blog: Blog, header: str) -> None:
    answer = blog.browser().get("/api/v1/posts", headers={"Authorization": header})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@rows("header", ["Basic YTpi", "Digest x", "Token bst_x"])
def test_other_schemes_are_nobody_s(blog: Blog, header: str) -> None:
    assert blog.browser().get("/api/v1/posts", headers={"Authorization": header}).status_code == 200
    assert blog.browser().get("/api/v1/profile", headers={"Authorization": header}).status_code == 401


@pytest.mark.asvs("V4.1.2")
def test_a_token_over_plain_http_is_refused_and_revoked(
    framework: str, tmp_path: object, clock: FrozenClock
) -> None:
    from pathlib import Path

    from conftest import make_blog

    hosts = {
        "allowed_hosts": frozenset({"localhost", "plain.example"}),
        "plain_http_hosts": frozenset({"localhost"}),
    }
    folder = Path(str(tmp_path))
    blog = make_blog(
        f"sqlite:///{folder / 'x.sqlite3'}", folder, clock, framework=framework, settings={"transport": hosts}
    )
    browser = blog.signed_in("maud")
    browser.confirm("maud")
    token = issue(browser, "edit_profile")
    header = {"Authorization": f"Bearer {token}"}
    for path in ("/api/v1/posts", "/", "/nothing", "/api/v1/nothing"):
        answer = blog.browser().get(path, headers=header, base_url="http://plain.example")
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), path
        assert answer.get_json()["title"] == "Only over HTTPS"
        assert "Location" not in answer.headers
    assert blog.kinds().count("account:token:exposed") == 4
    assert blog.kinds().count("request:transport:refused") == 4
    # Where a program asks, also without a token yet and where no route is.
    for path in ("/api/v1/posts", "/api/v1/nothing", "/api/nothing", "/%61pi/nothing", "/api/"):
        for method in ("GET", "HEAD", "POST"):
            answer = blog.browser().open(method, path, base_url="http://plain.example")
            assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), path
            assert "Location" not in answer.headers
    assert blog.browser().get("/nothing", base_url="http://plain.example").status_code == 308
    assert blog.browser().get("/", base_url="http://plain.example").status_code == 308
    assert Program(blog, token).get("/profile").status_code == 401
    blog.close()
