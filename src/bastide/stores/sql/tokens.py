"""API tokens in SQL: checking one is a single keyed read, of account and rights too where they are ours."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from bastide.core.api_tokens import LoadOwner
from bastide.core.foundation import AccountId, to_micros
from bastide.core.records import NewToken, StoredToken, TokenSummary
from bastide.stores.rows import TOKEN_SUMMARY, stored_token, token_row, token_summary
from bastide.stores.sql.connection import Database
from bastide.stores.sql.rights import account_id_reader, names_in, rights_of
from bastide.stores.sql.tables import SecurityTables


class SqlTokenRows:
    """The rows of tokens; who finds one knows whose it is in a way of its own."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._user = tables.user_id
        self._table = tables.token
        token = tables.token.c
        self._key = token.id == bindparam("b_id")
        is_due = or_(token.last_used_at.is_(None), token.last_used_at <= bindparam("b_before"))
        touched = update(self._table).where(self._key, is_due).values(last_used_at=bindparam("b_now"))
        self._touch = database.compile(touched.returning(token.id))
        self._to_account_id = account_id_reader(database.engine, tables)

    def _account_id(self, stored: Any) -> AccountId:
        account_id: AccountId = stored if self._to_account_id is None else self._to_account_id(stored)
        return account_id

    def add_token(self, new: NewToken, *, limit: int) -> bool:
        """See ``TokenStore``."""
        token = self._table.c
        owner = select(self._user).where(self._user == new.account_id).with_for_update()
        own = select(func.count()).select_from(self._table)
        own = own.where(token.account_id == new.account_id, token.expires_at > to_micros(new.created_at))
        with self._database.transaction() as connection:
            connection.execute(owner)
            if connection.execute(own).scalar_one() >= limit:
                return False
            connection.execute(insert(self._table).values(token_row(new)))
            return True

    def touch_token(self, token_id: str, *, now: datetime, used_before: datetime) -> bool:
        """See ``TokenStore``."""
        values = {"b_id": token_id, "b_now": to_micros(now), "b_before": to_micros(used_before)}
        return self._database.run(self._touch, values) is not None

    def list_tokens(self, account_id: AccountId) -> Sequence[TokenSummary]:
        """See ``TokenStore``."""
        token = self._table.c
        own = select(*(token[name] for name in TOKEN_SUMMARY)).where(token.account_id == account_id)
        with self._database.reading() as connection:
            rows = connection.execute(own.order_by(token.created_at.desc(), token.id))
            return [token_summary(row) for row in rows]

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


class SqlTokens(SqlTokenRows):
    """See ``TokenStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        super().__init__(database, tables)
        token, user = tables.token.c, tables.account
        find = select(
            token.account_id, token.digest, token.scopes, token.expires_at, token.last_used_at,
            *rights_of(tables, token.account_id),
        )  # fmt: skip
        self._find = database.compile(
            find.select_from(self._table.join(tables.user, user.id == token.account_id)).where(self._key)
        )

    def find_token(self, token_id: str) -> StoredToken | None:
        """See ``TokenStore``."""
        row = self._database.run(self._find, {"b_id": token_id})
        if row is None:
            return None
        account_id, *columns, roles, rights = row
        return stored_token(
            self._account_id(account_id), columns, roles=names_in(roles), permissions=names_in(rights)
        )


class OutsideTokens(SqlTokenRows):
    """Tokens of owners whose accounts are not Bastide's. See ``TokenStore``.

    Args:
        database: as for every store.
        tables: with those of tokens and users.
        load_owner: tells who an owner is now, and a stranger where nobody has the id any more.
    """

    def __init__(self, database: Database, tables: SecurityTables, load_owner: LoadOwner) -> None:
        super().__init__(database, tables)
        token = tables.token.c
        find = select(token.account_id, token.digest, token.scopes, token.expires_at, token.last_used_at)
        self._find = database.compile(find.where(self._key))
        self._load_owner = load_owner

    def find_token(self, token_id: str) -> StoredToken | None:
        """See ``TokenStore``."""
        row = self._database.run(self._find, {"b_id": token_id})
        if row is None:
            return None
        stored_id, *columns = row
        account_id = self._account_id(stored_id)
        owner = self._load_owner(account_id)
        return stored_token(
            account_id, [*columns, True, owner.is_signed_in, owner.name],
            roles=owner.roles, permissions=frozenset(owner.permissions),
        )  # fmt: skip
