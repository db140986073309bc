"""One extension object for several applications: each keeps its own rules, people, sessions and keys."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import LargeBinary, NullPool, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker

from bastide.core.foundation import ConfigurationError, SealBroken, Secret
from bastide.core.records import NewAccount, account_key
from bastide.flask import (
    AccountMixin,
    Bastide,
    EncryptedText,
    current_exchange,
    login_required,
    permission_required,
    public,
)
from support.blog import CHEAP_HASHING, HASHER, KEYS, PASSWORD, Browser, Outbox

OTHER_KEYS = f"1:{'WFla' * 10}WFk=\nindex:{'SU5E' * 10}SU4="
ROLES = {"reader": {"read"}, "administrator": {"read", "admin_access"}}


def configured(name: str, folder: Path, keys: str, **settings: Any) -> Flask:
    app = Flask(name)
    app.config.update(
        SECRET_KEY=name * 40, BASTIDE_KEYS=keys, SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/{name}.sqlite3",
        SQLALCHEMY_ENGINE_OPTIONS={"poolclass": NullPool},
        BASTIDE={
            "hashing": CHEAP_HASHING, **settings,
            "transport": {"allowed_hosts": frozenset({"localhost"}), "plain_http_hosts": frozenset({"localhost"})},
        },
    )  # fmt: skip
    return app


class Town:
    """One extension object at module level, and factories that make applications of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[Flask] = []

        class Base(DeclarativeBase):
            pass

        self.db = db = SQLAlchemy(model_class=Base)
        model: Any = db.Model

        class User(AccountMixin, model):  # type: ignore[misc]  # the extension's own base
            __tablename__ = "person"
            id: Mapped[int] = mapped_column(primary_key=True)

        class Note(model):  # type: ignore[misc]  # the extension's own base
            __tablename__ = "note"
            id: Mapped[int] = mapped_column(primary_key=True)
            text: Mapped[str] = mapped_column(EncryptedText(row="id", blind_index="text_index"))
            text_index: Mapped[bytes | None] = mapped_column(LargeBinary)

        self.note: Any = Note
        self.bastide = Bastide(users=User, engine=db, mailer=Outbox(), roles=ROLES)

    def create(self, name: str, report: Callable[..., Any], keys: str = KEYS) -> Flask:
        app = configured(name, self.folder, keys)
        self.db.init_app(app)
        self.bastide.init_app(app)
        app.add_url_rule("/", "home", public(lambda: "home"))
        app.add_url_rule("/whoami", "whoami", login_required(lambda: "in"))
        app.add_url_rule("/csrf-token", "token", public(lambda: {"token": current_exchange().csrf_token()}))
        app.add_url_rule("/report", "report", report)
        with app.app_context():
            self.db.create_all()
            self.bastide.create_roles()
        self.made.append(app)
        return app

    def add_account(self, app: Flask, name: str, role: str = "reader") -> None:
        new = NewAccount(
            username=name, username_key=account_key(name), email=f"{name}@example.org",
            email_key=f"{name}@example.org", password_hash=HASHER.hash(Secret(PASSWORD)), roles=frozenset({role}),
        )  # fmt: skip
        with app.app_context():
            services = self.bastide.services
            services.stores.accounts.add_account(new, ticket_digest=None, now=services.clock.now())


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    for app in made.made:
        with app.app_context():
            made.db.session.remove()
        app.extensions["bastide"].database.dispose()


@pytest.mark.asvs("V8.2.1")
def test_each_keeps_its_own_rules(town: Town) -> None:
    north = town.create("north", public(lambda: "open"))
    assert Browser(north).get("/report").text == "open"
    south = town.create("south", permission_required("admin_access")(lambda: "administrators only"))
    town.add_account(south, "maud")
    town.add_account(south, "tomas", "administrator")
    maud, tomas = Browser(south), Browser(south)
    assert maud.sign_in("maud").status_code == tomas.sign_in("tomas").status_code == 303
    refused = Browser(south).get("/report")
    assert (refused.status_code, refused.headers["Location"]) == (303, "/account/sign-in?next=/report")
    assert (maud.get("/report").status_code, tomas.get("/report").text) == (403, "administrators only")
    assert Browser(north).get("/report").text == "open"


@pytest.mark.asvs("V8.2.1")
def test_a_route_without_a_rule_is_refused_by_name_in_the_second_too(town: Town) -> None:
    north = town.create("north", public(lambda: "open"))
    town.bastide.seal(north)
    assert Browser(north).get("/report").text == "open"
    south = town.create("south", lambda: "open to everybody")
    for start in (lambda: town.bastide.seal(south), lambda: Browser(south).get("/report")):
        with pytest.raises(ConfigurationError, match=r"without a rule .*: /report \(report\)$"):
            start()


@pytest.mark.asvs("V6.3.1")
def test_people_of_one_are_strangers_in_the_other(town: Town) -> None:
    north, south = (town.create(name, public(lambda: "open")) for name in ("north", "south"))
    town.add_account(north, "maud")
    town.add_account(south, "eva")
    maud, eva = Browser(north), Browser(south)
    assert (maud.sign_in("maud").status_code, maud.get("/whoami").text) == (303, "in")
    assert (eva.sign_in("eva").status_code, eva.get("/whoami").text) == (303, "in")
    for app, name in ((north, "eva"), (south, "maud")):
        assert Browser(app).sign_in(name).status_code == 403
    abroad = Browser(south)
    cookie = maud.cookie("__Host-session")
    assert cookie is not None
    abroad.set_cookie("__Host-session", cookie)
    assert abroad.get("/whoami").headers["Location"] == "/account/sign-in?next=/whoami"


