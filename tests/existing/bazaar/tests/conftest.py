import pytest
from werkzeug.security import generate_password_hash

from bazaar import Config, create_app
from bazaar.extensions import db
from bazaar.models import Item, User


class TestConfig(Config):
    __test__ = False
    TESTING = True
    SQLALCHEMY_DATABASE_URI = "sqlite://"
    WTF_CSRF_ENABLED = False


@pytest.fixture
def app():
    app = create_app(TestConfig)
    with app.app_context():
        db.create_all()
        for name in ("anna", "bert"):
            password = generate_password_hash(name, "scrypt:1024:8:1")
            db.session.add(
                User(email=f"{name}@shop.example", name=name, password=password, api_token=name * 4)
            )
        db.session.flush()
        db.session.add(Item(seller_id=1, title="A lamp", price=20))
        db.session.commit()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def anna(client):
    client.post("/login", data={"email": "anna@shop.example", "password": "anna"})
    return client
