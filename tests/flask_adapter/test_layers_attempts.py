"""The attempt budget alone, in front of a sign-in that is not Bastide's."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import request
from flask_login import current_user, login_user
from sqlalchemy import Engine, MetaData, select, text
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from bastide import (
    Event,
)
from bastide.core.foundation import ConfigurationError
from bastide.flask import (
    Layers,
    event_recorded,
    public,
    sign_in_attempt,
)
from support.flask_beside import HERE, SECRET, User, log_in, make, tables_of, with_login


@pytest.mark.asvs("V6.3.1")
def test_the_budget_alone_stands_in_front_of_a_sign_in_view(engine: Engine, kept: MetaData) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    app.view_functions["login"] = _counted(app.view_functions["login"])
    told: list[Event] = []

    def listen(_sender: object, event: Event) -> None:
        told.append(event)

    event_recorded.connect(listen)
    Layers("attempts", engine=engine, metadata=kept).init_app(app)
    kept.create_all(engine)
    assert tables_of(kept) == {"bastide_attempt"}
    owner, guesser = app.test_client(), app.test_client()
    assert log_in(owner).text == "in"
    assert [log_in(guesser, password="guess").status_code for _ in range(5)] == [401] * 5
    shut = log_in(guesser)
    assert (shut.status_code, int(shut.headers["Retry-After"]) > 800) == (429, True)
    # The owner's browser signed in here before: no stranger shuts its lane.
    assert log_in(owner).text == "in"
    kinds = [str(event.kind) for event in told]
    assert kinds == [
        "account:login:success", *["account:login:failure"] * 5, "account:lock:set", "account:login:refused",
        "account:login:success",
    ]  # fmt: skip
    assert (told[0].actor, told[0].target, told[1].actor) == ("1", "account:1", "")


def _counted(view: Callable[[], Any]) -> Callable[[], Any]:
    def login() -> Any:
        with sign_in_attempt(request.form["username"]) as attempt:
            answer = view()
            if current_user.is_authenticated:
                attempt.succeed(current_user.id)
        return answer

    return login


@pytest.mark.asvs("V6.3.1")
def test_the_budget_counts_at_somebody_elses_view_by_its_endpoint(engine: Engine, kept: MetaData) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    Layers("attempts", engine=engine, metadata=kept, sign_ins={"login": "username"}).init_app(app)
    kept.create_all(engine)
    owner, guesser = app.test_client(), app.test_client()
    assert log_in(owner).text == "in"
    assert "__Host-device" in owner.get_cookie("__Host-device", path="/").key  # type: ignore[union-attr]
    assert [log_in(guesser, password="guess").status_code for _ in range(6)] == [401] * 5 + [429]
    # Who is in already is let through, and a second sign-in is not an attempt.
    assert log_in(owner).text == "in"
    fresh = app.test_client()
    assert log_in(fresh, "tomas", "else").text == "in"
    with pytest.raises(ConfigurationError, match="attempts"):
        Layers("headers", sign_ins={"login": "username"}).init_app(make())


@pytest.mark.asvs("V6.3.1")
def test_guesses_count_whoever_guesses_and_however_the_name_is_sent(engine: Engine, kept: MetaData) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)

    @app.route("/api/login", methods=["POST", "PUT"])
    @public
    def sign_in() -> Any:
        sent = request.get_json(force=True, silent=True) or request.values
        with Session(engine, expire_on_commit=False) as database:
            user = database.scalar(select(User).where(User.username == sent["username"]))
        if user is None or user.password != sent["password"]:
            return "wrong", 401
        login_user(user)
        return "in"

    sign_ins = {"login": "username", "sign_in": "username"}
    Layers("attempts", engine=engine, metadata=kept, sign_ins=sign_ins).init_app(app)
    kept.create_all(engine)

    def tries(**sent: Any) -> list[int]:
        clear(engine)
        member = app.test_client()
        assert log_in(member, "tomas", "else").text == "in"
        return [member.open("/api/login", **{"method": "POST", **HERE, **sent}).status_code for _ in range(6)]

    guess = {"username": "maud", "password": "guess"}
    limited = [401] * 5 + [429]
    # Somebody who is in guesses at somebody else's account.
    assert tries(data=guess) == limited
    assert tries(json=guess) == limited
    assert tries(data=guess, method="PUT") == limited
    assert tries(data=json.dumps(guess), content_type="text/plain") == limited
    assert tries(query_string=guess) == limited
    # Two readers would take different ones.
    assert tries(query_string=guess, data={"username": "nobody"}) == [400] * 6
    assert tries(query_string=guess, json={"username": "nobody"}) == [400] * 6
    twice = MultiDict([("username", "nobody"), ("username", "maud"), ("password", "guess")])
    assert tries(data=twice) == [400] * 6
    assert tries(query_string={"username": "maud"}, data=guess) == limited
    assert tries(data={"username": "maud", "password": "right"}) == [200] * 6
    deep = {"data": "[" * 100_000, "content_type": "application/json"}
    assert app.test_client().post("/login", **HERE, **deep).status_code == 400
    # A password that is asked for once more, since the sign-in is old, is no guess.
    clear(engine)
    member = app.test_client()
    for _ in range(7):
        assert log_in(member).text == "in"
        with member.session_transaction(**HERE) as values:
            values["_fresh"] = False


def clear(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM bastide_attempt"))


def test_a_sign_in_view_that_is_not_there_stops_the_start_by_name(engine: Engine, kept: MetaData) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    Layers("attempts", engine=engine, metadata=kept, sign_ins={"log_in": "username"}).init_app(app)
    with pytest.raises(ConfigurationError, match="log_in"):
        app.test_client().get("/", **HERE)


@pytest.mark.asvs("V6.3.1")
def test_every_field_that_a_view_looks_at_is_counted(engine: Engine, kept: MetaData) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    Layers(
        "attempts", engine=engine, metadata=kept, sign_ins={"login": ("email", "username")}
    ).init_app(app)  # fmt: skip
    kept.create_all(engine)

    def enter(password: str, **names: str) -> int:
        return app.test_client().post("/login", data={"password": password, **names}, **HERE).status_code

    guesses = [enter("guess", username="maud", email=f"nobody{n}@example.org") for n in range(5)]
    assert guesses == [401] * 5
    assert enter("right", username="maud", email="nobody@example.org") == 429
    # Who signs in beside somebody else's name gets no guesses at that.
    clear(engine)
    assert [enter("guess", username="maud") for _ in range(4)] == [401] * 4
    assert enter("else", username="tomas", email="maud") == 200
    assert enter("guess", username="maud") == 429
    assert [enter("else", username="tomas") for _ in range(7)] == [200] * 7
