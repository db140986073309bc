"""Flask-WTF's forms as an application has them: they work, and what forges them is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, jsonify, request
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.test import TestResponse
from wtforms import StringField, ValidationError
from wtforms.validators import DataRequired

from bastide import Principal
from bastide.core.foundation import ConfigurationError
from bastide.flask import public
from support.blog import BASE, Browser
from support.flask_there import There, from_this_site, there

HOW = ["whole", "layers"]


class NoteForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    title = StringField("Title", validators=[DataRequired()])


class SearchForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    class Meta:
        csrf = False

    q = StringField("Search", validators=[DataRequired()])


NOTE_PAGE = "<form method=post>{{ form.hidden_tag() }}{{ form.title }}</form>"
PLAIN_PAGE = "<input type=hidden name=csrf_token value='{{ csrf_token() }}'>"


def add_views(app: Any) -> None:  # noqa: C901 -- a list of views
    """Add the views that tutorials have, in their words."""

    @app.route("/note", methods=["GET", "POST"])
    @public
    def note() -> Any:
        form = NoteForm()
        if form.validate_on_submit():
            return f"kept {form.title.data}"
        return app.jinja_env.from_string(NOTE_PAGE).render(form=form), 400 if form.errors else 200

    @app.route("/prefixed", methods=["GET", "POST"])
    @public
    def prefixed() -> Any:
        form = NoteForm(prefix="one")
        if form.validate_on_submit():
            return f"kept {form.title.data}"
        return app.jinja_env.from_string(NOTE_PAGE).render(form=form), 400 if form.errors else 200

    @app.get("/search")
    @public
    def search() -> Any:
        form = SearchForm(request.args)
        return f"found {form.q.data}" if form.validate() else ("nothing asked", 400)

    @app.get("/plain")
    @public
    def plain() -> Any:
        return app.jinja_env.from_string(PLAIN_PAGE).render()

    @app.route("/script", methods=["POST", "DELETE"])
    @public
    def script() -> Any:
        return jsonify(done=request.method)

    @app.get("/token")
    @public
    def token() -> Any:
        return jsonify(token=generate_csrf())

    @app.post("/checked-by-hand")
    @public
    def checked_by_hand() -> Any:
        import flask_wtf.csrf

        try:
            flask_wtf.csrf.validate_csrf(request.headers.get("X-Own"))
        except ValidationError as error:
            return str(error), 409
        return "right"


@pytest.fixture(params=HOW)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[There]:
    with there(tmp_path) as made:
        put(made, request.param)
        add_views(made.app)
        yield made


def put(made: There, how: str) -> None:
    if how == "whole":
        made.put_whole()
    else:
        made.put_layers("forgery", principal=Principal)


def value_in(page: TestResponse) -> str:
    return page.text.partition('value="')[2].partition('"')[0] or page.text.partition("value='")[2][:-2]


def post(browser: Browser, path: str, data: dict[str, str], **headers: str) -> TestResponse:
    return browser.open("POST", path, data=data, headers=from_this_site(**headers))


@pytest.mark.asvs("V3.5.1")
def test_a_form_posts_with_its_own_hidden_field(place: There) -> None:
    browser = place.browser()
    token = value_in(browser.get("/note"))
    assert post(browser, "/note", {"title": "a", "csrf_token": token}).text == "kept a"
    assert post(browser, "/note", {"title": "", "csrf_token": token}).status_code == 400
    # With the token of a template's own, or of a script's: they are one.
    for path in ("/plain", "/note"):
        token = value_in(browser.get(path))
        assert post(browser, "/note", {"title": "b", "csrf_token": token}).text == "kept b"


def test_a_form_with_a_prefix_posts_with_its_own_field(place: There) -> None:
    browser = place.browser()
    page = browser.get("/prefixed")
    assert 'name="one-csrf_token"' in page.text
    sent = {"one-title": "a", "one-csrf_token": value_in(page)}
    assert post(browser, "/prefixed", sent).text == "kept a"
    assert post(browser, "/prefixed", {**sent, "one-csrf_token": "x"}).status_code == 403


@pytest.mark.asvs("V3.5.1")
def test_what_forges_a_form_is_refused(place: There) -> None:
    browser, other = place.browser(), place.browser()
    token, others = value_in(browser.get("/note")), value_in(other.get("/note"))
    sent = {"title": "forged"}
    assert post(browser, "/note", sent).status_code == 403
    assert post(browser, "/note", {**sent, "csrf_token": others}).status_code == 403
    foreign = post(browser, "/note", {**sent, "csrf_token": token}, Origin="https://evil.example")
    assert foreign.status_code == 403
    # A token of nobody: the browser came without the cookie that it is bound to.
    assert post(place.browser(), "/note", {**sent, "csrf_token": token}).status_code == 403


def test_a_form_without_a_token_reads_the_query(place: There) -> None:
    assert place.browser().get("/search?q=x").text == "found x"
    assert place.browser().get("/search").status_code == 400


def test_a_form_with_a_token_may_be_sent_by_get(place: There) -> None:
    @place.app.get("/filter")
    @public
    def filtered() -> Any:
        form = NoteForm(request.args)
        return "filtered" if form.validate() else ("refused", 400)

    browser = place.browser()
    token = browser.get("/token").get_json()["token"]
    sent = {"title": "a", "csrf_token": token}
    assert browser.get("/filter", query_string=sent).text == "filtered"
    assert browser.get("/filter", query_string={"title": "a"}).status_code == 400
    assert place.browser().get("/filter", query_string=sent).status_code == 400


@pytest.mark.parametrize("name", ["X-CSRFToken", "X-CSRF-Token"])
def test_scripts_send_the_token_in_a_header(place: There, name: str) -> None:
    browser = place.browser()
    token = browser.get("/token").get_json()["token"]
    assert post(browser, "/script", {}, **{name: token}).get_json() == {"done": "POST"}
    sent = browser.open("DELETE", "/script", headers=from_this_site(**{name: token}))
    assert sent.get_json() == {"done": "DELETE"}
    assert post(browser, "/script", {}, **{name: token[:-4] + "AAAA"}).status_code == 403


def test_a_token_that_a_view_checks_itself_is_the_same(place: There) -> None:
    browser = place.browser()
    token = browser.get("/token").get_json()["token"]
    sent = {"csrf_token": token}
    assert post(browser, "/checked-by-hand", sent, **{"X-Own": token}).text == "right"
    for wrong in ("", "x", place.browser().get("/token").get_json()["token"]):
        assert post(browser, "/checked-by-hand", sent, **{"X-Own": wrong}).status_code == 409


def test_a_page_without_a_form_sets_no_cookie(place: There) -> None:
    assert "Set-Cookie" not in place.browser().get("/search?q=x").headers
    assert "csrf_token" not in place.browser().get("/search?q=x").text


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("how", HOW)
def test_flask_wtfs_own_check_goes_on_and_asks_nothing_else(
    how: str,
    is_first: bool,  # noqa: FBT001 -- a parameter of the test
    tmp_path: Path,
) -> None:
    with there(tmp_path) as made:
        csrf = CSRFProtect()
        steps = [lambda: csrf.init_app(made.app), lambda: put(made, how)]
        for step in steps if is_first else reversed(steps):
            step()
        machines = Blueprint("machines", "machines")

        @made.app.post("/hook")
        @csrf.exempt
        @public
        def hook() -> str:
            return "heard"

        @machines.post("/machine")
        @public
        def machine() -> str:
            return "heard"

        csrf.exempt(machines)
        made.app.register_blueprint(machines)
        add_views(made.app)
        browser = made.browser()
        token = value_in(browser.get("/note"))
        assert post(browser, "/note", {"title": "a", "csrf_token": token}).text == "kept a"
        assert post(browser, "/note", {"title": "a"}).status_code == 403
        secure = {"base_url": "https://localhost"}
        # Over HTTPS, a browser that sends no Referer has said where it comes from otherwise.
        assert browser.open("POST", "/hook").text == "heard"
        assert browser.open("POST", "/machine", **secure).text == "heard"
        assert browser.open("POST", "/script").status_code == 403


@pytest.mark.parametrize("how", HOW)
def test_tests_that_switch_flask_wtfs_token_off_need_none(how: str, tmp_path: Path) -> None:
    with there(tmp_path, TESTING=True, WTF_CSRF_ENABLED=False) as made:
        put(made, how)
        add_views(made.app)
        client = made.app.test_client()
        assert client.post("/note", data={"title": "a"}, base_url=BASE).text == "kept a"
        foreign = client.post(
            "/note", data={"title": "a"}, base_url=BASE, headers={"Origin": "https://evil.example"}
        )
        assert foreign.status_code == 403


@pytest.mark.parametrize("how", HOW)
def test_outside_tests_the_token_cannot_be_switched_off(how: str, tmp_path: Path) -> None:
    with there(tmp_path, WTF_CSRF_ENABLED=False) as made:
        put(made, how)
        with pytest.raises(ConfigurationError, match="WTF_CSRF_ENABLED"):
            made.app.test_client().get("/", base_url=BASE)
        # Nor once it serves.
        add_views(made.app)
        made.app.config["WTF_CSRF_ENABLED"] = True
        browser = made.browser()
        assert browser.get("/search?q=x").text == "found x"
        made.app.config["WTF_CSRF_ENABLED"] = False
        assert post(browser, "/script", {}).status_code == 403


def test_another_application_keeps_flask_wtfs_own_token(place: There) -> None:
    from flask import Flask

    place.browser().get("/note")
    other = Flask("other")
    other.secret_key = "o" * 32
    with other.test_request_context():
        import flask_wtf.csrf

        for validate in (validate_csrf, flask_wtf.csrf.validate_csrf):
            validate(generate_csrf())
            with pytest.raises(ValidationError):
                validate("x")
