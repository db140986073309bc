"""Grouped CSP violations in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from bastide.core.foundation import to_micros
from bastide.core.http import Violation, ViolationGroup
from bastide.stores.rows import VIOLATION_GROUP, violation_group, violation_row
from bastide.stores.sql.connection import Database
from bastide.stores.sql.tables import SecurityTables


class SqlViolations:
    """See ``ViolationStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._table = tables.violation

    def record_violation(self, violation: Violation, *, now: datetime, max_groups: int) -> bool:
        """See ``ViolationStore``."""
        column = self._table.c
        count_again = (
            self._table.update()
            .where(column.fingerprint == violation.fingerprint)
            .values(count=column.count + 1, last_seen=to_micros(now))
        )
        add = self._table.insert().values(violation_row(violation, now=now))
        with self._database.transaction() as connection:
            if not self._database.is_sqlite:
                # Kinds are counted before one is added: one writer at a time, as on SQLite.
                connection.exec_driver_sql(f"LOCK TABLE {self._table.name} IN SHARE ROW EXCLUSIVE MODE")
            if connection.execute(count_again).rowcount:
                return False
            groups = connection.execute(select(func.count()).select_from(self._table)).scalar_one()
            if groups >= max_groups:
                rarest = select(column.fingerprint).order_by(column.count, column.last_seen).limit(1)
                connection.execute(self._table.delete().where(column.fingerprint.in_(rarest)))
            connection.execute(add)
            return True

    def list_violations(self, *, limit: int) -> Sequence[ViolationGroup]:
        """See ``ViolationStore``."""
        column = self._table.c
        newest = select(*(column[name] for name in VIOLATION_GROUP))
        newest = newest.order_by(column.last_seen.desc(), column.fingerprint).limit(limit)
        with self._database.reading() as connection:
            return [violation_group(row) for row in connection.execute(newest)]
