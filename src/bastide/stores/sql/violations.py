"""Grouped CSP violations in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from bastide.core.foundation import from_micros, to_micros
from bastide.core.http import Violation, ViolationGroup
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
        moment = to_micros(now)
        count_again = (
            self._table.update()
            .where(column.fingerprint == violation.fingerprint)
            .values(count=column.count + 1, last_seen=moment)
        )
        add = self._table.insert().values(
            fingerprint=violation.fingerprint, directive=violation.directive, blocked=violation.blocked,
            document=violation.document, count=1, first_seen=moment, last_seen=moment,
        )  # fmt: skip
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
        newest = select(self._table).order_by(column.last_seen.desc(), column.fingerprint).limit(limit)
        with self._database.reading() as connection:
            rows = connection.execute(newest).all()
        return [
            ViolationGroup(
                violation=Violation(directive=row.directive, blocked=row.blocked, document=row.document),
                count=row._mapping["count"],  # noqa: SLF001 -- SQLAlchemy's public name; `count` is a tuple method
                 first_seen=from_micros(row.first_seen), last_seen=from_micros(row.last_seen),
            )
            for row in rows
        ]  # fmt: skip
