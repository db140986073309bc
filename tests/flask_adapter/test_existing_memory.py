"""Tests that an application has over a database in memory: they go on, and nothing is served from one."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import SingletonThreadPool, StaticPool, create_engine, select
from sqlalchemy.orm import Mapped, mapped_column

from bastide import EventFilter
from bastide.core.foundation import ConfigurationError
from bastide.flask import Layers, login_required, principal, public
from bastide.stores.sql import Database, OneConnection, open_database
from support.blog import Browser
from support.flask_there import There

URLS = ["sqlite://", "sqlite:///:memory:"]


@pytest.fixture(params=URLS)
def place(request: pytest.FixtureRequest) -> Iterator[There]:
    made = There(request.param, TESTING=True)

    class Note(made.db.Model):  # type: ignore[name-defined,misc]  # the extension's own base
        __tablename__ = "note"
        id: Mapped[int] = mapped_column(primary_key=True)
        text: Mapped[str]

    add_views(made, Note)
    made.put_whole()
    yield made
    made.close()


def add_views(made: There, note: Any) -> None:
    session = made.db.session

    @made.app.post("/notes/<text>")
    @login_required
    def write(text: str) -> str:
        session.add(note(text=text))
        session.flush()
        # The stores write while the application's own transaction is open, and it is theirs to end.
        made.app.extensions["bastide"].services.sessions.end_others(principal().account_id, keep=b"")
        if text == "taken-back":
            session.rollback()
        session.commit()
        return principal().name

    @made.app.get("/notes")
    @public
    def notes() -> list[str]:
        return [each.text for each in session.scalars(select(note))]


def test_people_sign_in_and_write(place: There) -> None:
    place.add_account("maud")
    maud = place.signed_in("maud")
    with place.app.app_context():  # as test cases hold one for as long as they run
        assert maud.post("/notes/first").text == "maud"
        # That ended the session itself.
        assert maud.get("/notes").get_json() == ["first"]
        maud = place.signed_in("maud")
        assert maud.post("/notes/taken-back").text == "maud"
        assert maud.get("/notes").get_json() == ["first"]
    events, _ = place.app.extensions["bastide"].services.stores.events.list_events(
        EventFilter(), offset=0, limit=99
    )
    kinds = [event.kind for event in events]
    assert kinds.count("account:login:success") == 2


@pytest.mark.asvs("V6.3.1")
def test_a_wrong_password_is_counted(place: There) -> None:
    place.add_account("maud")
    browser = place.browser()
    answers = [browser.sign_in("maud", "wrong" * 4).status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]


def test_what_a_test_wrote_and_did_not_commit_is_not_committed_for_it(place: There) -> None:
    place.add_account("maud")
    with place.app.app_context():
        person = place.db.session.scalars(select(place.User)).one()
        person.email = "other@example.org"
        place.db.session.flush()
        place.add_account("tomas")
        with suppress(ZeroDivisionError), place.app.extensions["bastide"].database.unit():
            place.add_account("ada")
            raise ZeroDivisionError
        names = {each.username for each in place.db.session.scalars(select(place.User))}
        assert names == {"maud", "tomas"}
        place.db.session.rollback()
        assert {each.email for each in place.db.session.scalars(select(place.User))} == {"maud@example.org"}


@pytest.mark.parametrize("url", URLS)
def test_nothing_is_served_from_memory(url: str) -> None:
    made = There(url)
    with pytest.raises(ConfigurationError, match=r"only tests \(TESTING\)"):
        made.put_whole()
    made.close()


def test_each_thread_would_have_a_database_of_its_own() -> None:
    engine = create_engine("sqlite://", poolclass=SingletonThreadPool)
    with pytest.raises(ConfigurationError, match="StaticPool"):
        OneConnection(engine)
    engine.dispose()


def test_layers_alone_keep_what_they_keep_in_memory_too() -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    made = There("sqlite://")
    metadata = made.db.metadata
    app = Flask("alone")
    app.config.update(SECRET_KEY="k" * 64, TESTING=True)
    Layers("log", "forgery", engine=engine, metadata=metadata).init_app(app)
    metadata.create_all(engine)
    app.add_url_rule("/post", "post", lambda: "taken", methods=["POST"])
    assert Browser(app).open("POST", "/post").status_code == 403
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT kind FROM bastide_event").all() == [
            ("request:csrf:refused",)
        ]
    engine.dispose()
    made.close()


def test_a_file_is_opened_anew_in_tests_too(tmp_path: Any) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    assert type(open_database(engine, is_test=True)) is Database
    engine.dispose()
