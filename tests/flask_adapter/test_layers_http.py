"""Headers, transport and forgery alone, beside accounts that are the application's own."""

from collections.abc import Callable
from functools import partial

import flask_login
import pytest
from flask import Flask, g, request, session

from bastide import (
    STRANGER,
    Principal,
)
from bastide.core.foundation import ConfigurationError
from bastide.flask import (
    Layers,
)
from support.flask_beside import HERE, SECRET, make


@pytest.mark.asvs("V3.4.3")
def test_headers_and_policy_alone_ask_for_nothing() -> None:
    app = make()
    before = app.session_interface
    Layers("headers").init_app(app)

    @app.get("/page")
    def page() -> str:
        return app.jinja_env.from_string(
            "<script nonce='{{ csp_nonce() }}'></script>{{ csp_nonce }}"
        ).render()

    answer = app.test_client().get("/", **HERE)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "report-uri" not in policy
    assert "Reporting-Endpoints" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    page_answer = app.test_client().get("/page", **HERE)
    nonce = page_answer.text.rpartition(">")[2]
    assert f"nonce='{nonce}'" in page_answer.text
    assert f"'nonce-{nonce}'" in page_answer.headers["Content-Security-Policy"]
    assert page_answer.headers["Cache-Control"] == "no-store, private"
    assert app.session_interface is before
    assert [str(rule) for rule in app.url_map.iter_rules()] == ["/static/<path:filename>", "/", "/page"]


def test_a_layer_that_is_off_adds_nothing_to_answers() -> None:
    app = make(BASTIDE={"transport": {"allowed_hosts": {"localhost"}}})
    Layers("transport").init_app(app)
    answer = app.test_client().get("/", **HERE)
    assert set(answer.headers.keys()) == {"Content-Type", "Content-Length", "Vary"}


@pytest.mark.asvs("V12.2.1")
def test_transport_alone_refuses_hosts_and_sends_people_to_https() -> None:
    app = make(BASTIDE={"transport": {"allowed_hosts": {"localhost"}}})
    Layers("transport").init_app(app)
    client = app.test_client()
    assert client.get("/", **HERE).text == "welcome"
    assert client.get("/", base_url="https://evil.example").status_code == 400
    plain = client.get("/?a=b", base_url="http://localhost")
    assert (plain.status_code, plain.headers["Location"]) == (308, "https://localhost/?a=b")
    with pytest.raises(ConfigurationError, match="allowed_hosts"):
        Layers("transport").init_app(make())


@pytest.mark.asvs("V3.5.1")
def test_forgery_alone_binds_its_tokens_to_whoever_the_application_says_acts() -> None:
    app = make(SECRET_KEY=SECRET)
    Layers("forgery", principal=lambda: g.get("who", STRANGER)).init_app(app)
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: _become(request.headers.get("X-Who")))

    @app.route("/form", methods=["GET", "POST"])
    def form() -> str:
        return app.jinja_env.from_string("{{ csrf_field }}").render() if request.method == "GET" else "taken"

    client = app.test_client()
    own = {"Origin": "https://localhost"}

    def token(**headers: str) -> str:
        return client.get("/form", headers=headers, **HERE).text.split('value="')[1].split('"')[0]

    strangers = token()
    assert client.post("/form", data={"csrf_token": strangers}, headers=own, **HERE).text == "taken"
    assert client.post("/form", headers=own, **HERE).status_code == 403
    assert (
        client.post(
            "/form", data={"csrf_token": strangers}, headers={"Origin": "https://evil.example"}, **HERE
        ).status_code
        == 403
    )
    mauds = {**own, "X-Who": "7"}
    assert client.post("/form", data={"csrf_token": strangers}, headers=mauds, **HERE).status_code == 403
    assert client.post("/form", data={"csrf_token": token(**mauds)}, headers=mauds, **HERE).text == "taken"
    other = {**own, "X-Who": "8"}
    assert client.post("/form", data={"csrf_token": token(**mauds)}, headers=other, **HERE).status_code == 403


def login_by_hand(app: Flask) -> None:
    @app.post("/in")
    def enter() -> str:
        session["uid"] = 7
        return ""

    @app.post("/out")
    def leave() -> str:
        session.pop("uid", None)
        return ""

    Layers(
        "forgery",
        principal=lambda: Principal(account_id=session["uid"], name="maud") if "uid" in session else STRANGER,
    ).init_app(app)


def login_by_library(app: Flask) -> None:
    class User(flask_login.UserMixin):
        id = 7
        username = "maud"

    manager = flask_login.LoginManager(app)
    manager.user_loader(lambda _id: User())

    @app.post("/in")
    def enter() -> str:
        flask_login.login_user(User())
        return ""

    @app.post("/out")
    def leave() -> str:
        flask_login.logout_user()
        return ""

    Layers("forgery").init_app(app)


@pytest.mark.asvs("V3.5.1", "V7.4.1")
@pytest.mark.parametrize("login", [login_by_hand, login_by_library])
def test_a_token_of_an_account_ends_with_the_sign_in(login: Callable[[Flask], None]) -> None:
    app = make(SECRET_KEY=SECRET)
    login(app)

    @app.route("/form", methods=["GET", "POST"])
    def form() -> str:
        return app.jinja_env.from_string("{{ csrf_field }}").render() if request.method == "GET" else "taken"

    client, own = app.test_client(), {"Origin": "https://localhost"}

    def token() -> str:
        return client.get("/form", **HERE).text.split('value="')[1].split('"')[0]

    def post(path: str, shown: str) -> int:
        return client.post(path, data={"csrf_token": shown}, headers=own, **HERE).status_code

    assert post("/in", token()) == 200
    with client.session_transaction(**HERE) as kept:
        assert ("_bastide_sign_in" in kept) is (login is login_by_library), (
            "before several pages make one each"
        )
    first, second = token(), token()
    assert [post("/form", first), post("/form", second)] == [200, 200]
    assert post("/out", first) == 200
    assert post("/form", first) == 403
    assert post("/in", token()) == 200
    assert post("/form", first) == 403, "of the sign-in before"
    assert post("/form", token()) == 200
    with client.session_transaction(**HERE) as kept:
        assert len([name for name in kept if "bastide" in name]) == 1


def _become(who: str | None) -> None:
    if who:
        g.who = Principal(account_id=int(who), name="somebody")


def test_views_that_have_no_name_are_guarded_like_all_others() -> None:
    class View:
        def __call__(self) -> str:
            return "called"

    app = make(SECRET_KEY=SECRET)
    app.add_url_rule("/partial", "partial", partial(str, "called"), methods=["GET", "POST"])
    app.add_url_rule("/object", "object", View(), methods=["GET", "POST"])
    Layers("forgery", "headers").init_app(app)
    for address in ("/partial", "/object"):
        assert app.test_client().get(address, **HERE).text == "called"
        assert app.test_client().post(address, **HERE).status_code == 403
