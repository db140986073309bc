"""API tokens in SQL: checking one is a single keyed read of token, account and rights."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from bastide.core.foundation import AccountId, from_micros, to_micros
from bastide.core.records import NewToken, StoredToken, TokenSummary, join_scopes, split_scopes
from bastide.stores.sql.connection import Database
from bastide.stores.sql.rights import account_id_reader, names_in, rights_of
from bastide.stores.sql.tables import SecurityTables


class SqlTokens:
    """See ``TokenStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._user = tables.user
        self._table = tables.token
        token, user = tables.token.c, tables.user.c
        key = token.id == bindparam("b_id")
        find = select(
            token.digest, token.account_id, token.scopes, token.expires_at, token.last_used_at,
            user.is_active, user.username, *rights_of(tables, token.account_id),
        )  # fmt: skip
        self._find = database.compile(
            find.select_from(self._table.join(tables.user, user.id == token.account_id)).where(key)
        )
        is_due = or_(token.last_used_at.is_(None), token.last_used_at <= bindparam("b_before"))
        self._touch = database.compile(
            update(self._table).where(key, is_due).values(last_used_at=bindparam("b_now")).returning(token.id)
        )
        self._to_account_id = account_id_reader(database.engine, tables)

    def add_token(self, new: NewToken, *, limit: int) -> bool:
        """See ``TokenStore``."""
        token, user = self._table.c, self._user.c
        owner = select(user.id).where(user.id == new.account_id).with_for_update()
        own = select(func.count()).select_from(self._table)
        own = own.where(token.account_id == new.account_id, token.expires_at > to_micros(new.created_at))
        values = {
            "id": new.id, "digest": new.digest, "account_id": new.account_id, "name": new.name,
            "scopes": join_scopes(new.scopes), "created_at": to_micros(new.created_at),
            "expires_at": to_micros(new.expires_at),
        }  # fmt: skip
        with self._database.transaction() as connection:
            connection.execute(owner)
            if connection.execute(own).scalar_one() >= limit:
                return False
            connection.execute(insert(self._table).values(values))
            return True

    def find_token(self, token_id: str) -> StoredToken | None:
        """See ``TokenStore``."""
        row = self._database.run(self._find, {"b_id": token_id})
        if row is None:
            return None
        digest, account_id, scopes, expires, used, active, username, has_factor, roles, rights = row
        return StoredToken(
            digest=bytes(digest),
            account_id=account_id if self._to_account_id is None else self._to_account_id(account_id),
            scopes=split_scopes(scopes), expires_at=from_micros(expires),
            last_used_at=None if used is None else from_micros(used),
            account_is_active=bool(active), has_factor=bool(has_factor), username=username,
            roles=names_in(roles), permissions=names_in(rights),
        )  # fmt: skip

    def touch_token(self, token_id: str, *, now: datetime, used_before: datetime) -> bool:
        """See ``TokenStore``."""
        values = {"b_id": token_id, "b_now": to_micros(now), "b_before": to_micros(used_before)}
        return self._database.run(self._touch, values) is not None

    def list_tokens(self, account_id: AccountId) -> Sequence[TokenSummary]:
        """See ``TokenStore``."""
        token = self._table.c
        statement = select(self._table).where(token.account_id == account_id)
        with self._database.reading() as connection:
            rows = connection.execute(statement.order_by(token.created_at.desc(), token.id)).all()
        return [_summary(row) for row in rows]

    def revoke_token(self, account_id: AccountId, token_id: str) -> bool:
        """See ``TokenStore``."""
        token = self._table.c
        revoke = delete(self._table).where(token.id == token_id, token.account_id == account_id)
        return self._database.write(revoke) == 1

    def revoke_tokens(self, account_id: AccountId) -> int:
        """See ``TokenStore``."""
        return self._database.write(delete(self._table).where(self._table.c.account_id == account_id))

    def purge_tokens(self, *, now: datetime) -> int:
        """See ``TokenStore``."""
        return self._database.write(delete(self._table).where(self._table.c.expires_at <= to_micros(now)))


def _summary(row: Any) -> TokenSummary:
    return TokenSummary(
        id=row.id, name=row.name, scopes=split_scopes(row.scopes), created_at=from_micros(row.created_at),
        expires_at=from_micros(row.expires_at),
        last_used_at=None if row.last_used_at is None else from_micros(row.last_used_at),
    )  # fmt: skip
