"""Sessions in SQL: resuming one is a single keyed read of session, account and rights."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, true, update

from bastide.core.foundation import AccountId, to_micros
from bastide.core.records import NewSession, SessionSummary, StoredSession
from bastide.stores.rows import SESSION_SUMMARY, rotated_session, session_row, session_summary, stored_session
from bastide.stores.sql.connection import Database
from bastide.stores.sql.rights import account_id_reader, names_in, rights_of
from bastide.stores.sql.tables import SecurityTables


class SqlSessions:
    """See ``SessionStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._tables = tables
        self._table = tables.session
        key = tables.session.c.digest == bindparam("b_digest")
        self._load = database.compile(self._load_statement().where(key))
        self._touch = database.compile(
            update(self._table)
            .where(key, self._table.c.last_seen_at <= bindparam("b_before"))
            .values(last_seen_at=bindparam("b_now"))
            .returning(self._table.c.digest)
        )
        self._save = database.compile(
            update(self._table)
            .where(key, self._table.c.state == bindparam("b_previous"))
            .values(state=bindparam("b_state"))
            .returning(self._table.c.digest)
        )
        self._end = database.compile(delete(self._table).where(key).returning(self._table.c.digest))
        self._to_account_id = account_id_reader(database.engine, tables)

    def _load_statement(self) -> Any:
        tables, session = self._tables, self._table.c
        owner = tables.account.id == session.account_id
        return select(
            session.account_id, session.state, session.created_at, session.last_seen_at,
            session.confirmed_at, session.agent_family, session.must_rotate, session.is_pending,
            *rights_of(tables, session.account_id),
        ).select_from(self._table.outerjoin(tables.user, owner))  # fmt: skip

    def create_session(self, new: NewSession, *, now: datetime) -> None:
        """See ``SessionStore``."""
        self._database.write(insert(self._table).values(session_row(new, now=now)))

    def load_session(self, session_digest: bytes) -> StoredSession | None:
        """See ``SessionStore``."""
        row = self._database.run(self._load, {"b_digest": session_digest})
        if row is None:
            return None
        account_id, *columns, roles, rights = row
        if account_id is not None and self._to_account_id is not None:
            account_id = self._to_account_id(account_id)
        return stored_session(
            session_digest, account_id, columns, roles=names_in(roles), permissions=names_in(rights)
        )

    def touch_session(self, session_digest: bytes, *, now: datetime, seen_before: datetime) -> bool:
        """See ``SessionStore``."""
        values = {"b_digest": session_digest, "b_now": to_micros(now), "b_before": to_micros(seen_before)}
        return self._database.run(self._touch, values) is not None

    def save_session_state(self, session_digest: bytes, state: str, *, previous: str) -> bool:
        """See ``SessionStore``."""
        values = {"b_digest": session_digest, "b_state": state, "b_previous": previous}
        return self._database.run(self._save, values) is not None

    def rotate_session(
        self,
        session_digest: bytes,
        *,
        new_digest: bytes,
        confirmed_at: datetime | None,
        agent_family: str | None,
    ) -> bool:
        """See ``SessionStore``."""
        values = rotated_session(new_digest=new_digest, confirmed_at=confirmed_at, agent_family=agent_family)
        statement = update(self._table).where(self._table.c.digest == session_digest).values(values)
        return self._database.write(statement) == 1

    def end_session(self, session_digest: bytes) -> bool:
        """See ``SessionStore``."""
        return self._database.run(self._end, {"b_digest": session_digest}) is not None

    def end_account_sessions(self, account_id: AccountId, *, keep: bytes | None) -> int:
        """See ``SessionStore``."""
        session = self._table.c
        others = true() if keep is None else session.digest != keep
        return self._database.write(delete(self._table).where(session.account_id == account_id, others))

    def list_sessions(self, account_id: AccountId, *, is_pending: bool = False) -> Sequence[SessionSummary]:
        """See ``SessionStore``."""
        session = self._table.c
        statement = (
            select(*(session[name] for name in SESSION_SUMMARY))
            .where(session.account_id == account_id, session.is_pending.is_(is_pending))
            .order_by(session.last_seen_at.desc(), session.digest.desc())
        )
        with self._database.reading() as connection:
            return [session_summary(row) for row in connection.execute(statement)]

    def purge_sessions(self, *, created_before: datetime, seen_before: datetime) -> int:
        """See ``SessionStore``."""
        session = self._table.c
        is_old = (session.created_at <= to_micros(created_before)) | (
            session.last_seen_at <= to_micros(seen_before)
        )
        return self._database.write(delete(self._table).where(is_old))
