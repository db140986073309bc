import pytest
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from journal import create_app
from journal.db import Base, Entry, User


@pytest.fixture
def app(tmp_path):
    app = create_app(
        {"TESTING": True, "SECRET_KEY": "t" * 48, "DATABASE": f"sqlite:///{tmp_path}/test.sqlite3"}
    )
    Base.metadata.create_all(app.engine)
    with Session(app.engine) as db:
        db.add_all(
            User(id=key, username=name, password=generate_password_hash(name, "scrypt:1024:8:1"))
            for key, name in ((1, "test"), (2, "other"))
        )
        db.add(Entry(title="test title", body="test\nbody", author_id=1))
        db.commit()
    yield app
    app.engine.dispose()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def runner(app):
    return app.test_cli_runner()


class AuthActions:
    def __init__(self, client):
        self._client = client

    def login(self, username="test", password="test"):
        return self._client.post("/auth/login", data={"username": username, "password": password})

    def logout(self):
        return self._client.get("/auth/logout")


@pytest.fixture
def auth(client):
    return AuthActions(client)
