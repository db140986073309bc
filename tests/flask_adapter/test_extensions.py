"""The adapter over plain SQLAlchemy, Flask-SQLAlchemy and Flask-SQLAlchemy-Lite: the same small application on each."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import flask_sqlalchemy
import flask_sqlalchemy_lite
import pytest
from flask import Blueprint, Flask
from flask import session as flask_session
from sqlalchemy import NullPool, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker

from bastide import AppEventKind, Event, EventFilter, EventKind, Has, Owns
from bastide.core.foundation import ConfigurationError, Secret
from bastide.core.records import NewAccount, account_key
from bastide.flask import (
    AccountMixin,
    Bastide,
    login_required,
    policy_required,
    principal,
    public,
    record,
    visible,
)
from support.blog import BASE, CHEAP_HASHING, HASHER, PASSWORD, Browser, Outbox

KINDS = ["plain", "flask_sqlalchemy", "flask_sqlalchemy_lite"]
OWN = Owns("owner_id") | Has("read_all")


class NoteEvent(AppEventKind):
    COUNTED = "notes:note:counted", "somebody counted notes"


class OtherEvent(AppEventKind):
    COUNTED = "other:note:counted", "somebody counted notes elsewhere"


class Notes:
    """A notebook: everybody lists and reads what is theirs."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.app = app = Flask("notes")
        url = f"sqlite:///{folder / 'notes.sqlite3'}"
        app.config.update(
            SECRET_KEY="k" * 64, SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINES={"default": {"url": url, "poolclass": NullPool}},
            SQLALCHEMY_ENGINE_OPTIONS={"poolclass": NullPool},
            BASTIDE={
                "hashing": CHEAP_HASHING,
                "transport": {"allowed_hosts": frozenset({"localhost"}), "plain_http_hosts": frozenset({"localhost"})},
            },
        )  # fmt: skip

        class Base(DeclarativeBase):
            pass

        given: dict[str, Any] = {}
        if kind == "plain":
            engine = create_engine(url, poolclass=NullPool)
            given = {"engine": engine, "session": scoped_session(sessionmaker(engine, class_=Session))}
            model: Any = Base
        elif kind == "flask_sqlalchemy":
            given = {"engine": (db := flask_sqlalchemy.SQLAlchemy(app, model_class=Base))}
            model = db.Model
        else:
            given = {"engine": flask_sqlalchemy_lite.SQLAlchemy(app)}
            model = Base

        class User(AccountMixin, model):  # type: ignore[misc]  # the extension's own base
            __tablename__ = "person"
            id: Mapped[int] = mapped_column(primary_key=True)

        class Note(model):  # type: ignore[misc]  # the extension's own base
            __tablename__ = "note"
            id: Mapped[int] = mapped_column(primary_key=True)
            owner_id: Mapped[int]
            text: Mapped[str]

        self.bastide = Bastide(
            users=User, mailer=Outbox(), roles={"reader": {"read"}}, event_kinds=NoteEvent, **given
        )
        self.bastide.init_app(app)

        @app.get("/")
        @public
        def index() -> str:
            return "everybody"

        @app.get("/notes")
        @login_required
        def notes() -> list[str]:
            found = self.bastide.session.scalars(select(Note).where(visible(OWN, Note)).order_by(Note.id))
            return [note.text for note in found]

        @app.post("/notes/new/<text>")
        @login_required
        def write(text: str) -> str:
            self.bastide.session.add(Note(owner_id=principal().account_id, text=text))
            self.bastide.session.commit()
            return text

        @app.get("/notes/<int:note_id>")
        @policy_required(OWN, Note)
        def read(note: Any) -> str:
            return str(note.text)

        @app.get("/csrf-token")
        @public
        def token() -> dict[str, str]:
            from bastide.flask import current_exchange

            return {"token": current_exchange().csrf_token()}

        @app.post("/record")
        @public
        def tell() -> str:
            record(NoteEvent.COUNTED, target="note:7", total="3")
            return "declared"

        @app.post("/record-undeclared")
        @public
        def tell_more() -> str:
            record(OtherEvent.COUNTED)
            return "undeclared"

        self.bastide.seal(app)
        with app.app_context():
            model.metadata.create_all(self.bastide.engine)
        self.bastide.create_roles()

    def signed_in(self, name: str) -> Browser:
        new = NewAccount(
            username=name, username_key=account_key(name), email=f"{name}@example.org",
            email_key=f"{name}@example.org", password_hash=HASHER.hash(Secret(PASSWORD)),
            roles=frozenset({"reader"}),
        )  # fmt: skip
        services = self.bastide.services
        services.stores.accounts.add_account(new, ticket_digest=None, now=services.clock.now())
        browser = Browser(self.app)
        assert browser.sign_in(name).status_code == 303
        return browser

    def close(self) -> None:
        with self.app.app_context():
            remove = getattr(self.bastide.session, "remove", None)
            if remove is not None:
                remove()
        self.bastide.services.stores.sessions._database.dispose()  # type: ignore[attr-defined]  # noqa: SLF001
        self.bastide.engine.dispose()


@pytest.fixture(params=KINDS)
def notes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Notes]:
    made = Notes(request.param, tmp_path)
    yield made
    made.close()


