"""API tokens in SQL: matching one is a single keyed read of token, account and rights."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from bastide.core.moments import from_micros, to_micros
from bastide.core.principal import AccountId
from bastide.core.stored_tokens import NewToken, StoredToken, TokenSummary
from bastide.stores.sql.connection import Database
from bastide.stores.sql.factors import FactorRows
from bastide.stores.sql.rights import key_reader, names, owner_columns
from bastide.stores.sql.tables import SecurityTables


@lru_cache(maxsize=1024)
def _scopes(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


class SqlTokens:
    """See ``TokenStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._table = tables.token
        self._rows = FactorRows(tables)
        token, key = tables.token.c, tables.token.c.id == bindparam("b_id")
        self._find = database.compile(
            select(
                token.digest, token.account_id, token.scopes, token.expires_at, token.last_used_at,
                *owner_columns(tables, token.account_id),
            )
            .select_from(tables.token.join(tables.user, tables.user.c.id == token.account_id))
            .where(key)
        )  # fmt: skip
        self._touch = database.compile(
            update(tables.token)
            .where(key, or_(token.last_used_at.is_(None), token.last_used_at <= bindparam("b_before")))
            .values(last_used_at=bindparam("b_now"))
            .returning(token.id)
        )
        self._to_account_id = key_reader(tables, database.engine)

    def add_token(self, new: NewToken, *, limit: int) -> bool:
        """See ``TokenStore``."""
        token = self._table.c
        good = (
            select(func.count())
            .select_from(self._table)
            .where(token.account_id == new.account_id, token.expires_at > to_micros(new.created_at))
        )
        values = {
            "id": new.id, "digest": new.digest, "account_id": new.account_id, "name": new.name,
            "scopes": json.dumps(sorted(new.scopes)), "created_at": to_micros(new.created_at),
            "expires_at": to_micros(new.expires_at),
        }  # fmt: skip
        with self._database.transaction() as connection:
            self._rows.lock(connection, new.account_id)
            if connection.execute(good).scalar_one() >= limit:
                return False
            connection.execute(insert(self._table).values(values))
            return True

    def find_token(self, token_id: str) -> StoredToken | None:
        """See ``TokenStore``."""
        row = self._database.run(self._find, {"b_id": token_id})
        if row is None:
            return None
        digest, account_id, scopes, expires, used, has_factor, active, username, roles, rights = row
        if self._to_account_id is not None:
            account_id = self._to_account_id(account_id)
        return StoredToken(
            digest=bytes(digest), account_id=account_id, scopes=_scopes(scopes),
            expires_at=from_micros(expires), last_used_at=None if used is None else from_micros(used),
            account_is_active=bool(active), has_factor=bool(has_factor), username=username,
            roles=names(roles), permissions=names(rights),
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
        return [
            TokenSummary(
                id=row.id, name=row.name, scopes=_scopes(row.scopes), created_at=from_micros(row.created_at),
                expires_at=from_micros(row.expires_at),
                last_used_at=None if row.last_used_at is None else from_micros(row.last_used_at),
            )
            for row in rows
        ]  # fmt: skip

    def revoke_token(self, account_id: AccountId, token_id: str) -> bool:
        """See ``TokenStore``."""
        token = self._table.c
        return self._delete(token.account_id == account_id, token.id == token_id) == 1

    def revoke_tokens(self, account_id: AccountId) -> int:
        """See ``TokenStore``."""
        return self._delete(self._table.c.account_id == account_id)

    def purge_tokens(self, *, now: datetime) -> int:
        """See ``TokenStore``."""
        return self._delete(self._table.c.expires_at <= to_micros(now))

    def _delete(self, *conditions: Any) -> int:
        with self._database.reading() as connection:
            return connection.execute(delete(self._table).where(*conditions)).rowcount
