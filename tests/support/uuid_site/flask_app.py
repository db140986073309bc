"""The site on Flask: the account pages, and a sheet that only its owner opens."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, jsonify
from sqlalchemy import Engine, ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from bastide import Owns
from bastide.core.foundation import Clock
from bastide.core.mail import Mailer
from bastide.flask import AccountMixin, Bastide, login_required, policy_required, principal, public, visible
from bastide.flask.state import current_exchange
from bastide.stores.sql import security_tables
from blog_flask.database import Database

OWN = Owns("owner_id")
ROLES = {"reader": {"read"}, "administrator": {"read", "admin_access"}}


class Base(DeclarativeBase):
    pass


class Person(AccountMixin, Base):
    __tablename__ = "user_account"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class Sheet(Base):
    __tablename__ = "sheet"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    state: Mapped[str | None]
    owner: Mapped[Person | None] = relationship()


security_tables(Base.metadata, Person.__table__)


def migrate(engine: Engine) -> None:
    Base.metadata.create_all(engine)


def create_app(
    *, database_url: str, secret_key: str, keys: str, mail_folder: Path, mailer: Mailer,
    clock: Clock, settings: dict[str, dict[str, Any]], plain_http_hosts: frozenset[str] = frozenset({"localhost"}),
) -> Flask:  # fmt: skip
    app = Flask("uuid_site")
    app.config.update(
        SECRET_KEY=secret_key, BASTIDE_KEYS=keys,
        BASTIDE={
            "transport": {"allowed_hosts": frozenset({"localhost"}), "plain_http_hosts": plain_http_hosts},
            "registration": {"site_name": "Under the Arcades"},
            "passwords": {"site_words": ("Under the Arcades",)},
            **settings,
        },
    )  # fmt: skip
    database = Database(database_url)
    database.init_app(app)
    bastide = Bastide(users=Person, engine=database, mailer=mailer, roles=ROLES, clock=clock)
    bastide.init_app(app)

    @app.get("/")
    @public
    def home() -> Any:
        return "home"

    @app.get("/csrf-token")
    @public
    def csrf_token() -> Any:
        return jsonify(token=current_exchange().csrf_token())

    @app.get("/sheets")
    @login_required
    def sheets() -> Any:
        found = database.session.scalars(select(Sheet).where(visible(OWN, Sheet)))
        return jsonify(me=principal().account_id, listed=[sheet.id for sheet in found])

    @policy_required(OWN, Sheet)
    def one_sheet(sheet: Sheet) -> Any:
        return str(sheet.id)

    app.add_url_rule("/sheets/<uuid:sheet_id>", "sheet", one_sheet)
    app.add_url_rule("/raw-sheets/<sheet_id>", "raw_sheet", one_sheet)
    bastide.seal(app)
    return app
