"""What an account is and may do as of now, as columns of a read that is keyed by something else."""

from functools import lru_cache
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections

from bastide.django.accounts.models import Right
from bastide.django.conf import declared_permissions
from bastide.django.connection import ALIAS

# Between names in one aggregated column; no name holds it.
_SEPARATOR: Final = "\x1f"
# Stands among a superuser's permissions; it names none.
_EVERYTHING: Final = "*"
_KEPT_CURSOR: Final = "bastide_cursor"
_RIGHTS: Final = """
    EXISTS (SELECT 1 FROM bastide_totp WHERE bastide_totp.account_id = {account} AND is_confirmed)
    OR EXISTS (SELECT 1 FROM bastide_passkey WHERE bastide_passkey.account_id = {account}),
    u.is_active, u.{name},
    (SELECT {join}(g.name, '\x1f') FROM {held} h JOIN {groups} g ON g.id = h.group_id
     WHERE h.{holder} = {account}),
    CASE WHEN {super} THEN
        (SELECT COALESCE({join}(k.app_label || '.' || p.codename, '\x1f'), '') || '\x1f*' FROM {rights} p
         JOIN {kinds} k ON k.id = p.content_type_id)
    ELSE
        (SELECT {join}(k.app_label || '.' || p.codename, '\x1f') FROM (
            SELECT r.permission_id FROM {held} h JOIN {granted} r ON r.group_id = h.group_id
            WHERE h.{holder} = {account}
            UNION ALL SELECT d.permission_id FROM {direct} d WHERE d.{owner} = {account}
         ) own JOIN {rights} p ON p.id = own.permission_id JOIN {kinds} k ON k.id = p.content_type_id)
    END
"""


def with_rights(statement: str, *, account_id: str) -> str:
    """Return the statement with its placeholders filled from the models' own names.

    Args:
        statement: SQL with ``{rights}`` for five columns (has a second factor, is active, user name, roles,
            permissions), ``{users}`` and ``{pk}`` for the table of users, there called ``u``, and its key,
            and ``{mark}`` for the one parameter.
        account_id: the column of the read that names the account; its table goes by a name of more than one
            letter but ``s``, since the subqueries use the others and would take it for theirs.
    """
    connection = connections[ALIAS]
    quote: Any = connection.ops.quote_name
    users: Any = get_user_model()._meta  # noqa: SLF001 -- Django's documented name
    held: Any = get_user_model().groups.through._meta  # noqa: SLF001
    direct: Any = get_user_model().user_permissions.through._meta  # noqa: SLF001
    granted: Any = Group.permissions.through._meta  # noqa: SLF001
    names = {
        "name": quote(users.get_field(users.model.USERNAME_FIELD).column),
        "groups": quote(Group._meta.db_table), "held": quote(held.db_table),  # noqa: SLF001
        "holder": quote(held.get_field(users.model_name).column),
        "direct": quote(direct.db_table), "owner": quote(direct.get_field(users.model_name).column),
        "granted": quote(granted.db_table), "rights": quote(Permission._meta.db_table),  # noqa: SLF001
        "kinds": quote(ContentType._meta.db_table),  # noqa: SLF001
        "join": "group_concat" if connection.vendor == "sqlite" else "string_agg",
        "super": "u.is_superuser" if hasattr(users.model, "is_superuser") else "FALSE",
        "account": account_id,
    }  # fmt: skip
    return statement.format(
        rights=_RIGHTS.format_map(names), users=quote(users.db_table), pk=quote(users.pk.column),
        mark="?" if connection.vendor == "sqlite" else "%s",
    )  # fmt: skip


def fetch_one(statement: str, key: str | bytes) -> Any:
    """Return the row, or None: straight on the driver, half the price of Django's cursor.

    Every request of somebody comes by here.
    """
    connection: Any = connections[ALIAS]
    with connection.wrap_database_errors:
        connection.ensure_connection()
        driver = connection.connection
        if connection.vendor == "sqlite":
            cursor = driver.execute(statement, (key,))
            row = cursor.fetchone()
            cursor.close()
            return row
        return _kept_cursor(driver).execute(statement, (key,)).fetchone()


def _kept_cursor(driver: Any) -> Any:
    """Return the connection's own cursor of psycopg: each new one looks up anew how columns are read.

    Django's cursors write the key into the statement, which is then planned anew each time: that takes
    several times as long as running it.
    """
    kept = getattr(driver, _KEPT_CURSOR, None)
    if kept is None:
        from psycopg import Cursor  # noqa: PLC0415 -- there only where PostgreSQL is

        kept = Cursor(driver)
        setattr(driver, _KEPT_CURSOR, kept)
    return kept


@lru_cache(maxsize=1024)
def names_in(joined: str | None) -> frozenset[str]:
    """Return the names of one aggregated column."""
    return frozenset(joined.split(_SEPARATOR)) if joined else frozenset()


def permissions_in(joined: str | None) -> frozenset[str]:
    """Return declared permissions by their codename, all others as ``app_label.codename``.

    A superuser holds what is declared although no role has been made of it yet.
    """
    held = _permissions_in(joined)
    return (held - {_EVERYTHING, ""}) | declared_permissions() if _EVERYTHING in held else held


@lru_cache(maxsize=1024)
def _permissions_in(joined: str | None) -> frozenset[str]:
    own = f"{Right._meta.app_label}."  # noqa: SLF001 -- Django's documented name
    return frozenset(name.removeprefix(own) for name in names_in(joined))
