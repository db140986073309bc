"""The connections that the stores keep beside the application's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from bastide.core.foundation import StoreUnavailable
from bastide.stores.sql.connection import Database

KEPT = Table("kept", MetaData(), Column("number", Integer, primary_key=True))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(create_engine(f"sqlite:///{tmp_path / 'kept.sqlite3'}"))
    KEPT.metadata.create_all(made.engine)
    yield made
    made.dispose()


def numbers(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(connection.execute(select(KEPT.c.number).order_by(KEPT.c.number)).scalars())


def test_a_write_says_how_many_rows_it_met_whatever_its_kind(database: Database) -> None:
    assert database.write(insert(KEPT).values([{"number": 1}, {"number": 2}])) == 2
    assert database.write(insert(KEPT).values(number=1).on_conflict_do_nothing()) == 0
    assert database.write(update(KEPT).where(KEPT.c.number > 1).values(number=3)) == 1
    assert database.write(delete(KEPT).where(KEPT.c.number == 9)) == 0
    assert numbers(database) == [1, 3]


def test_a_write_stays_by_itself_and_goes_with_a_unit_that_fails(database: Database) -> None:
    database.write(insert(KEPT).values(number=1))
    with pytest.raises(ZeroDivisionError):
        _write_two_and_fail(database)
    assert numbers(database) == [1]


def _write_two_and_fail(database: Database) -> None:
    with database.unit():
        database.write(insert(KEPT).values(number=2))
        assert numbers(database) == [1, 2]
        _ = 1 / 0


def test_a_transaction_that_failed_holds_no_lock_even_while_a_statement_of_its_is_held(
    database: Database,
) -> None:
    held: list[Any] = []
    with pytest.raises(StoreUnavailable):
        _fail_midway(database, held)
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO kept VALUES (2)")
    assert numbers(database) == [2]


def _fail_midway(database: Database, held: list[Any]) -> None:
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO kept VALUES (1)")
        held.append(cursor.connection.cursor().execute("SELECT * FROM kept"))
        cursor.execute("INSERT INTO nowhere VALUES (1)")
