"""Accounts and roles in SQL, on the application's own user table."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError

from bastide.core.foundation import AccountId, ConfigurationError, to_micros
from bastide.core.records import Account, AccountExists, LastHolder, NewAccount, TicketSpent
from bastide.stores.sql.connection import Database
from bastide.stores.sql.dialects import insert_for
from bastide.stores.sql.queries import contains
from bastide.stores.sql.tables import SEPARATOR, SecurityTables


class SqlAccounts:
    """See ``AccountStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._tables = tables
        user = tables.user.c
        key: Any = bindparam("key")
        # A user name never holds an "@" and an address always does: the two kinds of key cannot meet.
        self._find = self._select().where(or_(user.username_key == key, user.email_key == key))
        self._get = self._select().where(user.id == key)

    def find_account(self, key: str) -> Account | None:
        """See ``AccountStore``."""
        return self._one(self._find, key)

    def get_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``."""
        return self._one(self._get, account_id)

    def lock_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``; an SQLite unit is the only writer anyway."""
        user = self._tables.user
        with self._database.reading() as connection:
            connection.execute(select(user.c.id).where(user.c.id == account_id).with_for_update())
        return self.get_account(account_id)

    def add_account(self, new: NewAccount, *, ticket_digest: bytes | None, now: datetime) -> AccountId:
        """See ``AccountStore``."""
        try:
            with self._database.transaction() as connection:
                if ticket_digest is not None:
                    self._burn_ticket(connection, ticket_digest, now)
                self._require_roles(connection, new.roles)
                statement = insert(self._tables.user).values(
                    username=new.username, username_key=new.username_key,
                    username_skeleton=new.username_skeleton, email=new.email, email_key=new.email_key,
                    password_hash=new.password_hash, is_active=True,
                ).returning(self._tables.user.c.id)  # fmt: skip
                account_id: AccountId = connection.execute(statement).scalar_one()
                for role in new.roles:
                    connection.execute(
                        insert(self._tables.account_role).values(account_id=account_id, role=role)
                    )
                return account_id
        except IntegrityError:
            raise AccountExists("username" if self._is_taken(new) else "email") from None

    def replace_password_hash(self, account_id: AccountId, *, old_hash: str, new_hash: str) -> bool:
        """See ``AccountStore``."""
        user = self._tables.user
        statement = (
            update(user)
            .where(user.c.id == account_id, user.c.password_hash == old_hash)
            .values(password_hash=new_hash)
        )
        return self._database.write(statement) == 1

    def list_password_hashes(self, *, after: AccountId | None, limit: int) -> Sequence[tuple[AccountId, str]]:
        """See ``AccountStore``."""
        user = self._tables.user.c
        rest = true() if after is None else user.id > after
        hashes = select(user.id, user.password_hash).where(user.password_hash != "", rest)
        with self._database.reading() as connection:
            found = connection.execute(hashes.order_by(user.id).limit(limit))
            return [(row.id, row.password_hash) for row in found]

    def sample_password_hashes(self, limit: int) -> Sequence[str]:
        """See ``AccountStore``."""
        user = self._tables.user.c
        hashes = select(user.password_hash).where(user.password_hash != "")
        with self._database.reading() as connection:
            return [
                encoded
                for order in (user.id.asc(), user.id.desc())
                for encoded in connection.execute(hashes.order_by(order).limit(limit // 2)).scalars()
            ]

    def reset_password(
        self,
        account_id: AccountId,
        *,
        ticket_digest: bytes,
        old_hash: str | None,
        new_hash: str,
        now: datetime,
    ) -> None:
        """See ``AccountStore``."""
        user = self._tables.user
        swap = (
            update(user)
            .where(user.c.id == account_id, user.c.password_hash.is_not_distinct_from(old_hash))
            .values(password_hash=new_hash)
        )
        with self._database.transaction() as connection:
            self._burn_ticket(connection, ticket_digest, now)
            if connection.execute(swap).rowcount != 1:
                raise TicketSpent
            self._end_access(connection, account_id)

    def change_email(
        self, account_id: AccountId, *, ticket_digest: bytes, email: str, email_key: str, now: datetime
    ) -> None:
        """See ``AccountStore``."""
        user = self._tables.user
        change = update(user).where(user.c.id == account_id).values(email=email, email_key=email_key)
        try:
            with self._database.transaction() as connection:
                self._burn_ticket(connection, ticket_digest, now)
                if connection.execute(change).rowcount != 1:
                    raise TicketSpent
        except IntegrityError:
            raise AccountExists("email") from None

    def set_active(
        self, account_id: AccountId, *, is_active: bool, keep_holders: Collection[str] = ()
    ) -> bool:
        """See ``AccountStore``."""
        user = self._tables.user
        change = (
            update(user)
            .where(user.c.id == account_id, user.c.is_active.is_(not is_active))
            .values(is_active=is_active)
        )
        with self._database.transaction() as connection:
            if not is_active:
                self._keep_holders(connection, account_id, keep_holders)
            if connection.execute(change).rowcount != 1:
                return False
            if not is_active:
                self._end_access(connection, account_id)
            return True

    def grant_role(self, account_id: AccountId, role: str) -> bool:
        """See ``AccountStore``."""
        held = self._tables.account_role
        add = insert_for(self._database.engine)(held).values(account_id=account_id, role=role)
        with self._database.transaction() as connection:
            self._require_roles(connection, {role})
            known = select(self._tables.user.c.id).where(self._tables.user.c.id == account_id)
            if connection.execute(known).one_or_none() is None:
                return False
            added = connection.execute(add.on_conflict_do_nothing().returning(held.c.role))
            if added.one_or_none() is None:
                return False
            self._mark_sessions(connection, account_id)
            return True

    def revoke_role(self, account_id: AccountId, role: str, *, keep_holders: Collection[str] = ()) -> bool:
        """See ``AccountStore``."""
        held = self._tables.account_role
        take = delete(held).where(held.c.account_id == account_id, held.c.role == role)
        with self._database.transaction() as connection:
            self._keep_holders(connection, account_id, {role} & set(keep_holders))
            if connection.execute(take).rowcount != 1:
                return False
            self._mark_sessions(connection, account_id)
            return True

    def define_roles(self, roles: dict[str, frozenset[str]]) -> None:
        """See ``AccountStore``."""
        upsert = insert_for(self._database.engine)
        with self._database.transaction() as connection:
            for name, permissions in roles.items():
                if any("," in text for text in (name, *permissions)):
                    msg = f"role {name} holds a comma in a name"
                    raise ConfigurationError(msg)
                table = self._tables.role
                add = upsert(table).values(name=name).on_conflict_do_nothing().returning(table.c.name)
                if connection.execute(add).one_or_none() is None:
                    continue
                for permission in sorted(permissions):
                    row = {"role": name, "permission": permission}
                    connection.execute(insert(self._tables.role_permission).values(row))

    def add_permission(self, role: str, permission: str) -> bool:
        """See ``AccountStore``."""
        held = self._tables.role_permission
        add = insert_for(self._database.engine)(held).values(role=role, permission=permission)
        with self._database.transaction() as connection:
            added = connection.execute(add.on_conflict_do_nothing().returning(held.c.role))
            return added.one_or_none() is not None

    def list_accounts(self, *, search: str, offset: int, limit: int) -> tuple[Sequence[Account], int]:
        """See ``AccountStore``."""
        user = self._tables.user.c
        wanted = or_(
            contains(user.username_key, search.casefold()), contains(user.email_key, search.casefold())
        )
        condition = wanted if search else true()
        page = self._select().where(condition).order_by(user.username_key).offset(offset).limit(limit)
        count = select(func.count()).select_from(self._tables.user).where(condition)
        with self._database.reading() as connection:
            return [_account(row) for row in connection.execute(page)], connection.execute(count).scalar_one()

    def count_role_holders(self, role: str) -> int:
        """See ``AccountStore``."""
        user, held = self._tables.user, self._tables.account_role
        statement = (
            select(func.count())
            .select_from(held.join(user, user.c.id == held.c.account_id))
            .where(held.c.role == role, user.c.is_active)
        )
        with self._database.reading() as connection:
            return connection.execute(statement).scalar_one()

    def _is_taken(self, new: NewAccount) -> bool:
        user = self._tables.user.c
        alike = or_(user.username_key == new.username_key, user.username_skeleton == new.username_skeleton)
        with self._database.reading() as connection:
            return connection.execute(select(user.id).where(alike).limit(1)).first() is not None

    def _select(self) -> Select[Any]:
        user, held = self._tables.user.c, self._tables.account_role.c
        roles = (
            select(func.aggregate_strings(held.role, SEPARATOR))
            .where(held.account_id == user.id)
            .scalar_subquery()
        )
        return select(
            user.id, user.username, user.email, user.password_hash, user.is_active, roles.label("roles")
        )

    def _one(self, statement: Select[Any], key: AccountId) -> Account | None:
        with self._database.reading() as connection:
            row = connection.execute(statement, {"key": key}).one_or_none()
        return None if row is None else _account(row)

    def _burn_ticket(self, connection: Connection, ticket_digest: bytes, now: datetime) -> None:
        ticket = self._tables.ticket
        burnt = connection.execute(
            delete(ticket).where(ticket.c.digest == ticket_digest, ticket.c.expires_at > to_micros(now))
        )
        if burnt.rowcount != 1:
            raise TicketSpent

    def _require_roles(self, connection: Connection, names: "frozenset[str] | set[str]") -> None:
        role = self._tables.role
        known = set(connection.execute(select(role.c.name).where(role.c.name.in_(names))).scalars())
        if names - known:
            msg = f"roles are not in the database: {sorted(names - known)}; create_roles makes declared ones"
            raise ConfigurationError(msg)

    def _keep_holders(self, connection: Connection, account_id: AccountId, roles: Collection[str]) -> None:
        """Let one change at a time look for other holders; SQLite has one writer anyway."""
        user, held, role = self._tables.user, self._tables.account_role, self._tables.role
        for name in sorted(roles):
            connection.execute(select(role.c.name).where(role.c.name == name).with_for_update())
            holders = set(
                connection.execute(
                    select(user.c.id)
                    .join(held, user.c.id == held.c.account_id)
                    .where(held.c.role == name, user.c.is_active)
                ).scalars()
            )
            if holders == {account_id}:
                raise LastHolder

    def _end_access(self, connection: Connection, account_id: AccountId) -> None:
        for table in (self._tables.session, self._tables.token):
            connection.execute(delete(table).where(table.c.account_id == account_id))

    def _mark_sessions(self, connection: Connection, account_id: AccountId) -> None:
        session = self._tables.session
        connection.execute(update(session).where(session.c.account_id == account_id).values(must_rotate=True))


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id, username=row.username, email=row.email, password_hash=row.password_hash,
        is_active=row.is_active, roles=frozenset(row.roles.split(",")) if row.roles else frozenset(),
    )  # fmt: skip
