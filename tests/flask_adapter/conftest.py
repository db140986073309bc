"""What the applications of a test have opened is closed with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.orm import Session

from bastide.stores.sql import Database
from support.flask_beside import Base, Note, User


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


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'there.sqlite3'}")
    Base.metadata.create_all(engine)
    with Session(engine) as database:
        database.add_all(
            [User(id=1, username="maud", password="right"), User(id=2, username="tomas", password="else")]
        )
        database.add(Note(id=1, owner_id=1, text="of maud"))
        database.commit()
    yield engine
    engine.dispose()


@pytest.fixture
def kept() -> MetaData:
    """Tables of one test's own."""
    metadata = MetaData()
    Base.metadata.tables["user"].to_metadata(metadata)
    return metadata
