"""What an account is and may do, as columns of one keyed read."""

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Engine, exists, func, or_, select

from bastide.stores.sql.tables import SEPARATOR, SecurityTables


class OwnerColumns(NamedTuple):
    """Whether the account has a factor and is active, its name, roles and permissions, as SQL."""

    has_factor: Any
    is_active: Any
    username: Any
    roles: Any
    permissions: Any


def owner_columns(tables: SecurityTables, account_id: Any) -> OwnerColumns:
    """Return the columns for the account that ``account_id`` names; the user table is to be joined."""
    role, permission = tables.account_role.c, tables.role_permission.c
    return OwnerColumns(
        or_(
            exists().where(tables.totp.c.account_id == account_id, tables.totp.c.is_confirmed),
            exists().where(tables.passkey.c.account_id == account_id),
        ),
        tables.user.c.is_active,
        tables.user.c.username,
        select(func.aggregate_strings(role.role, SEPARATOR))
        .where(role.account_id == account_id)
        .scalar_subquery(),
        select(func.aggregate_strings(permission.permission, SEPARATOR))
        .join(tables.account_role, role.role == permission.role)
        .where(role.account_id == account_id)
        .scalar_subquery(),
    )


@lru_cache(maxsize=1024)
def names(joined: str | None) -> frozenset[str]:
    """Return the roles or permissions of one aggregated column."""
    return frozenset(joined.split(",")) if joined else frozenset()


def key_reader(tables: SecurityTables, engine: Engine) -> Any:
    """Return what makes an account's key of what the driver hands over; None where they are the same.

    They are not for UUID keys on SQLite.
    """
    return tables.user.c.id.type.dialect_impl(engine.dialect).result_processor(engine.dialect, None)
