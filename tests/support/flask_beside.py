"""An application with accounts of its own, beside which single layers stand."""

from typing import Any

from flask import Flask, request
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin, login_user
from sqlalchemy import Engine, MetaData, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bastide.flask import (
    public,
)

HERE = {"base_url": "https://localhost"}
SECRET = "k" * 64


class Base(DeclarativeBase):
    pass


class User(UserMixin, Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    password: Mapped[str]


class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int]
    text: Mapped[str]


def make(**config: Any) -> Flask:
    """Return an application with a page and nothing of anybody's security."""
    app = Flask("there")
    app.config.update(config)

    @app.get("/")
    def home() -> str:
        return "welcome"

    return app


def with_login(app: Flask, engine: Engine) -> None:
    """Give the application accounts of its own, in the way of Flask-Login."""
    manager = LoginManager(app)

    @manager.user_loader
    def load(user_id: str) -> User | None:
        with Session(engine, expire_on_commit=False) as database:
            return database.get(User, int(user_id))

    @app.post("/login")
    @public
    def login() -> Any:
        with Session(engine, expire_on_commit=False) as database:
            user = database.scalar(select(User).where(User.username == request.form["username"]))
        if user is None or user.password != request.form["password"]:
            return "wrong", 401
        login_user(user)
        return "in"


def log_in(client: FlaskClient, name: str = "maud", password: str = "right") -> Any:
    return client.post("/login", data={"username": name, "password": password}, **HERE)


def tables_of(metadata: MetaData) -> set[str]:
    return {name for name in metadata.tables if name.startswith("bastide_")}
