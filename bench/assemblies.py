"""The same small page behind nothing, behind Bastide and behind the usual packages."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from flask_security import Security, SQLAlchemyUserDatastore, permissions_required
from flask_security import login_user as security_login
from flask_security.models import fsqla_v2
from flask_session import Session as ServerSideSession
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker
from werkzeug.test import create_environ

from bastide.core.foundation import Client, Principal
from bastide.core.records import NewAccount
from bastide.flask import AccountMixin, Bastide, principal, public
from bastide.flask import login_required as bastide_login_required
from bastide.mailers import FolderMailer

PAGE = "x" * 500


@dataclass(frozen=True)
class Candidate:
    """An application and the environment of each kind of request."""

    name: str
    application: Any
    environs: dict[str, dict[str, Any]]

    def request(self, kind: str) -> None:
        """Answer one request, as a server would call it."""
        body = self.application(dict(self.environs[kind]), _start)
        for _ in body:
            pass


def _start(status: str, _headers: list[Any], _exc_info: Any = None) -> Callable[[bytes], object]:
    if not status.startswith("200"):
        raise RuntimeError(status)
    return lambda _data: None


def _environs(cookie: str) -> dict[str, dict[str, Any]]:
    base = {"base_url": "https://localhost"}
    return {
        "anonymous": create_environ("/", **base),
        "signed in": create_environ("/own", **base, headers={"Cookie": cookie} if cookie else {}),
    }


def _post_environ(cookie: str, token: str) -> dict[str, Any]:
    headers = {"Cookie": cookie, "X-CSRF-Token": token, "Origin": "https://localhost"}
    headers["Referer"] = "https://localhost/own"
    return create_environ("/own", method="POST", base_url="https://localhost", headers=headers)


def bare() -> Candidate:
    """Flask and two views."""
    app = Flask("bare")
    app.add_url_rule("/", "index", lambda: PAGE)
    app.add_url_rule("/own", "own", lambda: PAGE, methods=["GET", "POST"])
    return Candidate("bare", app, {**_environs(""), "signed-in POST": _post_environ("", "")})


def bastide(folder: Path, **settings: dict[str, Any]) -> Candidate:
    """Every layer of Bastide on, SQLite on disk."""

    class Base(DeclarativeBase):
        pass

    class User(AccountMixin, Base):
        __tablename__ = "person"
        id: Mapped[int] = mapped_column(primary_key=True)

    app = Flask("guarded")
    app.config["SECRET_KEY"] = "k" * 64
    app.config["BASTIDE"] = {"transport": {"allowed_hosts": frozenset({"localhost"})}, **settings}
    engine = create_engine(f"sqlite:///{folder / 'bastide.sqlite3'}")
    guard = Bastide(
        users=User,
        engine=engine,
        session=scoped_session(sessionmaker(engine, class_=Session)),
        mailer=FolderMailer(folder / "mail"),
        roles={"reader": {"read"}},
    )
    guard.init_app(app)
    Base.metadata.create_all(engine)
    app.add_url_rule("/", "index", public(lambda: PAGE))
    app.add_url_rule("/own", "own", bastide_login_required(lambda: PAGE if principal().has("read") else ""),
                     methods=["GET", "POST"])  # fmt: skip
    guard.seal(app)
    guard.create_roles()
    email = "m@example.org"
    new = NewAccount(
        username="maud",
        username_key="maud",
        email=email,
        email_key=email,
        password_hash="x",
        roles=frozenset({"reader"}),
    )
    services = guard.services
    account_id = services.stores.accounts.add_account(new, ticket_digest=None, now=services.clock.now())
    started = services.sessions.start(Principal(account_id=account_id, name="maud"), Client())
    cookie = f"__Host-session={started.session_id.reveal()}"
    token = services.csrf.issue_token(b"session:" + started.digest)
    return Candidate("bastide", app, {**_environs(cookie), "signed-in POST": _post_environ(cookie, token)})


def usual(folder: Path) -> Candidate:
    """Talisman, CSRFProtect, Flask-Login, Flask-Session on SQL and Flask-Limiter, as their pages show."""
    app = Flask("usual")
    app.config.update(
        SECRET_KEY="k" * 64, SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'usual.sqlite3'}",
        SESSION_TYPE="sqlalchemy", SESSION_COOKIE_SECURE=True,
    )  # fmt: skip
    db = SQLAlchemy(app)

    class Person(UserMixin, db.Model):  # type: ignore[name-defined, misc]  # made by the extension
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(30))

    app.config["SESSION_SQLALCHEMY"] = db
    ServerSideSession(app)
    Talisman(app)
    CSRFProtect(app)
    Limiter(get_remote_address, app=app, default_limits=["1000000 per hour"], storage_uri="memory://")
    manager = LoginManager(app)
    manager.user_loader(lambda key: db.session.get(Person, int(key)))
    app.add_url_rule("/", "index", lambda: PAGE)
    app.add_url_rule("/own", "own", login_required(lambda: PAGE if current_user.name else ""),
                     methods=["GET", "POST"])  # fmt: skip

    @app.get("/enter")
    def enter() -> str:
        login_user(db.session.get(Person, 1))
        session["seen"] = True
        return generate_csrf()

    with app.app_context():
        db.create_all()
        db.session.add(Person(name="maud"))
        db.session.commit()
    answer = app.test_client().get("/enter", base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return Candidate(
        "usual", app, {**_environs(cookie), "signed-in POST": _post_environ(cookie, answer.text)}
    )


def flask_security(folder: Path) -> Candidate:
    """Flask-Security-Too with roles on SQL and CSRFProtect, as its pages show."""
    app = Flask("security")
    app.config.update(
        SECRET_KEY="k" * 64, SECURITY_PASSWORD_SALT="s" * 32, SESSION_COOKIE_SECURE=True,
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'security.sqlite3'}", WTF_CSRF_CHECK_DEFAULT=True,
    )  # fmt: skip
    db = SQLAlchemy(app)
    fsqla_v2.FsModels.set_db_info(db)

    class Role(db.Model, fsqla_v2.FsRoleMixin):  # type: ignore[name-defined, misc]  # made by the extension
        pass

    class User(db.Model, fsqla_v2.FsUserMixin):  # type: ignore[name-defined, misc]  # made by the extension
        pass

    CSRFProtect(app)
    people = SQLAlchemyUserDatastore(db, User, Role)
    Security(app, people)
    app.add_url_rule("/", "index", lambda: PAGE)
    app.add_url_rule("/own", "own", permissions_required("read")(lambda: PAGE), methods=["GET", "POST"])

    @app.get("/enter")
    def enter() -> str:
        security_login(people.find_user(email="maud@example.org"))
        return generate_csrf()

    with app.app_context():
        db.create_all()
        role = people.create_role(name="reader", permissions={"read"})
        people.create_user(email="maud@example.org", password="x", roles=[role])
        db.session.commit()
    client = app.test_client()
    client.environ_base = {}
    answer = client.get("/enter", base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return Candidate(
        "Flask-Security", app, {**_environs(cookie), "signed-in POST": _post_environ(cookie, answer.text)}
    )
