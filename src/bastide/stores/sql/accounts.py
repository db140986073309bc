"""Accounts and roles in SQL, on the application's own user table."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
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
        self._user = user = tables.account
        key: Any = bindparam("key")
        # Names that Bastide lets people choose hold no "@"; of older ones, the owner of the address is meant.
        is_theirs = or_(user.username_key == key, user.email_key == key)
        self._find = self._select().where(is_theirs).order_by(case((user.email_key == key, 0), else_=1))
        self._get = self._select().where(user.id == key)

    def find_account(self, key: str) -> Account | None:
        """See ``AccountStore``."""
        return self._one(self._find, key)

    def get_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``."""
        return self._one(self._get, account_id)

    def lock_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``; an SQLite unit is the only writer anyway."""
        user = self._user
        with self._database.reading() as connection:
            connection.execute(select(user.id).where(user.id == account_id).with_for_update())
        return self.get_account(account_id)

    def add_account(self, new: NewAccount, *, ticket_digest: bytes | None, now: datetime) -> AccountId:
        """See ``AccountStore``."""
        try:
            with self._database.transaction() as connection:
                if ticket_digest is not None:
                    self._burn_ticket(connection, ticket_digest, now)
                self._require_roles(connection, new.roles)
                self._require_unadopted(connection, new)
                user = self._user
                # The keys follow. Last the address: where it is the name, both are one column.
                values = {
                    user.username: new.username, user.email: new.email,
                    user.password_hash: new.password_hash, user.is_active: True,
                }  # fmt: skip
                statement = insert(self._tables.user).values(values).returning(user.id)
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
        user = self._user
        statement = (
            update(self._tables.user)
            .where(user.id == account_id, user.password_hash == old_hash)
            .values({user.password_hash: new_hash})
        )
        return self._database.write(statement) == 1

    def list_password_hashes(self, *, after: AccountId | None, limit: int) -> Sequence[tuple[AccountId, str]]:
        """See ``AccountStore``."""
        user = self._user
        rest = true() if after is None else user.id > after
        hashes = select(user.id, user.password_hash).where(user.password_hash != "", rest)
        with self._database.reading() as connection:
            found = connection.execute(hashes.order_by(user.id).limit(limit))
            return [(account_id, encoded) for account_id, encoded in found]

    def sample_password_hashes(self, limit: int) -> Sequence[str]:
        """See ``AccountStore``."""
        user = self._user
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
        user = self._user
        swap = (
            update(self._tables.user)
            .where(user.id == account_id, user.password_hash.is_not_distinct_from(old_hash))
            .values({user.password_hash: new_hash})
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
        user = self._user
        change = (
            update(self._tables.user)
            .where(user.id == account_id)
            .values({user.email: email, user.email_key: email_key})
        )
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
        user = self._user
        change = (
            update(self._tables.user)
            .where(user.id == account_id, user.is_active.is_(not is_active))
            .values({user.is_active: is_active})
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
            known = select(self._user.id).where(self._user.id == account_id)
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
        user = self._user
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
        user, held = self._user, self._tables.account_role
        statement = (
            select(func.count())
            .select_from(held.join(self._tables.user, user.id == held.c.account_id))
            .where(held.c.role == role, user.is_active)
        )
        with self._database.reading() as connection:
            return connection.execute(statement).scalar_one()

    def _require_unadopted(self, connection: Connection, new: NewAccount) -> None:
        """Raise where a user is called so who has no keys yet, by which the database would refuse it."""
        user = self._user
        if not user.username_key.nullable:
            return
        for field, column, key in (
            ("username", user.username, new.username_key),
            ("email", user.email, new.email_key),
        ):
            theirs = select(user.id).where(user.username_key.is_(None), func.lower(column) == key).limit(1)
            if connection.execute(theirs).first() is not None:
                raise AccountExists(field)

    def _is_taken(self, new: NewAccount) -> bool:
        user = self._user
        alike = or_(user.username_key == new.username_key, user.username_skeleton == new.username_skeleton)
        with self._database.reading() as connection:
            return connection.execute(select(user.id).where(alike).limit(1)).first() is not None

    def _select(self) -> Select[Any]:
        user, held = self._user, self._tables.account_role.c
        roles = (
            select(func.aggregate_strings(held.role, SEPARATOR))
            .where(held.account_id == user.id)
            .scalar_subquery()
        )
        names = ("id", "username", "email", "password_hash", "is_active")
        return select(*(getattr(user, name).label(name) for name in names), roles.label("roles"))

    def _one(self, statement: Select[Any], key: AccountId) -> Account | None:
        with self._database.reading() as connection:
            row = connection.execute(statement.limit(1), {"key": key}).first()
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
        user, held, role = self._user, self._tables.account_role, self._tables.role
        for name in sorted(roles):
            connection.execute(select(role.c.name).where(role.c.name == name).with_for_update())
            holders = set(
                connection.execute(
                    select(user.id)
                    .join(held, user.id == held.c.account_id)
                    .where(held.c.role == name, user.is_active)
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
        id=row.id, username=row.username, email=row.email or "", password_hash=row.password_hash,
        is_active=row.is_active, roles=frozenset(row.roles.split(",")) if row.roles else frozenset(),
    )  # fmt: skip
