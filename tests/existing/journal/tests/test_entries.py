import pytest
from sqlalchemy import func, select

from journal.db import Entry, get_db


def test_index(client, auth):
    assert "Log in" in client.get("/").text
    auth.login()
    page = client.get("/").text
    assert "Log out" in page
    assert "by test on" in page
    assert 'href="/1/update"' in page


@pytest.mark.parametrize("path", ["/create", "/1/update", "/1/delete"])
def test_login_required(client, path):
    assert client.post(path).headers["Location"] == "/auth/login"


def test_author_required(client, auth):
    auth.login("other", "other")
    assert client.post("/1/update").status_code == 403
    assert client.post("/1/delete").status_code == 403
    assert 'href="/1/update"' not in client.get("/").text


@pytest.mark.parametrize("path", ["/2/update", "/2/delete"])
def test_exists_required(client, auth, path):
    auth.login()
    assert client.post(path).status_code == 404


def test_create(client, auth, app):
    auth.login()
    assert client.get("/create").status_code == 200
    client.post("/create", data={"title": "created", "body": ""})
    with app.app_context():
        assert get_db().scalar(select(func.count()).select_from(Entry)) == 2


def test_update(client, auth, app):
    auth.login()
    assert client.get("/1/update").status_code == 200
    client.post("/1/update", data={"title": "updated", "body": ""})
    with app.app_context():
        assert get_db().get(Entry, 1).title == "updated"


@pytest.mark.parametrize("path", ["/create", "/1/update"])
def test_create_update_validate(client, auth, path):
    auth.login()
    assert "A title is needed." in client.post(path, data={"title": "", "body": ""}).text


def test_delete(client, auth, app):
    auth.login()
    assert client.post("/1/delete").headers["Location"] == "/"
    with app.app_context():
        assert get_db().get(Entry, 1) is None


def test_init_db(runner):
    assert "The tables are there." in runner.invoke(args=["init-db"]).output
