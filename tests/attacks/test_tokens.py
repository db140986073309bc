"""API tokens attacked: forged, leaked, outlived, used where they do not belong."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bastide.core.errors import StoreUnavailable
from bastide.core.token_text import issue_token_text
from bastide.testing import FrozenClock, SeededEntropy
from conftest import with_profile
from support.api import blog_with_api, issue_token
from support.blog import PASSWORD, Blog

INVALID = 'Bearer error="invalid_token"'
MADE_UP = issue_token_text(SeededEntropy()).text.reveal()


@pytest.fixture
def api(
    framework: str, profile: str, tmp_path: Path, clock: FrozenClock, request: pytest.FixtureRequest
) -> Iterator[Blog]:
    url = f"sqlite:///{tmp_path / 'blog.sqlite3'}"
    with blog_with_api(url, tmp_path, clock, framework, profile=profile) as made:
        yield with_profile(made, profile, request)


def call(blog: Blog, token: str, path: str = "/api/notes", method: str = "GET", **options: Any) -> Any:
    """Call as a program does, from a network of its own."""
    program = blog.browser(address=options.pop("address", "192.0.2.50"), agent="curl/8")
    headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
    return program.open(method, path, headers=headers, **options)


@pytest.mark.asvs("V8.3.3", "V3.5.1")
def test_a_token_opens_what_its_scopes_say_without_cookie_or_form_token(api: Blog) -> None:
    api.add_account("maud", "author", "reader")
    token, token_id = issue_token(api, "maud", "write_post")
    for method in ("GET", "POST"):
        answer = call(api, token, method=method)
        assert answer.status_code == 200, answer.text
        assert (answer.json["name"], answer.json["rights"]) == ("maud", ["write_post"])
        assert "Set-Cookie" not in answer.headers
        assert "no-store" in answer.headers["Cache-Control"]
    before = api.rows("SELECT count(*) FROM bastide_session")
    call(api, token)
    assert api.rows("SELECT count(*) FROM bastide_session") == before
    refused = call(api, token, "/api/admin")
    assert refused.status_code == 403
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="admin_access"'
    assert api.rows("SELECT detail FROM bastide_event ORDER BY id DESC LIMIT 1")[0][0].count(token_id) == 1


@pytest.mark.parametrize(
    "presented", ["", "x", "bst_", MADE_UP, MADE_UP[:-1], MADE_UP + "\n", "\xff\xfe", "x" * 5000, f"{MADE_UP} {MADE_UP}"]
)  # fmt: skip
def test_what_is_no_token_is_one_clean_401(api: Blog, presented: str) -> None:
    for path in ("/api/notes", "/api/open"):
        answer = api.browser().open(
            "GET",
            path,
            environ={"HTTP_AUTHORIZATION": f"Bearer {presented}".encode("latin-1").decode("latin-1")},
        )
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, INVALID)
        assert answer.mimetype == "application/problem+json"
        assert "account:token:refused" in api.kinds()


def test_without_credentials_an_api_says_how(api: Blog) -> None:
    answer = api.browser().get("/api/notes")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert api.browser().get("/api/open").status_code == 200
    assert api.browser().get("/api/open", headers={"Authorization": "Basic eDp5"}).status_code == 200


@pytest.mark.asvs("V8.2.1")
def test_a_token_opens_no_page_that_does_not_take_tokens(api: Blog) -> None:
    api.add_account("maud", "author", "administrator")
    token, _ = issue_token(api, "maud", "write_post", "admin_access")
    assert call(api, token, "/api/admin").status_code == 200
    let_in = {route.path for route in api.routes() if route.path.startswith("/api/")}
    for route in api.routes():
        if route.path in let_in or "GET" not in (route.methods or {"GET"}) or "static" in route.path:
            continue
        open_one, shown = api.browser().get(route.path), call(api, token, route.path)
        # Who signs in first is sent there; a program is told.
        is_closed = open_one.headers.get("Location", "").startswith("/account/sign-in?next=")
        assert shown.status_code == (401 if is_closed else open_one.status_code), route
        assert "Set-Cookie" not in shown.headers
    assert call(api, token, "/no-api").headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert (
        call(api, token, "/account/sign-in", "POST", data={"name": "maud", "password": PASSWORD}).status_code
        == 403
    )


@pytest.mark.asvs("V3.5.1")
def test_a_token_hides_the_cookie_and_a_cookie_alone_still_needs_its_form_token(api: Blog) -> None:
    boss, maud = api.signed_in("boss", "administrator"), api.signed_in("maud", "author")
    token, _ = issue_token(api, "maud", "write_post")
    both = boss.get("/api/notes", headers={"Authorization": f"Bearer {token}"})
    assert both.json["name"] == "maud"
    assert boss.get("/api/admin", headers={"Authorization": f"Bearer {MADE_UP}"}).status_code == 401
    assert boss.get("/account", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert maud.get("/api/notes").status_code == 200
    assert maud.open("POST", "/api/notes").status_code == 403
    assert maud.open("POST", "/api/notes", headers={"Authorization": "Basic eDp5"}).status_code == 403
    assert maud.post("/api/notes").status_code == 200


@pytest.mark.asvs("V14.2.1")
def test_a_token_in_an_address_is_refused_revoked_and_never_written_down(
    api: Blog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="bastide.events")
    api.add_account("maud", "author")
    token, token_id = issue_token(api, "maud", "write_post")
    program = api.browser(address="192.0.2.50")
    for name in ("access_token", "token"):
        # In a form it is no credential, and nothing else either.
        assert program.post("/api/notes", {name: token}).status_code == 401
    assert call(api, token).status_code == 200
    for path in ("/api/notes", "/", "/nothing"):
        answer = program.get(f"{path}?access_token={token}")
        assert answer.status_code == 400
        assert token not in answer.text
    assert call(api, token).status_code == 401
    written = caplog.text + str(api.rows("SELECT * FROM bastide_event"))
    assert token_id in written
    assert token not in written
    assert token[16:] not in written
    assert api.kinds().count("account:token:exposed") == 3
    assert "revoked for that" in api.outbox.messages[-1].body
    assert program.get(f"/?q={MADE_UP[:-1]}").status_code == 200


@pytest.mark.asvs("V4.1.2")
def test_an_api_over_plain_http_is_refused_and_the_token_revoked(
    framework: str, tmp_path: Path, clock: FrozenClock
) -> None:
    hosts = {
        "allowed_hosts": frozenset({"localhost", "blog.example"}),
        "plain_http_hosts": frozenset({"localhost"}),
    }
    with blog_with_api(
        f"sqlite:///{tmp_path / 'b.sqlite3'}", tmp_path, clock, framework, transport=hosts
    ) as blog:
        blog.add_account("maud", "author")
        token, _ = issue_token(blog, "maud", "write_post")
        plain, secure = "http://blog.example", "https://blog.example"
        assert call(blog, token, base_url=secure).status_code == 200
        assert blog.browser().get("/", base_url=plain).status_code == 308
        assert blog.browser().get("/api/open", base_url=plain).status_code == 400
        assert call(blog, token, base_url=plain).status_code == 400
        assert call(blog, token, base_url=secure).status_code == 401
        assert blog.kinds().count("account:token:exposed") == 1


@pytest.mark.asvs("V7.4.2", "V6.5.6")
def test_a_token_does_not_outlive_its_end_its_owner_or_its_owners_rights(api: Blog) -> None:
    api.add_account("maud", "author")
    short, _ = issue_token(api, "maud", "write_post", lifetime=timedelta(hours=1))
    lasting, _ = issue_token(api, "maud", "write_post")
    revoked, revoked_id = issue_token(api, "maud", "write_post")
    account = api.services.stores.accounts.find_account("maud")
    assert account is not None
    assert [call(api, token).status_code for token in (short, lasting, revoked)] == [200] * 3
    api.services.stores.tokens.revoke_token(account.id, revoked_id)
    api.clock.advance(timedelta(hours=1))
    assert [call(api, token).status_code for token in (short, lasting, revoked)] == [401, 200, 401]
    api.services.stores.accounts.revoke_role(account.id, "author")
    assert call(api, lasting).status_code == 403
    api.services.stores.accounts.grant_role(account.id, "author")
    assert call(api, lasting).status_code == 200
    from support.api import HERE

    api.services.administration.disable(account, HERE, by=None)
    assert call(api, lasting).status_code == 401
    api.services.administration.enable(account, HERE, by=None)
    assert call(api, lasting).status_code == 401


@pytest.mark.asvs("V6.3.1", "V6.1.1")
def test_made_up_tokens_shut_the_networks_lane_of_tokens_and_no_other(api: Blog) -> None:
    api.add_account("maud", "author")
    in_use, _ = issue_token(api, "maud", "write_post")
    unused, _ = issue_token(api, "maud", "write_post")
    assert call(api, in_use).status_code == 200
    answers = [call(api, MADE_UP) for _ in range(22)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 2
    assert answers[-1].headers["Retry-After"] == "900"
    assert call(api, unused).status_code == 429
    assert call(api, in_use).status_code == 200
    assert call(api, unused, address="198.51.100.1").status_code == 200
    assert api.browser(address="192.0.2.50").sign_in("maud").status_code == 303
    api.clock.advance(timedelta(minutes=15))
    assert call(api, unused).status_code == 200


@pytest.mark.asvs("V16.5.2")
def test_a_store_that_is_away_refuses(api: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(api.services.stores.tokens), "find_token", away)
    assert call(api, MADE_UP).status_code == 503
    assert call(api, MADE_UP[:-1]).status_code == 401
    assert api.browser().get(f"/?t={MADE_UP}").status_code == 503


@pytest.mark.own_factors
def test_a_role_that_demands_a_factor_gives_a_token_nothing_without_one(
    framework: str, tmp_path: Path, clock: FrozenClock
) -> None:
    url = f"sqlite:///{tmp_path / 'b.sqlite3'}"
    with blog_with_api(url, tmp_path, clock, framework) as blog:
        blog.add_account("maud", "author")
        token, _ = issue_token(blog, "maud", "write_post")
        assert call(blog, token).status_code == 200
        blog.services.bearer._demands_factor = lambda roles: "author" in roles  # noqa: SLF001
        assert call(blog, token).status_code == 403
