"""The columns that an application's user model takes on, and what its table needs for them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    true,
)
from sqlalchemy.event import listens_for
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from bastide.core.foundation import ConfigurationError
from bastide.core.records import username_skeleton

_COLUMNS: Final = (
    "id", "username", "username_key", "username_skeleton", "email", "email_key", "password_hash", "is_active",
    "created_at",
)  # fmt: skip
_UNIQUE: Final = ("username_key", "username_skeleton", "email_key")
_LENGTHS: Final = {
    "username_length": "length(username) BETWEEN 1 AND 30",
    "email_length": "length(email) BETWEEN 3 AND 254",
}


def _skeleton_of(context: Any) -> str:
    return username_skeleton(context.get_current_parameters()["username"])


class AccountMixin:
    """Columns of an account; the application's model adds its own primary key ``id``.

    Lengths hold in the database too (V3), and a number that was an account's is never another's, whatever
    ``__table_args__`` the model has.
    """

    username: Mapped[str] = mapped_column(String(30))
    username_key: Mapped[str] = mapped_column(String(60), unique=True)
    # Up to seven letters for one. An index, which a table gets later without being made anew.
    username_skeleton: Mapped[str] = mapped_column(String(420), index=True, unique=True, default=_skeleton_of)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(300), unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


@listens_for(AccountMixin, "instrument_class", propagate=True)
def _complete(mapper: Mapper[Any], class_: type[Any]) -> None:
    # Not as __table_args__, which those of the model would replace.
    table: Any = mapper.local_table
    if "username_key" not in table.c:
        return  # the table of a subclass
    if "is_active" not in table.c and "is_active" not in vars(class_):
        # Flask-Login's UserMixin has a property of that name, and stands before AccountMixin.
        table.append_column(Column("is_active", Boolean, default=True, server_default=true(), nullable=False))
    present = {str(each.sqltext) for each in table.constraints if isinstance(each, CheckConstraint)}
    for name, condition in _LENGTHS.items():
        if condition not in present:
            table.append_constraint(CheckConstraint(condition, name=name))
    # SQLite would give the newest number out again: its log and its device cookies outlive the row.
    table.dialect_kwargs["sqlite_autoincrement"] = True


def require_account_columns(table: Table) -> None:
    """Raise ``ConfigurationError`` where the user table lacks a column, or the uniqueness of one.

    Threat: two accounts under one name, since a model declares a column anew (V6.3.8).
    """
    missing = [name for name in _COLUMNS if name not in table.c]
    if missing:
        msg = f"{table.fullname} has no column {', '.join(missing)}: its class is to have AccountMixin"
        raise ConfigurationError(msg)
    loose = [name for name in _UNIQUE if not is_unique(table, table.c[name])]
    if loose:
        msg = f"{table.fullname}: AccountMixin's {', '.join(loose)} must be unique"
        raise ConfigurationError(msg)


def is_unique(table: Table, column: Column[Any]) -> bool:
    """Tell whether no two rows of the table have the same value there."""
    together: Iterable[Any] = (
        table.primary_key,
        *(each for each in table.constraints if isinstance(each, UniqueConstraint)),
        *(index for index in table.indexes if index.unique),
    )
    return bool(column.unique) or any(list(each.columns) == [column] for each in together)
