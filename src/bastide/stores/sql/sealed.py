"""The sealed columns of an application on SQLAlchemy, as rotation goes through them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import LargeBinary, MetaData, TableClause, column, func, select, table, true, update

from bastide.core.encryption import RowId, SealedRow, sealed_place
from bastide.core.mail import MAIL_COLUMN
from bastide.core.sign_in import TOTP_COLUMN
from bastide.stores.sql.connection import Database
from bastide.stores.sql.encrypted import EncryptedType, encrypted_columns


class SqlSealedColumn:
    """See ``SealedColumn``; the value is bytes here, whatever type the application reads it by."""

    def __init__(self, database: Database, row: Any, name: str, *, sealed_as: str = "") -> None:
        self.table: str
        self.column: str
        self.table, self.column = sealed_place(sealed_as, table=row.table.fullname, column=name)
        self._database = database
        self._table: TableClause = table(
            row.table.name, column(row.name, row.type), column(name, LargeBinary), schema=row.table.schema
        )
        self._row, self._sealed = self._table.c[row.name], self._table.c[name]
        self._start = func.substr(self._sealed, 1, 3, type_=LargeBinary)

    def count_by_start(self) -> Mapping[bytes, int]:
        """See ``SealedColumn``."""
        statement = select(self._start, func.count()).where(self._sealed.is_not(None)).group_by(self._start)
        with self._database.reading() as connection:
            return {bytes(start): number for start, number in connection.execute(statement)}

    def read_ends(self, start: bytes) -> Sequence[SealedRow]:
        """See ``SealedColumn``."""
        alike = select(self._row, self._sealed).where(self._start == start).limit(1)
        with self._database.reading() as connection:
            ends = [
                row for order in (self._row.asc(), self._row.desc())
                for row in connection.execute(alike.order_by(order))
            ]  # fmt: skip
        return list(dict.fromkeys(SealedRow(row, bytes(sealed)) for row, sealed in ends))

    def read_after(self, last: RowId | None, *, other_than: bytes, limit: int) -> Sequence[SealedRow]:
        """See ``SealedColumn``."""
        statement = (
            select(self._row, self._sealed)
            .where(self._sealed.is_not(None), self._start != other_than)
            .where(true() if last is None else self._row > last)
            .order_by(self._row)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [SealedRow(row, bytes(sealed)) for row, sealed in connection.execute(statement)]

    def replace_all(self, changes: Sequence[tuple[SealedRow, bytes]]) -> None:
        """See ``SealedColumn``; one short transaction."""
        with self._database.transaction() as connection:
            for old, sealed in changes:
                stands = (self._row == old.row, self._sealed == old.sealed)
                connection.execute(update(self._table).where(*stands).values({self._sealed: sealed}))


def sealed_columns(database: Database, metadata: MetaData) -> list[SqlSealedColumn]:
    """Return every sealed column of these tables: the application's encrypted ones, and Bastide's own."""
    own = [metadata.tables[TOTP_COLUMN[0]].c.account_id, metadata.tables[MAIL_COLUMN[0]].c.id]
    return [
        *(
            SqlSealedColumn(database, row, name)
            for row, (_, name) in zip(own, (TOTP_COLUMN, MAIL_COLUMN), strict=True)
        ),
        *(
            SqlSealedColumn(database, found.table.c[declared.row], found.name, sealed_as=declared.sealed_as)
            for found, declared in ((each, _declared(each)) for each in encrypted_columns(metadata))
        ),
    ]


def _declared(column: Any) -> EncryptedType[Any]:
    found: EncryptedType[Any] = column.type
    return found
