"""APIs whose tokens are the application's own: Bastide leaves those to its views, and nobody gains by one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import abort, request

from bastide import Principal
from bastide.flask import csrf_exempt, login_required, principal, public
from support.blog import Browser
from support.flask_there import There, there

OWN = {"Authorization": "Bearer own-token-of-the-application"}
BASIC = {"Authorization": "Basic bWF1ZDpyaWdodA=="}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[There]:
    with there(tmp_path) as made:
        made.put_whole()
        made.add_account("maud")
        add_views(made.app)
        yield made


def add_views(app: Any) -> None:
    def who_calls() -> str:
        """Return whose token came, as tutorials check one."""
        if request.headers.get("Authorization") != OWN["Authorization"]:
            abort(401)
        return "machine"

    @app.get("/api/things")
    @public
    def things() -> Any:
        return {"caller": who_calls(), "signed_in": principal().is_signed_in}

    @app.post("/api/things")
    @csrf_exempt
    @public
    def add() -> Any:
        return {"caller": who_calls()}, 201

    @app.get("/basic")
    @public
    def basic() -> Any:
        sent = request.authorization
        if sent is None or (sent.username, sent.password) != ("maud", "right"):
            return "no", 401, {"WWW-Authenticate": 'Basic realm="there"'}
        return {"caller": sent.username, "signed_in": principal().is_signed_in}

    @app.get("/me")
    @login_required
    def me() -> str:
        return principal().name

    @app.post("/change")
    @login_required
    def change() -> str:
        return principal().name


def test_a_token_of_the_applications_own_is_its_views_to_check(place: There) -> None:
    machine = place.browser()
    assert machine.get("/api/things", headers=OWN).get_json() == {"caller": "machine", "signed_in": False}
    assert machine.open("POST", "/api/things", headers=OWN, json={}).status_code == 201
    assert machine.get("/api/things").status_code == 401
    assert "WWW-Authenticate" in machine.get("/basic").headers
    assert machine.get("/basic", headers=BASIC).get_json() == {"caller": "maud", "signed_in": False}


def both(place: There) -> tuple[Browser, Browser]:
    return place.signed_in("maud"), place.browser()


@pytest.mark.asvs("V8.2.1", "V3.5.1")
@pytest.mark.parametrize("header", [OWN, BASIC], ids=["bearer", "basic"])
def test_such_a_token_opens_nothing_of_bastides(place: There, header: dict[str, str]) -> None:
    maud, stranger = both(place)
    foreign = {**header, "Origin": "https://evil.example"}
    for refused in (
        stranger.get("/me", headers=header),
        stranger.open("POST", "/change", headers=header),
        # Nor is a page of another site helped by one, or a form without its token.
        maud.open("POST", "/change", headers=foreign),
        maud.open("POST", "/change", headers=header),
    ):
        assert refused.status_code in {303, 401, 403}
        assert refused.text != "maud"


def test_a_bearer_token_speaks_alone_and_basic_beside_the_session(place: There) -> None:
    """Whatever is called an API token, the session that comes along is not read beside it."""
    maud, _ = both(place)
    assert maud.get("/api/things", headers=OWN).get_json() == {"caller": "machine", "signed_in": False}
    refused = maud.get("/me", headers=OWN)
    assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")
    assert maud.get("/me").text == "maud"
    assert maud.get("/basic", headers=BASIC).get_json() == {"caller": "maud", "signed_in": True}
    assert maud.post("/change", headers=BASIC).text == "maud"


def test_layers_alone_leave_every_token_to_the_application(tmp_path: Path) -> None:
    with there(tmp_path) as made:
        app = made.app
        acting = [Principal(account_id=7, name="maud")]
        made.put_layers("rules", "forgery", "headers", principal=lambda: acting[-1])
        add_views(app)
        browser = made.browser()
        for header in (OWN, BASIC):
            assert browser.get("/me", headers=header).text == "maud"
            assert browser.open("POST", "/change", headers=header).status_code == 403
            assert browser.post("/change", headers=header).text == "maud"
        assert browser.get("/api/things", headers=OWN).get_json() == {"caller": "machine", "signed_in": True}
        acting.append(Principal())
        assert browser.get("/me", headers=OWN).status_code == 401
