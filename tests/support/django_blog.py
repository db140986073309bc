"""Django set up once per process for the blog's settings, and pointed at one database after another."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

SECRET_KEY = "k" * 64
TEMPLATE = "django_template"


@cache
def set_up() -> None:
    """Configure Django; models can be imported afterwards."""
    os.environ["BLOG_SECRET_KEY"] = SECRET_KEY
    os.environ["DJANGO_SETTINGS_MODULE"] = "blog_django.settings"
    import django

    django.setup()


def point_at(url: str) -> None:
    """Make ``url`` the default database and the stores' own way to it."""
    from django.db import connections

    from bastide.django.accounts.stores.connection import register_alias
    from blog_django.settings import database

    close_all()
    connections.settings["default"] = {**connections.settings["default"], "OPTIONS": {}, **database(url)}
    register_alias()
    for alias in connections.settings:
        if hasattr(connections._connections, alias):  # noqa: SLF001 -- as below
            delattr(connections._connections, alias)  # noqa: SLF001 -- made anew with the next use


def close_all() -> None:
    from django.db import connections

    connections.close_all()


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    close_all()


@cache
def migrated_file() -> Path:
    """Return an SQLite file with every table, made once."""
    path = Path(tempfile.mkdtemp(prefix="bastide")) / "template.sqlite3"
    point_at(f"sqlite:///{path}")
    migrate()
    return path


@cache
def migrated_database(server: str) -> str:
    """Return the name of a PostgreSQL database with every table, made once."""
    name = f"{TEMPLATE}_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    point_at(f"{server}/{name}")
    migrate()
    return name


@contextmanager
def database_at(url: str) -> Iterator[Any]:
    """Give Django a fresh, migrated database at ``url``."""
    set_up()
    url = url.replace("postgresql+psycopg:", "postgresql:")
    if url.startswith("sqlite:"):
        shutil.copy(migrated_file(), url.removeprefix("sqlite:///"))
    else:
        server, _, name = url.rpartition("/")
        template = migrated_database(server)
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name}")  # type: ignore[arg-type]
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")  # type: ignore[arg-type]
    point_at(url)
    yield
    close_all()
