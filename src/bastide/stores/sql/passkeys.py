"""Passkeys in SQL."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from bastide.core.foundation import AccountId, to_micros
from bastide.core.records import Added, StoredPasskey
from bastide.stores.rows import PASSKEY, passkey_row, stored_passkey
from bastide.stores.sql.connection import Database
from bastide.stores.sql.dialects import insert_for
from bastide.stores.sql.factors import FactorRows
from bastide.stores.sql.tables import SecurityTables


class SqlPasskeys:
    """See ``PasskeyStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._table = tables.passkey
        self._columns = select(*(self._table.c[name] for name in PASSKEY))
        self._rows = FactorRows(tables)

    def add_passkey(self, new: StoredPasskey, *, codes: Collection[bytes], keep: bytes, limit: int) -> Added:
        """See ``PasskeyStore``."""
        column = self._table.c
        add = insert_for(self._database.engine)(self._table).values(passkey_row(new))
        add = add.on_conflict_do_nothing(index_elements=[column.credential_id]).returning(
            column.credential_id
        )
        own = select(func.count()).select_from(self._table).where(column.account_id == new.account_id)
        with self._database.transaction() as connection:
            self._rows.lock(connection, new.account_id)
            if connection.execute(own).scalar_one() >= limit:
                return Added.NOTHING
            had_factor = self._rows.has_factor(connection, new.account_id)
            if connection.execute(add).one_or_none() is None:
                return Added.NOTHING
            return self._rows.turn_on(connection, new.account_id, codes, keep, had_factor=had_factor)

    def find_passkey(self, credential_id: bytes) -> StoredPasskey | None:
        """See ``PasskeyStore``."""
        with self._database.reading() as connection:
            row = connection.execute(
                self._columns.where(self._table.c.credential_id == credential_id)
            ).one_or_none()
        return None if row is None else stored_passkey(row)

    def list_passkeys(self, account_id: AccountId) -> Sequence[StoredPasskey]:
        """See ``PasskeyStore``."""
        column = self._table.c
        own = self._columns.where(column.account_id == account_id)
        with self._database.reading() as connection:
            rows = connection.execute(own.order_by(column.created_at, column.credential_id))
            return [stored_passkey(row) for row in rows]

    def use_passkey(self, credential_id: bytes, *, old_count: int, new_count: int, now: datetime) -> bool:
        """See ``PasskeyStore``."""
        column = self._table.c
        use = (
            update(self._table)
            .where(column.credential_id == credential_id, column.sign_count == old_count)
            .values(sign_count=new_count, last_used_at=to_micros(now))
        )
        return self._database.write(use) == 1

    def rename_passkey(self, account_id: AccountId, credential_id: bytes, name: str) -> bool:
        """See ``PasskeyStore``."""
        column = self._table.c
        rename = (
            update(self._table)
            .where(column.credential_id == credential_id, column.account_id == account_id)
            .values(name=name)
        )
        return self._database.write(rename) == 1

    def remove_passkey(self, account_id: AccountId, credential_id: bytes, *, keep: bytes | None) -> bool:
        """See ``PasskeyStore``."""
        column = self._table.c
        remove = delete(self._table).where(
            column.credential_id == credential_id, column.account_id == account_id
        )
        with self._database.transaction() as connection:
            self._rows.lock(connection, account_id)
            if connection.execute(remove).rowcount != 1:
                return False
            self._rows.turn_off(connection, account_id, keep)
            return True
