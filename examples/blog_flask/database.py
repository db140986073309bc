"""Engine, session and migrations of the blog."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from flask import Flask, current_app, g
from sqlalchemy import Engine, create_engine, inspect, text, update
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from werkzeug.exceptions import NotFound

from bastide.flask import installed_in, tune_sqlite

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK_KEY = 6_842_013


class Database:
    """The blog's connection to its database: one session per request, closed with it."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url, pool_pre_ping=True)
        if self.engine.dialect.name == "sqlite":
            tune_sqlite(self.engine)
        self.session = scoped_session(sessionmaker(self.engine, class_=Session), scopefunc=_app_context)

    def init_app(self, app: Flask) -> None:
        app.teardown_appcontext(lambda _error: self.session.remove())


def db() -> scoped_session[Session]:
    """Return the session of the application at hand."""
    found: scoped_session[Session] = installed_in(current_app).session
    return found


def hold(row: Any) -> None:
    """Keep others from changing the row until the commit, on SQLite too, and go on from what it is now.

    Raises:
        NotFound: it is gone meanwhile.
    """
    model = type(row)
    (key,) = inspect(model).primary_key
    # A write locks on every database; reading first would leave a gap before it.
    touched = update(model).where(key == inspect(row).identity[0]).values({key: key})
    held: Any = db().execute(touched, execution_options={"synchronize_session": False})
    if not held.rowcount:
        raise NotFound
    db().refresh(row)


def _app_context() -> int:
    return id(g._get_current_object())  # noqa: SLF001 -- Flask's proxy


def migrate(engine: Engine) -> None:
    """Bring the database to the newest version; of two workers at once, one waits for the other."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _only_one(engine), engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


@contextmanager
def _only_one(engine: Engine) -> Iterator[None]:
    if engine.dialect.name == "sqlite":
        with Path(f"{engine.url.database}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
