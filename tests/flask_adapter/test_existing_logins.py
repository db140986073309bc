"""Flask-Login over Bastide's accounts: its decorators, its user and its two calls, as an application has them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_login
import pytest
from flask import Blueprint, redirect, request, session, url_for
from flask.views import MethodView
from flask_login import FlaskLoginClient, LoginManager, UserMixin, current_user, login_user, logout_user
from flask_login.utils import encode_cookie
from sqlalchemy import select

from bastide import EventFilter
from bastide.core.foundation import ConfigurationError
from bastide.flask import AccountMixin, fresh_login_required, principal, public, sign_in_attempt
from support.blog import BASE, KEYS, Browser
from support.flask_there import There, from_this_site, there

ORDERS = {
    "flask-login first": lambda model: (UserMixin, AccountMixin, model),
    "flask-login in the middle": lambda model: (AccountMixin, UserMixin, model),
    "the model first": lambda model: (model, UserMixin, AccountMixin),
    "the model first, the account next": lambda model: (model, AccountMixin, UserMixin),
}


def put(made: There) -> None:
    """Add what tutorials have around Flask-Login, and Bastide."""
    app, db, person = made.app, made.db, made.User
    manager = LoginManager(app)

    @manager.user_loader
    def load_user(user_id: str) -> Any:
        return db.session.get(person, int(user_id))

    @app.get("/me")
    @flask_login.login_required
    def me() -> list[str]:
        return [current_user.username, principal().name]

    @app.get("/settings")
    @flask_login.fresh_login_required
    def settings() -> str:
        return "fresh"

    @app.get("/who")
    @public
    def who() -> list[Any]:
        return [current_user.is_authenticated, principal().is_signed_in, current_user.get_id()]

    @app.post("/their-login")
    @public
    def their_login() -> Any:
        session["basket"] = "full"
        user = db.session.scalar(select(person).where(person.username == request.form["username"]))
        login_user(user, remember="remember" in request.form, force=True)
        return [current_user.is_authenticated, session.get("basket")]

    @app.post("/their-logout")
    @flask_login.login_required
    def their_logout() -> Any:
        logout_user()
        return redirect(url_for("who"))

    @app.post("/clear")
    @public
    def clear() -> str:
        session.clear()
        return "cleared"

    made.put_whole()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[There]:
    with there(tmp_path, bases=ORDERS["flask-login first"], BASTIDE_KEYS=KEYS) as made:
        put(made)
        made.add_account("maud")
        made.add_account("tomas")
        yield made


def their_login(browser: Browser, name: str, **form: str) -> Any:
    return browser.post("/their-login", {"username": name, **form}, headers=from_this_site())


def cookies_of(answer: Any) -> list[str]:
    return [value.partition("=")[0] for value in answer.headers.getlist("Set-Cookie")]


@pytest.mark.parametrize("order", ORDERS)
def test_the_bases_of_the_user_class_stand_in_any_order(order: str, tmp_path: Path) -> None:
    with there(tmp_path, bases=ORDERS[order]) as made:
        put(made)
        account_id = made.add_account("maud")
        maud = made.signed_in("maud")
        assert maud.get("/me").get_json() == ["maud", "maud"]
        with made.app.app_context():
            person = made.db.session.get(made.User, account_id)
            person.is_active = False
            made.db.session.commit()
        assert maud.get("/who").get_json() == [False, False, None]
        assert made.browser().sign_in("maud").status_code == 403


@pytest.mark.asvs("V8.2.1")
def test_its_decorators_are_rules(place: There) -> None:
    stranger, maud = place.browser(), place.signed_in("maud")
    assert stranger.get("/me").headers["Location"] == "/account/sign-in?next=/me"
    assert maud.get("/settings").text == "fresh"
    matrix = place.app.test_cli_runner().invoke(args=["bastide", "routes"]).output
    assert re.search(r"/me +\[signed_in\]", matrix)
    assert re.search(r"/settings +\[signed_in, fresh factor\]", matrix)


@pytest.mark.asvs("V8.2.1")
def test_a_whole_blueprint_and_a_view_that_is_a_class_are_told_too(tmp_path: Path) -> None:
    with there(tmp_path, bases=ORDERS["flask-login first"]) as made:
        inside = Blueprint("inside", "inside")

        @inside.before_request
        @flask_login.login_required
        def ask() -> None:
            """Ask whoever comes to sign in."""

        inside.add_url_rule("/inside", "inside", lambda: principal().name)

        class Page(MethodView):
            decorators = (flask_login.login_required,)

            def get(self) -> str:
                return current_user.username  # type: ignore[no-any-return]

        made.app.register_blueprint(inside)
        made.app.add_url_rule("/page", view_func=Page.as_view("page"))
        put(made)
        made.add_account("maud")
        maud = made.signed_in("maud")
        for path in ("/inside", "/page"):
            assert maud.get(path).text == "maud"
            assert made.browser().get(path).headers["Location"] == f"/account/sign-in?next={path}"


def test_what_cannot_be_told_is_named_with_what_to_write(place: There) -> None:
    place.app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    with pytest.raises(ConfigurationError, match=r"@login_required.*prefix_rules.*@public.*/forgotten"):
        place.browser().get("/who")


@pytest.mark.asvs("V7.2.4")
def test_login_user_starts_a_session_of_bastides(place: There) -> None:
    browser = place.browser()
    before = their_login(browser, "maud")
    assert before.get_json() == [True, "full"]
    first = browser.cookie("__Host-session")
    assert browser.get("/me").get_json() == ["maud", "maud"]
    # A second one ends it: no id of before goes on, and nothing of one person's is the next one's.
    planted = place.browser()
    planted.set_cookie("__Host-session", first or "")
    assert their_login(browser, "tomas").get_json()[0] is True
    assert browser.cookie("__Host-session") != first
    assert planted.get("/who").get_json() == [False, False, None]
    assert browser.get("/me").get_json() == ["tomas", "tomas"]
    events, _ = place.app.extensions["bastide"].services.stores.events.list_events(
        EventFilter(kinds=frozenset({"account:login:success"})), offset=0, limit=9
    )
    assert [(event.kind, event.detail["by"]) for event in events] == [
        ("account:login:success", "outside")
    ] * 2


@pytest.mark.asvs("V7.4.1")
def test_whoever_signs_out_is_out_for_both(place: There) -> None:
    for leave in ("/their-logout", "/account/sign-out", "/clear"):
        maud = place.signed_in("maud")
        kept = maud.cookie("__Host-session") or ""
        assert maud.post(leave, headers=from_this_site()).status_code < 400
        assert maud.get("/who").get_json() == [False, False, None]
        thief = place.browser()
        thief.set_cookie("__Host-session", kept)
        assert thief.get("/who").get_json() == [False, False, None]


@pytest.mark.asvs("V6.3.3")
def test_login_user_does_not_go_past_a_second_factor(place: There) -> None:
    services = place.app.extensions["bastide"].services
    account = services.stores.accounts.find_account("maud")
    _give_factor(place, account.id)
    browser = place.browser()
    answer = their_login(browser, "maud")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/second-factor")
    assert browser.get("/who").get_json() == [False, False, None]
    assert browser.get("/account/second-factor").status_code == 200


def _give_factor(place: There, account_id: Any) -> None:
    services = place.app.extensions["bastide"].services
    store = services.stores.factors
    assert services.second_factors.begin(account_id)
    sealed = store.find_totp(account_id).sealed
    assert store.confirm_totp(account_id, sealed=sealed, step=0, codes=[], keep=b"")


@pytest.mark.asvs("V7.4.2")
def test_login_user_does_not_let_a_disabled_account_in(place: There) -> None:
    services = place.app.extensions["bastide"].services
    account = services.stores.accounts.find_account("maud")
    services.stores.accounts.set_active(account.id, is_active=False)
    browser = place.browser()
    assert their_login(browser, "maud").status_code == 403
    assert browser.get("/who").get_json() == [False, False, None]


@pytest.mark.asvs("V7.1.1")
def test_a_remember_cookie_is_no_way_in_and_goes_with_a_notice(place: There) -> None:
    browser = place.browser()
    answer = their_login(browser, "maud", remember="1")
    assert "remember_token" not in cookies_of(answer)
    with place.app.app_context():
        forged = encode_cookie("1")
    thief = place.browser()
    thief.set_cookie("remember_token", forged)
    first = thief.get("/who")
    assert first.get_json() == [False, False, None]
    assert cookies_of(first) == []
    told = thief.get("/account/sign-in")
    assert "You were signed out because" in told.text
    assert "remember_token" in cookies_of(told)
    assert thief.cookie("remember_token") is None
    assert "You were signed out because" not in thief.get("/account/sign-in").text
    place.app.config["REMEMBER_COOKIE_REFRESH_EACH_REQUEST"] = True
    assert "remember_token" not in cookies_of(browser.get("/me"))
    assert "Set-Cookie" not in place.browser().get("/who").headers


@pytest.mark.asvs("V7.2.4")
def test_a_planted_user_id_is_nobodys(place: There) -> None:
    @place.app.post("/plant")
    @public
    def plant() -> str:
        session["_user_id"], session["_fresh"] = "1", True
        return "planted"

    browser = place.browser()
    assert browser.post("/plant", headers=from_this_site()).text == "planted"
    assert browser.get("/who").get_json() == [False, False, None]
    assert browser.get("/me").status_code == 303


def test_a_suspect_session_is_nobody_to_flask_login(place: There) -> None:
    maud = place.signed_in("maud")
    maud.agent = "curl/8.0"
    assert maud.get("/who").get_json() == [False, True, None]


def test_an_old_login_needs_confirming(place: There) -> None:
    @place.app.get("/both")
    @fresh_login_required
    @flask_login.fresh_login_required
    def both() -> str:
        return "fresh"

    maud = place.signed_in("maud")
    services = place.app.extensions["bastide"].services
    object.__setattr__(services.sessions.settings, "freshness", timedelta(microseconds=1))
    assert maud.get("/both").headers["Location"] == maud.get("/settings").headers["Location"].replace(
        "settings", "both"
    )


def test_its_test_client_signs_in(place: There) -> None:
    place.app.testing = True
    place.app.test_client_class = FlaskLoginClient
    with place.app.app_context():
        maud = place.db.session.scalar(select(place.User).where(place.User.username == "maud"))
        client = place.app.test_client(user=maud)
    agent = {"User-Agent": ""}
    assert client.get("/who", base_url=BASE, headers=agent).get_json() == [True, True, "1"]


def test_an_id_of_the_applications_own_is_what_its_loader_gets(tmp_path: Path) -> None:
    class ByName(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
        def get_id(self) -> str:
            return f"name:{self.username}"  # type: ignore[attr-defined]

    with there(tmp_path, bases=lambda model: (ByName, AccountMixin, model)) as made:
        put(made)
        manager: Any = made.app.login_manager  # type: ignore[attr-defined]
        asked: list[str] = []

        @manager.user_loader
        def load(user_id: str) -> Any:
            asked.append(user_id)
            return made.db.session.scalar(
                select(made.User).where(made.User.username == user_id.removeprefix("name:"))
            )

        made.add_account("maud")
        assert made.signed_in("maud").get("/me").get_json() == ["maud", "maud"]
        assert set(asked) == {"name:maud"}


def test_somebody_elses_user_is_not_an_account(place: There) -> None:
    class Other(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
        id = 1

    @place.app.post("/other")
    @public
    def other() -> str:
        login_user(Other())
        return "in"

    browser = place.browser()
    assert browser.post("/other", headers=from_this_site()).status_code == 500
    assert browser.get("/who").get_json() == [False, False, None]


def test_who_comes_with_a_key_of_the_applications_own_is_its_user(place: There) -> None:
    manager: Any = place.app.login_manager  # type: ignore[attr-defined]

    @manager.request_loader
    def by_key(asked: Any) -> Any:
        if asked.headers.get("Authorization") != "Key right":
            return None
        return place.db.session.scalar(select(place.User).where(place.User.username == "tomas"))

    @place.app.get("/api")
    @flask_login.login_required
    def api() -> str:
        return current_user.username  # type: ignore[no-any-return]

    browser = place.browser()
    assert browser.get("/api", headers={"Authorization": "Key right"}).text == "tomas"
    assert (
        browser.get("/api", headers={"Authorization": "Key wrong"})
        .headers["Location"]
        .startswith("/account/sign-in")
    )
    # Who is signed in is who they are, whatever key comes along.
    maud = place.signed_in("maud")
    assert maud.get("/api", headers={"Authorization": "Key right"}).text == "maud"


def test_a_layer_that_asks_no_rule_leaves_its_decorators_alone(tmp_path: Path) -> None:
    """Flask-Login may come after the layers: what asks nobody who acts does not ask for it."""
    with there(tmp_path, bases=ORDERS["flask-login first"]) as made:
        made.put_layers("headers")
        LoginManager(made.app).user_loader(lambda _: None)
        made.app.add_url_rule("/me", "me", flask_login.login_required(lambda: "in"))
        answer = made.browser().get("/me")
        assert (answer.status_code, "Content-Security-Policy" in answer.headers) == (401, True)


def test_tests_that_switch_its_decorators_off_need_nobody(tmp_path: Path) -> None:
    for is_test in (True, False):
        folder = tmp_path / str(is_test)
        folder.mkdir()
        with there(folder, bases=ORDERS["flask-login first"], LOGIN_DISABLED=True, TESTING=is_test) as made:
            put(made)
            assert made.browser().get("/settings").status_code == (200 if is_test else 303)


def test_a_view_that_counts_its_own_sign_ins_draws_from_the_one_budget(place: There) -> None:
    @place.app.post("/counted-login")
    @public
    def counted() -> Any:
        with sign_in_attempt(request.form["username"]) as attempt:
            user = place.db.session.scalar(
                select(place.User).where(place.User.username == request.form["username"])
            )
            if request.form["password"] != "right":
                return "wrong", 401
            login_user(user)
            attempt.succeed(user.id)
            return "in"

    def log_in(browser: Browser, password: str) -> int:
        form = {"username": "maud", "password": password}
        return browser.post("/counted-login", form, headers=from_this_site()).status_code

    guesser, owner = place.browser(), place.browser()
    assert log_in(owner, "right") == 200
    assert [log_in(guesser, "wrong") for _ in range(6)] == [401] * 5 + [429]
    assert log_in(guesser, "right") == 429
    assert owner.get("/me").get_json() == ["maud", "maud"]
    # The browser is known at Bastide's own page too, which strangers have shut for all others.
    assert guesser.sign_in("maud").status_code == 429
    assert owner.sign_in("maud").status_code == 303
