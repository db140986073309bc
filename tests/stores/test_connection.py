"""The connections that the stores keep beside the application's."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from bastide.core.foundation import StoreUnavailable
from bastide.stores.sql.connection import Database


def test_a_transaction_that_failed_holds_no_lock_even_while_a_statement_of_its_is_held(
    tmp_path: Path,
) -> None:
    database = Database(create_engine(f"sqlite:///{tmp_path / 'one.sqlite3'}"))
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (number INTEGER)")
    held: list[Any] = []
    with pytest.raises(StoreUnavailable):
        _fail_midway(database, held)
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO kept VALUES (2)")
    with database.cursor() as cursor:
        assert cursor.execute("SELECT number FROM kept").fetchall() == [(2,)]
    database.dispose()


def _fail_midway(database: Database, held: list[Any]) -> None:
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO kept VALUES (1)")
        held.append(cursor.connection.cursor().execute("SELECT * FROM kept"))
        cursor.execute("INSERT INTO nowhere VALUES (1)")