def test_people_sign_in_and_see_their_own_rows_only(notes: Notes) -> None:
    maud, tomas = notes.signed_in("maud"), notes.signed_in("tomas")
    assert maud.post("/notes/new/first").status_code == 200
    assert maud.get("/notes").get_json() == ["first"]
    assert tomas.get("/notes").get_json() == []
    assert maud.get("/notes/1").text == "first"
    assert tomas.get("/notes/1").status_code == 404
    assert Browser(notes.app).get("/notes").headers["Location"] == "/account/sign-in?next=/notes"


def test_the_layers_are_on(notes: Notes) -> None:
    maud = notes.signed_in("maud")
    forged = maud.open("POST", "/notes/new/forged")
    assert forged.status_code == 403
    assert maud.get("/notes").get_json() == []
    answer = Browser(notes.app).get("/")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


def test_a_route_without_a_rule_stops_the_start(notes: Notes) -> None:
    notes.app._got_first_request = False  # the setup check of Flask, not what is tested here  # noqa: SLF001
    notes.app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    with pytest.raises(ConfigurationError, match=r"/forgotten \(forgotten\)"):
        notes.bastide.seal(notes.app)


@pytest.mark.asvs("V8.2.1")
@pytest.mark.parametrize("notes", ["plain"], indirect=True)
def test_a_view_that_has_the_name_of_static_files_is_none(notes: Notes, tmp_path: Path) -> None:
    """Files that Flask sends are everybody's; a view with a blueprint's name, or in their place, is not."""
    app = notes.app
    (tmp_path / "a.txt").write_text("everybody's")
    app.register_blueprint(Blueprint("files", "files", static_folder=str(tmp_path), url_prefix="/files"))
    notes.bastide.seal(app)
    with Browser(app).get(f"/files/{tmp_path.name}/a.txt") as answer:
        assert (answer.status_code, answer.text) == (200, "everybody's")
    app.view_functions["files.static"] = lambda filename: filename
    with pytest.raises(ConfigurationError, match=r"\(files\.static\)\Z"):
        notes.bastide.seal(app)
    app.view_functions["files.static"] = app.blueprints["files"].send_static_file
    app._got_first_request = False  # as above  # noqa: SLF001
    app.add_url_rule("/files", "files", lambda: "open")
    with pytest.raises(ConfigurationError, match=r"/files \(files\)\Z"):
        notes.bastide.seal(app)


@pytest.mark.parametrize("notes", ["flask_sqlalchemy", "flask_sqlalchemy_lite"], indirect=True)
def test_every_request_has_the_session_that_the_extension_made_for_it(notes: Notes) -> None:
    found = []
    for _ in range(2):
        with notes.app.app_context():
            session = notes.bastide.session
            found.append(session() if isinstance(session, scoped_session) else session)
    assert found[0] is not found[1]


@pytest.mark.asvs("V13.4.2")
def test_values_that_a_test_puts_into_the_session_are_seen_by_its_first_request(notes: Notes) -> None:
    @public
    def basket() -> Any:
        return {"basket": flask_session.get("basket")}

    app = notes.app
    app.add_url_rule("/basket", "basket", basket)
    app.extensions["bastide"].seal()
    client = app.test_client()
    with client.session_transaction(base_url=BASE) as values:
        values["basket"] = [1, 2]
    assert client.get("/basket", base_url=BASE).get_json() == {"basket": [1, 2]}
    with client.session_transaction(base_url=BASE) as values:
        values["basket"] = [1, 2, 3]
    assert client.get("/basket", base_url=BASE).get_json() == {"basket": [1, 2, 3]}
    assert app.test_client().get("/basket", base_url=BASE).get_json() == {"basket": None}


def test_an_application_without_hosts_does_not_start(notes: Notes) -> None:
    notes.app.config["BASTIDE"] = {"hashing": CHEAP_HASHING}
    with pytest.raises(ConfigurationError, match="allowed_hosts is empty, so every request would be refused"):
        notes.bastide.init_app(notes.app)


def test_a_policy_without_a_session_stops_the_start_by_name(notes: Notes) -> None:
    notes.app.extensions["bastide"].find_session = None
    with pytest.raises(ConfigurationError, match=r"Bastide\(session=…\) is missing.*: read$"):
        notes.bastide.seal(notes.app)


def recorded(notes: Notes, *kinds: str) -> Sequence[Event]:
    log = notes.bastide.services.stores.events
    return log.list_events(EventFilter(kinds=frozenset(kinds)), offset=0, limit=9)[0]


@pytest.mark.asvs("V16.2.4")
def test_an_application_records_kinds_that_it_declared_and_no_others(notes: Notes) -> None:
    maud = notes.signed_in("maud")
    assert maud.post("/record").text == "declared"
    (event,) = recorded(notes, NoteEvent.COUNTED)
    assert (event.kind, event.target, event.detail) == ("notes:note:counted", "note:7", {"total": "3"})
    assert event.actor == "1"
    assert maud.post("/record-undeclared").status_code == 500
    assert recorded(notes, OtherEvent.COUNTED) == []
    assert len(recorded(notes, EventKind.UNEXPECTED_ERROR)) == 1


@pytest.mark.asvs("V16.2.4")
def test_kinds_that_are_not_sound_stop_the_start() -> None:
    class Shadow(AppEventKind):
        SIGNED_IN = "account:login:success", "somebody signed in"

    with pytest.raises(ConfigurationError, match="'account:login:success' begins with 'account'"):
        Bastide(users=object, engine=None, mailer=Outbox(), roles={}, event_kinds=Shadow)
