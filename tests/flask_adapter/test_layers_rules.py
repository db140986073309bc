"""Rules alone: who acts, Flask-Login or the application says."""

import pytest
from flask import url_for
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bastide import (
    STRANGER,
    Owns,
)
from bastide.core.foundation import ConfigurationError
from bastide.flask import (
    Layers,
    login_required,
    permission_required,
    policy_required,
    principal,
    public,
)
from support.flask_beside import HERE, SECRET, Note, log_in, make, with_login


@pytest.mark.asvs("V8.2.1", "V8.2.2", "V8.3.1")
def test_rules_alone_ask_who_flask_login_says_is_there(engine: Engine) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    database = Session(engine)
    Layers("rules", session=database, roles={"editor": {"edit"}}).init_app(app)
    app.view_functions["home"] = public(app.view_functions["home"])

    @app.get("/notes/<int:note_id>")
    @policy_required(Owns("owner_id"), Note)
    def read(note: Note) -> str:
        return note.text

    @app.get("/me")
    @login_required
    def me() -> str:
        return f"{principal().account_id} {principal().name}"

    @app.get("/edit")
    @permission_required("edit")
    def edit() -> str:
        return "edited"

    maud, tomas, stranger = app.test_client(), app.test_client(), app.test_client()
    assert log_in(maud).text == "in"
    assert log_in(tomas, "tomas", "else").text == "in"
    assert maud.get("/me", **HERE).text == "1 maud"
    assert "no-store" in maud.get("/me", **HERE).headers["Cache-Control"]
    assert maud.get("/notes/1", **HERE).text == "of maud"
    assert tomas.get("/notes/1", **HERE).status_code == 404
    assert stranger.get("/notes/1", **HERE).status_code == 401
    assert maud.get("/edit", **HERE).status_code == 403
    app.login_manager.login_view = "login"  # type: ignore[attr-defined]
    assert stranger.get("/me", **HERE).headers["Location"] == "/login?next=%2Fme"
    database.close()


def test_a_route_that_says_nothing_stops_the_start_by_name(engine: Engine) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    Layers("rules").init_app(app)
    with pytest.raises(ConfigurationError, match=r"/ \(home\)"):
        app.test_client().get("/", **HERE)


def test_what_a_view_declares_holds_without_the_layer_that_asks_every_view() -> None:
    app = make()
    Layers("headers").init_app(app)
    app.view_functions["home"] = login_required(app.view_functions["home"])
    with pytest.raises(ConfigurationError, match=r"nothing tells who acts: hand in principal=; \['home'\]"):
        app.test_client().get("/", **HERE)
    app = make()
    Layers("headers", principal=lambda: STRANGER).init_app(app)
    app.view_functions["home"] = login_required(app.view_functions["home"])
    assert app.test_client().get("/", **HERE).status_code == 401


def test_rules_ask_who_acts() -> None:
    with pytest.raises(ConfigurationError, match="principal="):
        Layers("rules").init_app(make())


@pytest.mark.asvs("V8.1.1")
def test_addresses_without_a_view_need_no_rule_and_let_nobody_in(engine: Engine) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    app.view_functions["home"] = public(app.view_functions["home"])
    app.add_url_rule("/later", endpoint="later")
    app.add_url_rule("/elsewhere", endpoint="elsewhere", build_only=True)
    Layers("rules").init_app(app)
    client = app.test_client()
    assert client.get("/", **HERE).text == "welcome"
    assert client.get("/later", **HERE).status_code == 404
    assert client.get("/elsewhere", **HERE).status_code == 404
    with app.test_request_context():
        assert url_for("elsewhere") == "/elsewhere"
