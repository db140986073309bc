"""Flask-Migrate's own commands over an application with Bastide: what they write runs, back and forth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import flask_migrate
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, MetaData, NullPool, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bastide import SystemEntropy, new_ring
from bastide.flask import (
    AccountMixin,
    Bastide,
    EncryptedText,
    current_exchange,
    login_required,
    principal,
    public,
    render_item,
)
from support.blog import CHEAP_HASHING, PASSWORD, Browser, Outbox, links_in
from support.templates import create_database, split_url

RING = new_ring(SystemEntropy())
CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Desk:
    """An application in one of its versions: later ones keep more in its tables."""

    def __init__(self, url: str, folder: Path, *, convention: dict[str, str], version: int) -> None:
        self.app = app = Flask("desk", root_path=str(folder))
        app.config.update(
            SECRET_KEY="k" * 64, SQLALCHEMY_DATABASE_URI=url, BASTIDE_KEYS=RING,
            SQLALCHEMY_ENGINE_OPTIONS={"poolclass": NullPool},
            BASTIDE={
                "hashing": CHEAP_HASHING,
                "transport": {"allowed_hosts": frozenset({"localhost"}), "plain_http_hosts": frozenset({"localhost"})},
            },
        )  # fmt: skip

        class Model(DeclarativeBase):
            metadata = MetaData(naming_convention=convention)

        self.db = db = SQLAlchemy(app, model_class=Model)
        base: Any = db.Model

        class User(AccountMixin, base):  # type: ignore[misc]  # the extension's own base
            __tablename__ = "person"
            __table_args__ = (CheckConstraint("length(city) < 50", name="city"),)
            id: Mapped[int] = mapped_column(primary_key=True)
            city: Mapped[str | None]

        class Patient(base):  # type: ignore[misc]  # the extension's own base
            __tablename__ = "patient"
            user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
            diagnosis: Mapped[str | None] = mapped_column(EncryptedText(row="user_id"))
            if version > 1:
                insurance: Mapped[str | None] = mapped_column(
                    EncryptedText(row="user_id", blind_index="insurance_index"), comment="sealed"
                )
                insurance_index: Mapped[bytes | None] = mapped_column(
                    LargeBinary(32), index=True, unique=True
                )

        self.users, self.patients = User, Patient
        self.outbox = Outbox()
        self.bastide = Bastide(users=User, engine=db, mailer=self.outbox, roles={"reader": {"read"}})
        self.bastide.init_app(app)
        flask_migrate.Migrate(app, db, directory=str(folder / "migrations"), render_item=render_item)

        @app.get("/")
        @public
        def index() -> str:
            return "everybody"

        @app.get("/csrf-token")
        @public
        def token() -> dict[str, str]:
            return {"token": current_exchange().csrf_token()}

        @app.get("/diagnosis")
        @login_required
        def diagnosis() -> str:
            return str(db.session.get(Patient, principal().account_id).diagnosis)  # type: ignore[union-attr]


@pytest.fixture(params=["named", "unnamed"])
def desk(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Callable[[int], Any]]:
    """Gives an application of a version over one database, within its context."""
    if database_url.startswith("postgresql"):
        create_database(*split_url(database_url))
    convention = CONVENTION if request.param == "named" else {"ix": CONVENTION["ix"]}

    @contextmanager
    def at(version: int) -> Iterator[Desk]:
        made = Desk(database_url, tmp_path, convention=convention, version=version)
        with made.app.app_context():
            yield made

    # Its env.py would switch off the loggers of all other tests.
    with mock.patch("logging.config.fileConfig"):
        yield at


def versions(folder: Path) -> list[Path]:
    return sorted((folder / "migrations" / "versions").glob("*.py"), key=lambda path: path.stat().st_mtime_ns)


def migrate(folder: Path) -> str | None:
    """Write what changed; nothing where nothing did."""
    before = set(versions(folder))
    flask_migrate.migrate(message="changes")
    new = [path for path in versions(folder) if path not in before]
    return new[0].read_text() if new else None


def put_plain(desk: Desk, column: str) -> None:
    sql = f"INSERT INTO patient (user_id, {column}) VALUES (1, :plain)"
    with desk.db.engine.begin() as connection:
        connection.execute(text(sql), {"plain": b"\x02" + b"plain as it is" * 4})


def sign_up(desk: Desk) -> Browser:
    desk.bastide.create_roles()
    browser = Browser(desk.app)
    browser.post("/account/register", {"email": "maud@example.org"})
    (message,) = desk.outbox.messages
    (link,) = links_in(message)
    browser.post(link, {"username": "maud", "password": PASSWORD, "password_again": PASSWORD})
    assert browser.sign_in("maud").status_code == 303
    return browser


@pytest.mark.filterwarnings("ignore:'get_engine' is deprecated")
@pytest.mark.asvs("V11.3.3")
def test_what_autogenerate_writes_runs_back_and_forth(
    desk: Callable[[int], Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with desk(1) as first:
        flask_migrate.init()
        written = migrate(tmp_path)
        assert written is not None
        assert "EncryptedText" not in written
        flask_migrate.upgrade()
        assert migrate(tmp_path) is None
        if first.db.engine.dialect.name == "postgresql":
            with first.db.engine.connect() as connection:
                statistics = connection.execute(text("SELECT stxname FROM pg_statistic_ext")).scalars().all()
            assert statistics == ["bastide_event_kind_outcome"]
            capfd.readouterr()
            flask_migrate.upgrade(revision="base:head", sql=True)
            assert "CREATE STATISTICS bastide_event_kind_outcome" in capfd.readouterr().out
        browser = sign_up(first)
        assert browser.get("/account/activity").status_code == 200
        first.db.session.add(first.patients(user_id=1, diagnosis="measles"))
        first.db.session.commit()
        assert browser.get("/diagnosis").text == "measles"
        for column in ("email", "username"):
            with pytest.raises(IntegrityError), first.db.engine.begin() as connection:
                connection.execute(text(f"UPDATE person SET {column} = ''"))
        with pytest.raises(IntegrityError, match="diagnosis_sealed"):
            put_plain(first, "diagnosis")

    with desk(2) as second:
        written = migrate(tmp_path)
        assert written is not None
        flask_migrate.upgrade()
        assert migrate(tmp_path) is None
        found = second.db.session.get(second.patients, 1)
        assert found.diagnosis == "measles"
        found.insurance = "A 123"
        second.db.session.commit()
        second.db.session.expire_all()
        assert (
            second.db.session.scalar(second.db.select(second.patients).filter_by(insurance="A 123")) is found
        )
        assert found.insurance == "A 123"
        second.db.session.rollback()
        for column in ("diagnosis", "insurance"):
            with pytest.raises(IntegrityError, match=f"{column}_sealed"):
                put_plain(second, column)
        flask_migrate.downgrade()
        assert {each["name"] for each in inspect(second.db.engine).get_columns("patient")} == {
            "user_id",
            "diagnosis",
        }

    with desk(1) as first:
        assert first.db.session.get(first.patients, 1).diagnosis == "measles"
        first.db.session.rollback()
        with pytest.raises(IntegrityError, match="diagnosis_sealed"):
            put_plain(first, "diagnosis")
        flask_migrate.downgrade()
        assert inspect(first.db.engine).get_table_names() == ["alembic_version"]
