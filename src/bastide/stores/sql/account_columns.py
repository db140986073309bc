"""Which columns of an application's own user table hold what of an account, whatever their names."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Column, Table, UniqueConstraint
from sqlalchemy.orm import Mapper

from bastide.core.foundation import ConfigurationError

# Not in the table's own info, which Alembic writes into migrations.
_NOTED: Final["WeakKeyDictionary[Any, dict[str, Column[Any]]]"] = WeakKeyDictionary()
_UNIQUE: Final = ("username_key", "username_skeleton", "email_key")


@dataclass(frozen=True, slots=True)
class AccountColumns:
    """The columns of an account, by what they hold."""

    id: Column[Any]
    username: Column[Any]
    username_key: Column[Any]
    username_skeleton: Column[Any]
    email: Column[Any]
    email_key: Column[Any]
    password_hash: Column[Any]
    is_active: Column[Any]


def note_columns(mapper: Mapper[Any]) -> None:
    """Keep with the table which of its columns the mapped class calls what an account has."""
    table: Any = mapper.local_table
    found = {field.name: _column_of(mapper, field.name) for field in fields(AccountColumns)}
    _NOTED[table] = {name: column for name, column in found.items() if column is not None}


def find_account_columns(table: Any) -> AccountColumns | None:
    """Return the columns of a user table; None for any other."""
    noted = _NOTED.get(table)
    return None if noted is None or len(noted) < len(fields(AccountColumns)) else AccountColumns(**noted)


def require_account_columns(table: Table) -> AccountColumns:
    """Return the columns, or raise ``ConfigurationError`` where one is missing, or the uniqueness of one.

    Threat: two accounts under one name, since a model declares a column anew (V6.3.8).
    """
    names = [field.name for field in fields(AccountColumns)]
    noted = _NOTED.get(table) or {name: table.c[name] for name in names if name in table.c}
    missing = [name for name in names if name not in noted]
    if missing:
        msg = (
            f"{table.fullname} has no column {', '.join(missing)}: its class is to have AccountMixin, before"
            " classes with properties of those names"
        )
        raise ConfigurationError(msg)
    loose = [name for name in _UNIQUE if not is_unique(table, noted[name])]
    if loose:
        msg = f"{table.fullname}: AccountMixin's {', '.join(loose)} must be unique"
        raise ConfigurationError(msg)
    return AccountColumns(**noted)


def is_unique(table: Table, column: Column[Any]) -> bool:
    """Tell whether no two rows of the table have the same value there."""
    together: Iterable[Any] = (
        table.primary_key,
        *(each for each in table.constraints if isinstance(each, UniqueConstraint)),
        *(index for index in table.indexes if index.unique),
    )
    return bool(column.unique) or any(list(each.columns) == [column] for each in together)


def _column_of(mapper: Mapper[Any], name: str) -> Column[Any] | None:
    # Without asking for mapped properties, which would configure classes that are not all there yet.
    described: Any = mapper.all_orm_descriptors.get(name)
    synonym = getattr(described, "original_property", None)
    column: Column[Any] | None = mapper.columns.get(name if synonym is None else synonym.name)
    table: Any = mapper.local_table
    # Mapped or not: Flask-Login's UserMixin has a property of that name.
    return table.c.get(name) if column is None and name == "is_active" else column


def id_column(table: Any) -> Column[Any]:
    """Return the key of a user table, which may be anybody's."""
    known = find_account_columns(table)
    found: Column[Any] = table.c.id if known is None else known.id
    return found
