"""Every store there is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine

from bastide.core.request import Stores
from bastide.stores.memory import memory_stores
from bastide.stores.sql import Database, sql_stores
from support.django_blog import database_at
from support.stores import (
    User,
    UuidUser,
)
from support.templates import put_empty_database


class WatchedDatabase(Database):
    """On SQLite, what is for reading refuses to write."""

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with super().reading() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("PRAGMA query_only = ON")
            try:
                yield connection
            finally:
                if self.is_sqlite:
                    connection.exec_driver_sql("PRAGMA query_only = OFF")


def sql(url: str, users: Any) -> Iterator[Stores]:
    put_empty_database(url)
    engine = create_engine(url)
    stores = sql_stores(WatchedDatabase(engine), users)
    users.metadata.create_all(engine)
    yield stores
    stores.accounts._database.dispose()  # type: ignore[attr-defined]  # noqa: SLF001
    engine.dispose()


def on_django(url: str) -> Iterator[Stores]:
    with database_at(url):
        from bastide.django.accounts.stores import django_stores

        yield django_stores()


@pytest.fixture(
    params=[
        "memory", "sqlite", "postgresql", "sqlite with uuid keys", "postgresql with uuid keys",
        "django on sqlite", "django on postgresql",
    ]
)  # fmt: skip
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Empty stores; a module's ``USERS`` are its own two user classes."""
    kind: str = request.param
    by_number, by_uuid = getattr(request.module, "USERS", (User, UuidUser))
    users = by_uuid if "uuid" in kind else by_number
    if kind == "memory":
        made: Iterator[Stores] = iter([memory_stores()])
    elif kind == "django on sqlite":
        made = on_django(f"sqlite:///{tmp_path / 'django.sqlite3'}")
    elif kind == "django on postgresql":
        made = on_django(request.getfixturevalue("postgres_url"))
    elif kind.startswith("sqlite"):
        made = sql(f"sqlite:///{tmp_path / 'stores.sqlite3'}", users)
    else:
        made = sql(request.getfixturevalue("postgres_url"), users)
    found = next(made)
    found.accounts.define_roles({"reader": frozenset({"read"}), "author": frozenset({"write", "read"})})
    yield found
    for _ in made:
        pass
