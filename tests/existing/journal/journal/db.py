"""The tables, and a session for each request."""

from datetime import datetime

import click
from flask import current_app, g
from flask.cli import with_appcontext
from sqlalchemy import ForeignKey, String, create_engine, func
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(80), unique=True)
    password: Mapped[str] = mapped_column(String(256))


class Entry(Base):
    __tablename__ = "entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str]
    author: Mapped[User] = relationship()


def get_db():
    if "db" not in g:
        g.db = Session(current_app.engine)
    return g.db


def close_db(_error=None):
    db = g.pop("db", None)
    if db is not None:
        db.close()


@click.command("init-db")
@with_appcontext
def init_db_command():
    """Make the tables."""
    Base.metadata.create_all(current_app.engine)
    click.echo("The tables are there.")


def init_app(app):
    app.engine = create_engine(app.config["DATABASE"])
    app.teardown_appcontext(close_db)
    app.cli.add_command(init_db_command)
