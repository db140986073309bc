"""The keys of users in SQL, on the application's own user table."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, func, or_, select, true, update
from sqlalchemy.exc import IntegrityError

from bastide.core.accounts import UserRow
from bastide.core.foundation import AccountId
from bastide.core.records import AccountExists, AccountKeys
from bastide.stores.sql.connection import Database
from bastide.stores.sql.tables import SecurityTables

# A column without a length of its own; what is longer no index of PostgreSQL takes.
_LONGEST: Final = 400


class SqlIdentities:
    """See ``IdentityStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._table = tables.user
        self._user = user = tables.account
        self._keys = (user.username_key, user.username_skeleton, user.email_key)
        read = (user.username, user.email, *self._keys)
        unchanged = (column.is_not_distinct_from(bindparam(f"b_old_{n}")) for n, column in enumerate(read))
        self._put = (
            update(self._table)
            .where(user.id == bindparam("b_id"), *unchanged)
            .values({column: bindparam(f"b_new_{n}") for n, column in enumerate(self._keys)})
        )
        self._rename = self._put.values({user.username: bindparam("b_name")})

    @property
    def longest(self) -> tuple[int, int, int]:
        """See ``IdentityStore``."""
        name, skeleton, email = (getattr(column.type, "length", None) or _LONGEST for column in self._keys)
        return name, skeleton, email

    @property
    def longest_name(self) -> int | None:
        """See ``IdentityStore``."""
        user = self._user
        return (
            None if user.username is user.email else getattr(user.username.type, "length", None) or _LONGEST
        )

    def count_users(self) -> int:
        """See ``IdentityStore``."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(self._table)).scalar_one()

    def list_users(self, *, after: AccountId | None, limit: int) -> Sequence[UserRow]:
        """See ``IdentityStore``."""
        user = self._user
        rest = true() if after is None else user.id > after
        columns = (user.id, user.username, user.email, user.password_hash, *self._keys)
        with self._database.reading() as connection:
            found = connection.execute(select(*columns).where(rest).order_by(user.id).limit(limit))
            return [
                UserRow(
                    id=account_id, username=username, email=email, has_password=bool(encoded),
                    keys=AccountKeys(*keys),
                )
                for account_id, username, email, encoded, *keys in found
            ]  # fmt: skip

    def find_holders(
        self, keys: Collection[str], skeletons: Collection[str]
    ) -> Sequence[tuple[AccountId, AccountKeys]]:
        """See ``IdentityStore``."""
        user = self._user
        theirs = or_(
            user.username_key.in_(keys), user.email_key.in_(keys), user.username_skeleton.in_(skeletons)
        )
        with self._database.reading() as connection:
            found = connection.execute(select(user.id, *self._keys).where(theirs))
            return [(account_id, AccountKeys(*held)) for account_id, *held in found]

    def put_keys(self, changes: Sequence[tuple[UserRow, AccountKeys]]) -> int:
        """See ``IdentityStore``."""
        try:
            with self._database.transaction() as connection:
                rows = [_parameters(row, keys) for row, keys in changes]
                return connection.execute(self._put, rows).rowcount
        except IntegrityError:
            raise AccountExists("username") from None

    def rename_user(self, row: UserRow, name: str, keys: AccountKeys) -> bool:
        """See ``IdentityStore``."""
        try:
            with self._database.transaction() as connection:
                values = {**_parameters(row, keys), "b_name": name}
                return connection.execute(self._rename, values).rowcount == 1
        except IntegrityError:
            raise AccountExists("username") from None

    def count_without_keys(self, *, limit: int) -> int:
        """See ``IdentityStore``; a database that takes no row without keys is not asked."""
        if not self._user.username_key.nullable:
            return 0
        lacking = select(self._user.id).where(self._user.username_key.is_(None)).limit(limit).subquery()
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(lacking)).scalar_one()


def _parameters(row: UserRow, keys: AccountKeys) -> dict[str, Any]:
    """Return what a row is compared with, and the keys that it gets."""
    read = (row.username, row.email, *row.keys.values())
    return {
        "b_id": row.id,
        **{f"b_old_{n}": value for n, value in enumerate(read)},
        **{f"b_new_{n}": value for n, value in enumerate(keys.values())},
    }
