"""Lifting what the database itself checks, as on a table that was made without it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_checks(execute: Callable[[str], Any], table: str, *, is_sqlite: bool) -> Iterator[None]:
    """Let a connection write what is not sealed; PostgreSQL forgets the table's constraint for good."""
    if not is_sqlite:
        is_one = f"conrelid = '{table}'::regclass AND contype = 'c' AND strpos(pg_get_constraintdef(oid), 'decode(') > 0"
        execute(
            f"DO $$ DECLARE found text; BEGIN FOR found IN SELECT conname FROM pg_constraint WHERE {is_one} "
            f"LOOP EXECUTE 'ALTER TABLE {table} DROP CONSTRAINT ' || quote_ident(found); END LOOP; END $$"
        )
        yield
        return
    execute("PRAGMA ignore_check_constraints = ON")
    try:
        yield
    finally:
        execute("PRAGMA ignore_check_constraints = OFF")
