import pytest
from flask import g, session
from sqlalchemy import select

from journal.db import User, get_db


def test_register(client, app):
    assert client.get("/auth/register").status_code == 200
    response = client.post("/auth/register", data={"username": "a", "password": "a"})
    assert response.headers["Location"] == "/auth/login"
    with app.app_context():
        assert get_db().scalar(select(User).where(User.username == "a")) is not None


@pytest.mark.parametrize(
    ("username", "password", "message"),
    [
        ("", "", "A username is needed."),
        ("a", "", "A password is needed."),
        ("test", "test", "registered already"),
    ],
)
def test_register_validates(client, username, password, message):
    response = client.post("/auth/register", data={"username": username, "password": password})
    assert message in response.text


def test_login(client, auth):
    assert client.get("/auth/login").status_code == 200
    assert auth.login().headers["Location"] == "/"
    with client:
        client.get("/")
        assert session["user_id"] == 1
        assert g.user.username == "test"


@pytest.mark.parametrize(("username", "password"), [("a", "test"), ("test", "a")])
def test_login_validates(auth, username, password):
    assert "Wrong username or password." in auth.login(username, password).text


def test_logout(client, auth):
    auth.login()
    with client:
        auth.logout()
        assert "user_id" not in session
