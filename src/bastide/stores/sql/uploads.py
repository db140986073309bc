"""Rows of uploads in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from bastide.core.foundation import AccountId, to_micros
from bastide.core.uploads import Quota, Upload, UploadState
from bastide.stores.rows import UPLOAD, decided_upload, stored_upload, upload_row
from bastide.stores.sql.connection import Database
from bastide.stores.sql.tables import SecurityTables


class SqlUploads:
    """See ``UploadStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._table = tables.upload
        self._columns = select(*(self._table.c[name] for name in UPLOAD))
        self._user = tables.user_id

    def reserve_upload(self, new: Upload, *, quota: Quota) -> bool:
        """See ``UploadStore``."""
        with self._database.transaction() as connection:
            if not self._has_room(connection, new.owner, new.name, new.size_bytes, quota):
                return False
            connection.execute(insert(self._table).values(upload_row(new)))
            return True

    def settle_upload(
        self, name: str, *, size_bytes: int, digest: bytes, state: UploadState, quota: Quota
    ) -> bool:
        """See ``UploadStore``."""
        column = self._table.c
        own = (column.name == name, column.state == UploadState.PENDING)
        settle = update(self._table).where(*own).values(size_bytes=size_bytes, digest=digest, state=state)
        with self._database.transaction() as connection:
            owner = connection.execute(select(column.account_id).where(*own)).scalar_one_or_none()
            if owner is None or not self._has_room(connection, owner, name, size_bytes, quota):
                return False
            return connection.execute(settle).rowcount == 1

    def decide_upload(self, name: str, state: UploadState) -> bool:
        """See ``UploadStore``."""
        column = self._table.c
        decide = update(self._table).where(column.name == name, column.state == UploadState.HELD)
        return self._database.write(decide.values(decided_upload(state))) == 1

    def discard_upload(self, name: str, *, subject: str) -> Upload | None:
        """See ``UploadStore``."""
        column = self._table.c
        own = (column.name == name, column.subject == subject, column.state != UploadState.REMOVED)
        with self._database.transaction() as connection:
            row = connection.execute(self._columns.where(*own).with_for_update()).one_or_none()
            if row is None:
                return None
            discard = update(self._table).where(column.name == name).values(state=UploadState.REMOVED)
            connection.execute(discard)
            return stored_upload(row)

    def find_upload(self, name: str) -> Upload | None:
        """See ``UploadStore``."""
        statement = self._columns.where(self._table.c.name == name)
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else stored_upload(row)

    def list_uploads_of(self, subject: str) -> Sequence[Upload]:
        """See ``UploadStore``."""
        return self._list(self._table.c.subject == subject)

    def remove_upload(self, name: str) -> bool:
        """See ``UploadStore``."""
        return self._database.write(delete(self._table).where(self._table.c.name == name)) == 1

    def list_uploads(self, state: UploadState, *, before: datetime | None, limit: int) -> Sequence[Upload]:
        """See ``UploadStore``."""
        column = self._table.c
        older = () if before is None else (column.created_at < to_micros(before),)
        return self._list(column.state == state, *older, limit=limit)

    def list_ownerless_uploads(self, *, limit: int) -> Sequence[Upload]:
        """See ``UploadStore``."""
        column = self._table.c
        return self._list(column.account_id.is_(None), column.state != UploadState.PENDING, limit=limit)

    def _list(self, *conditions: ColumnElement[bool], limit: int | None = None) -> Sequence[Upload]:
        column = self._table.c
        statement = self._columns.where(*conditions).order_by(column.created_at, column.name)
        with self._database.reading() as connection:
            return [stored_upload(row) for row in connection.execute(statement.limit(limit))]

    def _has_room(
        self, connection: Connection, owner: AccountId | None, name: str, size_bytes: int, quota: Quota
    ) -> bool:
        """Tell whether the owner's other files leave room; one upload of an owner at a time looks."""
        column = self._table.c
        # SQLite has one writer anyway.
        connection.execute(select(self._user).where(self._user == owner).with_for_update(key_share=True))
        others = select(func.count(), func.coalesce(func.sum(column.size_bytes), 0)).where(
            column.account_id == owner, column.name != name
        )
        count, used = connection.execute(others).one()
        return quota.takes(size_bytes, others=int(count), used_bytes=int(used))
