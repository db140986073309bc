"""A Flask application with a full user table of its own takes its users up, without their noticing."""

import csv
import json
import logging
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import flask_migrate
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import NullPool, String, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, synonym
from werkzeug.security import generate_password_hash

from bastide import ConfigurationError
from bastide.flask import (
    AdoptedAccountMixin,
    Bastide,
    ExistingAccountMixin,
    current_exchange,
    public,
    render_item,
)
from support.blog import CHEAP_HASHING, Browser, Outbox
from support.templates import create_database, split_url

PASSWORD = "the one they have had for years"
WITHOUT_MAIL = (
    "CREATE TABLE user (id INTEGER PRIMARY KEY, username TEXT UNIQUE NOT NULL, password TEXT NOT NULL)"
)


class Site:
    """Two tutorials: names without addresses, as in Flask's own; or addresses without names."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        by_address: bool = False,
        is_secured: bool = True,
        is_done: bool = False,
    ) -> None:
        self.app = app = Flask("theirs", root_path=str(folder))
        app.config.update(
            SECRET_KEY="k" * 64, SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS={"poolclass": NullPool},
            BASTIDE={
                "hashing": CHEAP_HASHING,
                "transport": {"allowed_hosts": frozenset({"localhost"}), "plain_http_hosts": frozenset({"localhost"})},
            },
        )  # fmt: skip

        class Model(DeclarativeBase):
            pass

        self.db = db = SQLAlchemy(app, model_class=Model)
        base: Any = db.Model
        adding = AdoptedAccountMixin if is_done else ExistingAccountMixin
        mixins = (adding, base) if is_secured else (base,)

        if by_address:

            class Member(*mixins):  # type: ignore[misc]  # as versions of one application
                __tablename__ = "member"
                id: Mapped[int] = mapped_column(primary_key=True)
                email: Mapped[str] = mapped_column(String(120), unique=True)
                pw_hash: Mapped[str | None] = mapped_column(String(255))
                if is_secured:
                    username = synonym("email")
                    password_hash = synonym("pw_hash")

        else:

            class Member(*mixins):  # type: ignore[misc, no-redef]
                __tablename__ = "member"
                id: Mapped[int] = mapped_column(primary_key=True)
                username: Mapped[str] = mapped_column(String(80), unique=True)
                if is_secured:
                    password_hash: Mapped[str] = mapped_column("password", String(255))
                else:
                    password: Mapped[str] = mapped_column(String(255))

        self.users: Any = Member
        flask_migrate.Migrate(app, db, directory=str(folder / "migrations"), render_item=render_item)
        if is_secured:
            self.bastide = Bastide(users=Member, engine=db, mailer=Outbox(), roles={"reader": {"read"}})
            self.bastide.init_app(app)
            token = public(lambda: {"token": current_exchange().csrf_token()})
            app.add_url_rule("/csrf-token", view_func=token, endpoint="token")
            app.add_url_rule("/", view_func=public(lambda: "home"), endpoint="home")

    def adopt(self, *options: str) -> tuple[int, list[str]]:
        ran = self.app.test_cli_runner().invoke(args=["bastide", "adopt", *options])
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        return ran.exit_code, ran.output.splitlines()

    def status(self, name: str, password: str = PASSWORD) -> int:
        return int(Browser(self.app, address="198.51.100.1").sign_in(name, password).status_code)


@contextmanager
def migrating() -> Iterator[None]:
    # Its env.py would switch off the loggers of all other tests.
    with mock.patch("logging.config.fileConfig"):
        yield


def migrate_to(site: Site) -> None:
    with site.app.app_context(), migrating():
        if not (Path(site.app.root_path) / "migrations").exists():
            flask_migrate.init()
        flask_migrate.migrate(message="changes")
        flask_migrate.upgrade()


@pytest.fixture
def url(database_url: str) -> str:
    if database_url.startswith("postgresql"):
        create_database(*split_url(database_url))
    return database_url


def fill(site: Site, column: str, *names: str) -> None:
    password = "pw_hash" if column == "email" else "password"
    rows = [{"name": name, "hash": generate_password_hash(PASSWORD, "pbkdf2:sha256:1000")} for name in names]
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO member ({column}, {password}) VALUES (:name, :hash)"), rows)


@pytest.mark.filterwarnings("ignore:'get_engine' is deprecated")
@pytest.mark.asvs("V6.3.8")
def test_names_without_addresses_go_on(url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    old = Site(url, tmp_path, is_secured=False)
    migrate_to(old)
    fill(old, "username", "Maud", "maud", "tomas", "o'brien smith", "=1+1\x1b[2J")
    site = Site(url, tmp_path)
    # Autogenerate's own step, over the full table.
    migrate_to(site)
    with caplog.at_level(logging.WARNING):
        caplog.clear()
        site.bastide.seal(site.app)
    (warning,) = [each.message for each in caplog.records]
    assert warning == (
        "5 users cannot sign in, because the keys of their names are not kept yet, or are somebody else's:"
        " `flask bastide adopt` says of whom, and `flask bastide adopt --write` mends what can be"
    )
    assert site.status("tomas") == 403
    expected = [
        "1 name_taken", "1 name_unusable",
        "user 2 'maud': name_taken (user 1): cannot sign in: rename this user or the other one, or make one of them",
        "user 5 '=1+1\\x1b[2J': name_unusable: cannot sign in: rename this user, nobody can type these characters",
    ]  # fmt: skip
    head = (
        "5 users: 0 as they should be, 3 without keys, 0 with those of an earlier name or address, 2 left out"
    )
    further = "--rename says what 1 of those left out would be called, and with --write does it"
    assert site.adopt() == (1, [head, *expected, "nothing was written: --write does it for 3 users", further])
    assert site.status("tomas") == 403
    head = (
        "5 users: 3 as they should be, 0 without keys, 0 with those of an earlier name or address, 2 left out"
    )
    assert site.adopt("--write") == (1, [head, *expected, "3 users written"])
    assert [site.status(name) for name in ("maud", "TOMAS", "o'brien smith")] == [303] * 3
    assert site.status("tomas", "another one than that") == 403
    # Nobody's address: nothing is mailed, and nothing breaks.
    browser = Browser(site.app)
    browser.sign_in("tomas", PASSWORD)
    assert browser.get("/account").status_code == 200
    change = {
        "current_password": PASSWORD,
        "password": "a long and quiet phrase",
        "password_again": "a long and quiet phrase",
    }
    assert browser.post("/account/password", change).status_code == 303
    assert site.status("tomas", "a long and quiet phrase") == 303
    with site.app.app_context():
        odd = site.db.session.get(site.users, 5)
        odd.username = "olaf"
        site.db.session.commit()
        twin = site.db.session.get(site.users, 2)
        twin.username = "mathilde"
        site.db.session.commit()
    assert [site.status(name) for name in ("olaf", "mathilde")] == [303, 303]
    assert site.adopt()[0] == 0
    with caplog.at_level(logging.WARNING):
        caplog.clear()
        site.bastide.seal(site.app)
    assert caplog.records == []
    with site.app.app_context():
        # The whole step is reversible, and what the application had is as it was.
        with migrating():
            flask_migrate.downgrade()
        columns = {column["name"] for column in inspect(site.db.engine).get_columns("member")}
    assert columns == {"id", "username", "password"}


@pytest.mark.filterwarnings("ignore:'get_engine' is deprecated")
def test_addresses_without_names_go_on(url: str, tmp_path: Path) -> None:
    old = Site(url, tmp_path, by_address=True, is_secured=False)
    migrate_to(old)
    fill(old, "email", "Maud@example.org", "tomas@example.org", "MAUD@example.org")
    site = Site(url, tmp_path, by_address=True)
    migrate_to(site)
    assert site.adopt("--write")[0] == 1
    assert [site.status(name) for name in ("maud@example.org", "Tomas@Example.org")] == [303, 303]
    refused = ["nobody can be renamed: users are called by their addresses, which are never changed"]
    assert site.adopt("--rename", "--write") == (1, refused)
    assert "--rename" not in " ".join(site.adopt()[1])
    for name, kind in (("report.csv", csv), ("report.json", json)):
        path = tmp_path / name
        assert site.adopt("--report", str(path))[0] == 1
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        told = path.read_text()
        found = list(csv.DictReader(told.splitlines())) if kind is csv else [json.loads(told)]
        assert [(row["id"], row["email"], row["problem"], row["other"]) for row in found] == [
            ("3", "MAUD@example.org", "name_taken", "1")
        ]


@pytest.mark.asvs("V6.3.8")
def test_names_that_collide_are_changed_as_the_look_before_said(url: str, tmp_path: Path) -> None:
    site = Site(url, tmp_path)
    with site.app.app_context():
        site.db.create_all()
        site.bastide.create_roles()
    fill(site, "username", "Maud", "maud", "rnaud", "tomas")
    report = tmp_path / "renames.json"
    status, lines = site.adopt("--rename", "--report", str(report))
    assert (status, lines[-3:]) == (
        1,
        [
            "user 2 'maud': name_taken (user 1): would be called 'maud-2'",
            "user 3 'rnaud': name_alike (user 1): would be called 'rnaud-3'",
            "nothing was written: --write does it for 2 users, and gives 2 another name",
        ],
    )
    planned = [json.loads(line)["new_name"] for line in report.read_text().splitlines()]
    with site.app.app_context():
        site.db.session.get(site.users, 1).email = "maud@example.org"
        site.db.session.get(site.users, 3).email = "rnaud@example.org"
        site.db.session.commit()
    status, lines = site.adopt("--rename", "--write", "--report", str(report))
    assert (status, lines[-3:]) == (
        0,
        [
            "user 2 'maud': name_taken (user 1): is now called 'maud-2'",
            "user 3 'rnaud': name_alike (user 1): is now called 'rnaud-3'",
            "4 users written, 2 of them renamed",
        ],
    )
    assert [json.loads(line)["new_name"] for line in report.read_text().splitlines()] == planned
    assert [(each.to, "“rnaud-3”" in each.body) for each in site.bastide.mailer.messages] == [
        ("rnaud@example.org", True)
    ]
    names = ("maud", "maud-2", "rnaud-3", "rnaud@example.org", "tomas")
    assert [site.status(name) for name in names] == [303] * 5
    assert site.adopt("--rename", "--write")[0] == 0


def test_a_report_runs_in_no_spreadsheet_and_a_screen_is_bounded(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'theirs.sqlite3'}"
    site = Site(url, tmp_path)
    with site.app.app_context():
        site.db.create_all()
    fill(site, "username", *(f"=cmd()\x00{number}" for number in range(30)))
    path = tmp_path / "report.csv"
    status, lines = site.adopt("--report", str(path))
    assert (status, len(lines)) == (1, 1 + 1 + 20 + 1)
    assert lines[-1] == "and 10 more: --report FILE takes them all"
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert len(rows) == 30
    assert all(row["username"].startswith("'=cmd()") for row in rows)


@pytest.mark.filterwarnings("ignore:'get_engine' is deprecated")
@pytest.mark.asvs("V6.3.8")
def test_keys_that_all_have_are_required_of_all(url: str, tmp_path: Path) -> None:
    old = Site(url, tmp_path, is_secured=False)
    migrate_to(old)
    fill(old, "username", "maud", "Maud", "tomas")
    migrate_to(Site(url, tmp_path))
    site = Site(url, tmp_path, is_done=True)
    with site.app.app_context(), migrating():
        flask_migrate.migrate(message="required")
    (written,) = (tmp_path / "migrations/versions").glob("*_required.py")
    made = written.read_text()
    assert made.count("nullable=False)") == made.count("nullable=True)") == 2
    line = "def upgrade():\n    require_keys(op.get_bind(), 'member')"
    written.write_text("from bastide.flask import require_keys\n" + made.replace("def upgrade():", line))

    def upgrade() -> None:
        with site.app.app_context(), migrating():
            flask_migrate.upgrade()

    with pytest.raises(
        ConfigurationError, match=r"^member: 3 users have no keys, 1, 2, 3: `flask bastide adopt` says why$"
    ):
        upgrade()
    assert site.adopt("--write")[0] == 1
    with pytest.raises(ConfigurationError, match=r"^member: 1 users have no keys, 2: `flask bastide adopt`"):
        upgrade()
    with site.app.app_context():
        site.db.session.get(site.users, 2).username = "mathilde"
        site.db.session.commit()
    upgrade()
    with site.app.app_context():
        columns = {each["name"]: each["nullable"] for each in inspect(site.db.engine).get_columns("member")}
        assert columns["username_key"] is columns["username_skeleton"] is False
        assert columns["email_key"] is True
        with pytest.raises(IntegrityError), site.db.engine.begin() as connection:
            connection.execute(text("INSERT INTO member (username, password) VALUES ('otto', 'x')"))
        site.db.session.add(site.users(username="otto", password_hash="x"))
        site.db.session.commit()
        with migrating():
            flask_migrate.migrate(message="nothing")
    assert not list((tmp_path / "migrations/versions").glob("*_nothing.py"))
    assert [site.status(name) for name in ("maud", "Mathilde", "tomas")] == [303] * 3
    with site.app.app_context(), migrating():
        flask_migrate.downgrade()
    with site.app.app_context():
        assert all(
            each["nullable"]
            for each in inspect(site.db.engine).get_columns("member")
            if "key" in each["name"]
        )
