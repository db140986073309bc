"""Migrated databases, made once per process and copied for each test."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg

from support.tools import fast_folder


@cache
def _own_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes with the process."""
    return tempfile.TemporaryDirectory(prefix="bastide", dir=fast_folder())


@dataclass(frozen=True, slots=True)
class Template:
    """What a framework's databases are copied from.

    Attributes:
        framework: names the copies' model.
        migrate: makes every table at an address as SQLAlchemy knows it.
    """

    framework: str
    migrate: Callable[[str], None]

    def put_copy(self, url: str) -> None:
        """Make a fresh, migrated database at ``url``."""
        if url.startswith("sqlite:"):
            shutil.copy(_migrated_file(self), url.removeprefix("sqlite:///"))
            return
        server, name = split_url(url)
        create_database(server, name, template=_migrated_database(self, server))


@cache
def _migrated_file(template: Template) -> Path:
    path = Path(_own_folder().name) / f"{template.framework}.sqlite3"
    template.migrate(f"sqlite:///{path}")
    return path


@cache
def _migrated_database(template: Template, server: str) -> str:
    name = f"{template.framework}_{os.getpid()}"
    create_database(server, name)
    template.migrate(f"{server.replace('postgresql:', 'postgresql+psycopg:')}/{name}")
    return name


def create_database(server: str, name: str, *, template: str = "template1") -> None:
    """Make a PostgreSQL database, a copy of the template."""
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")


def drop_database(server: str, name: str) -> None:
    """Drop it, if it is there; a server in memory has no room for all of a run."""
    _run(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def put_empty_database(url: str) -> None:
    """Make the database without tables; SQLite makes its own."""
    if not url.startswith("sqlite"):
        create_database(*split_url(url))


def split_url(url: str) -> tuple[str, str]:
    """Return the server, as psycopg knows it, and the name of a PostgreSQL database."""
    server, _, name = url.replace("+psycopg:", ":").rpartition("/")
    return server, name


def is_there(url: str) -> bool:
    """Tell whether somebody made the database already, as in a race of processes."""
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///")).exists()
    server, name = split_url(url)
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return found is not None


def _run(server: str, statement: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]  # names of our own
