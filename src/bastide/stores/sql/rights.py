"""What an account is and may do as of now, as columns of a read that is keyed by something else."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Engine, exists, func, or_, select

from bastide.stores.sql.tables import SEPARATOR, SecurityTables


def rights_of(tables: SecurityTables, account_id: Any) -> tuple[ColumnElement[Any], ...]:
    """Return five columns: has a second factor, is active, user name, roles, and what they grant.

    Args:
        tables: the security tables; the read joins that of users.
        account_id: the column of the read that names the account.
    """
    user = tables.account
    has_factor = or_(
        exists().where(tables.totp.c.account_id == account_id, tables.totp.c.is_confirmed),
        exists().where(tables.passkey.c.account_id == account_id),
    )
    held = tables.account_role.c
    roles = (
        select(func.aggregate_strings(held.role, SEPARATOR))
        .where(held.account_id == account_id)
        .scalar_subquery()
    )
    granted = tables.role_permission.c
    permissions = (
        select(func.aggregate_strings(granted.permission, SEPARATOR))
        .join(tables.account_role, held.role == granted.role)
        .where(held.account_id == account_id)
        .scalar_subquery()
    )
    return has_factor, user.is_active, user.username, roles, permissions


@lru_cache(maxsize=1024)
def names_in(joined: str | None) -> frozenset[str]:
    """Return the names of one aggregated column."""
    return frozenset(joined.split(",")) if joined else frozenset()


def account_id_reader(engine: Engine, tables: SecurityTables) -> Callable[[Any], Any] | None:
    """Return what makes an account's id of what the driver hands over, where they differ (UUID on SQLite)."""
    kind = tables.user_id.type.dialect_impl(engine.dialect)
    reader: Callable[[Any], Any] | None = kind.result_processor(engine.dialect, None)
    return reader
