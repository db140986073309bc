import pytest
from flask_security import hash_password

from guild import Config, create_app
from guild.models import db, security


class TestConfig(Config):
    __test__ = False
    TESTING = True
    SQLALCHEMY_DATABASE_URI = "sqlite://"
    WTF_CSRF_ENABLED = False
    SECURITY_PASSWORD_HASH = "pbkdf2_sha256"
    SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS = {"pbkdf2_sha256__rounds": 1000}


@pytest.fixture
def app():
    app = create_app(TestConfig)
    with app.app_context():
        db.create_all()
        store = security.datastore
        clerk = store.create_role(name="clerk")
        store.create_user(email="cleo@guild.example", password=hash_password("cleo"), roles=[clerk])
        store.create_user(email="max@guild.example", password=hash_password("max"))
        db.session.commit()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def enter(client):
    def enter(name):
        return client.post("/login", data={"email": f"{name}@guild.example", "password": name})

    return enter