@pytest.mark.asvs("V8.2.1")
def test_who_acts_in_one_is_nobody_in_one_that_it_calls(town: Town) -> None:
    """Threat: an application below a route of another, taking the other's session for its own."""
    south = town.create("south", permission_required("admin_access")(lambda: "administrators only"))
    north = town.create("north", public(lambda: Response.from_app(south.wsgi_app, request.environ)))
    town.add_account(north, "tomas", "administrator")
    tomas = Browser(north)
    assert tomas.sign_in("tomas").status_code == 303
    assert tomas.get("/report").headers["Location"] == "/account/sign-in?next=/report"
    assert tomas.get("/whoami").text == "in"


@pytest.mark.asvs("V13.3.2")
def test_each_seals_with_its_own_keys(town: Town) -> None:
    north = town.create("north", public(lambda: "open"))
    with north.app_context():
        town.db.session.add(town.note(id=1, text="of the north"))
        town.db.session.commit()
    south = town.create("south", public(lambda: "open"), OTHER_KEYS)
    with south.app_context():
        town.db.session.add(town.note(id=1, text="of the south"))
        town.db.session.commit()
    for app, own in ((north, "of the north"), (south, "of the south")):
        with app.app_context():
            found = town.db.session.scalars(select(town.note).where(town.note.text == own)).one()
            assert found.text == own
            abroad = town.db.session.get(town.note, 1, populate_existing=True)
        with (south if app is north else north).app_context(), pytest.raises(SealBroken):
            abroad.text  # noqa: B018


@pytest.mark.asvs("V13.3.2")
def test_without_an_application_at_hand_keys_that_differ_are_not_guessed(town: Town) -> None:
    for name in ("north", "south"):
        town.create(name, public(lambda: "open"))
        assert str(town.note.text == "kept") == "note.text_index = :text_index_1"
    town.create("third", public(lambda: "open"), OTHER_KEYS)
    with pytest.raises(ConfigurationError, match="different BASTIDE_KEYS share these tables"):
        town.note.text == "kept"  # noqa: B015


@pytest.mark.asvs("V13.3.4")
def test_a_ring_s_file_that_grew_between_two_starts_is_one_ring(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.touch(mode=0o600)
    path.write_text(KEYS)
    town.create("north", public(lambda: "open"), str(path))
    path.write_text(f"{KEYS}\n2:{'TkVX' * 10}TkU=")
    south = town.create("south", public(lambda: "open"), str(path))
    assert str(town.note.text == "kept") == "note.text_index = :text_index_1"
    with south.app_context():
        town.db.session.add(town.note(id=1, text="of the south"))
        town.db.session.commit()
        found = town.db.session.scalars(select(town.note)).one()
        assert town.db.session.scalar(text("SELECT text FROM note"))[:3] == b"\x01\x00\x02"
    assert found.text == "of the south"


def test_the_extension_speaks_for_the_application_at_hand(town: Town) -> None:
    with pytest.raises(ConfigurationError, match=r"serves no application yet: call `init_app\(app\)` first"):
        town.bastide.services  # noqa: B018
    north = town.create("north", public(lambda: "open"))
    assert town.bastide.services is north.extensions["bastide"].services
    south = town.create("south", public(lambda: "open"))
    for app in (north, south):
        with app.app_context():
            own = app.extensions["bastide"]
            assert town.bastide.services is own.services
            assert town.bastide.engine is own.engine is town.db.engine
    for ask in (lambda: town.bastide.services, lambda: town.bastide.session, town.bastide.create_roles):
        with pytest.raises(ConfigurationError, match=r"several applications: .* `with app.app_context\(\):`"):
            ask()
    lonely = Town(town.folder)
    only = lonely.create("lonely", public(lambda: "open"))
    with north.app_context():
        assert lonely.bastide.services is only.extensions["bastide"].services


def test_a_statement_is_judged_by_the_settings_of_its_own_application(tmp_path: Path, tripwires: Any) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/shared.sqlite3", poolclass=NullPool)
    session = scoped_session(sessionmaker(engine, class_=Session))

    class Base(DeclarativeBase):
        pass

    class User(AccountMixin, Base):
        __tablename__ = "person"
        id: Mapped[int] = mapped_column(primary_key=True)

    bastide = Bastide(users=User, engine=engine, session=session, mailer=Outbox(), roles=ROLES)
    apps = [
        configured("trusting", tmp_path, KEYS, tripwires={"on_query": "off"}),
        configured("watchful", tmp_path, KEYS, tripwires={"on_query": "block"}),
    ]
    for app in apps:
        bastide.init_app(app)
        app.teardown_appcontext(lambda _error: session.remove())
        run = public(lambda: [row[0] for row in session.execute(text(f"SELECT '{request.args['v']}'"))])
        app.add_url_rule("/run", "run", run)
    Base.metadata.create_all(engine)
    hole = "/run?v=x' OR 1=1 OR 'x"
    answers = [Browser(apps[0]).get(hole).status_code]
    with tripwires.expected():
        answers.append(Browser(apps[1]).get(hole).status_code)
    for app in apps:
        app.extensions["bastide"].database.dispose()
    assert answers == [200, 400]
