import pytest
from sqlalchemy import func, select

from bazaar import create_app
from bazaar.extensions import db
from bazaar.models import Favourite, Item, User

from .conftest import TestConfig

ANNA = {"Authorization": f"Bearer {'anna' * 4}"}


def count(app, model):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def test_everybody_sees_the_items_and_searches(client):
    assert "A lamp" in client.get("/").text
    assert "A lamp" in client.get("/?q=lamp").text
    assert "A lamp" not in client.get("/?q=chair").text


def test_sign_in_and_out(anna):
    assert "Sign out" in anna.get("/").text
    assert anna.get("/login").headers["Location"] == "/"
    assert anna.post("/logout").headers["Location"] == "/"
    assert "Sign in" in anna.get("/").text


@pytest.mark.parametrize(("email", "password"), [("anna@shop.example", "x"), ("x@shop.example", "anna")])
def test_wrong_passwords(client, email, password):
    assert (
        "Wrong address or password."
        in client.post("/login", data={"email": email, "password": password}).text
    )


def test_register(client, app):
    form = {"email": "carl@shop.example", "name": "carl", "password": "carl", "again": "carl"}
    assert client.post("/register", data=form).headers["Location"] == "/login"
    assert count(app, User) == 3
    assert "registered already" in client.post("/register", data=form).text


@pytest.mark.parametrize("path", ["/items/new", "/items/1"])
def test_strangers_are_sent_to_the_sign_in(client, path):
    assert client.get(path).headers["Location"].startswith("/login?next=")


def test_items(anna, app):
    assert anna.post("/items/new", data={"title": "A chair", "price": "30"}).headers["Location"] == "/"
    assert "Number must be at least 1" in anna.post("/items/new", data={"title": "Air", "price": "0"}).text
    anna.post("/items/1", data={"title": "A good lamp", "price": "25"})
    assert "A good lamp" in anna.get("/").text
    assert count(app, Item) == 2


def test_others_change_nothing(client):
    client.post("/login", data={"email": "bert@shop.example", "password": "bert"})
    assert client.post("/items/1", data={"title": "Mine", "price": "1"}).status_code == 403


def test_a_script_likes_an_item(anna, app):
    assert anna.post("/favourites", json={"item": 1}).json == {"item": 1}
    assert count(app, Favourite) == 1
    assert anna.post("/favourites", json={"item": 7}).status_code == 404


def test_the_api(client, app):
    assert client.get("/api/items").status_code == 401
    assert client.get("/api/items", headers=ANNA).json == [{"id": 1, "title": "A lamp"}]
    assert client.post("/api/items", json={"title": "A book", "price": 5}, headers=ANNA).status_code == 201
    assert count(app, Item) == 2


def test_forms_without_a_token_are_refused():
    class Strict(TestConfig):
        WTF_CSRF_ENABLED = True

    client = create_app(Strict).test_client()
    assert client.post("/register", data={"email": "x"}).status_code == 400
    assert client.post("/favourites", json={"item": 1}).status_code == 400
