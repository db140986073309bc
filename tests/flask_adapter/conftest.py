"""What the applications of a test have opened is closed with it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from bastide.stores.sql import Database


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the stores' connections and the application's own, which nobody else does before the end."""
    databases: list[Database] = []
    engines: set[Engine] = set()
    initialise = Database.__init__

    def note_database(self: Database, *given: Any) -> None:
        initialise(self, *given)
        databases.append(self)

    def note_engine(connection: Connection) -> None:
        engines.add(connection.engine)

    monkeypatch.setattr(Database, "__init__", note_database)
    event.listen(Engine, "engine_connect", note_engine)
    yield
    event.remove(Engine, "engine_connect", note_engine)
    for each in (*databases, *engines):
        each.dispose()
