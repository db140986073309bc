"""The columns that an application's user model takes on, and what its table needs for them."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, String, Text, func, true
from sqlalchemy.event import listens_for
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from bastide.stores.sql.account_columns import find_account_columns, note_columns
from bastide.stores.sql.account_keys import default_key

_LENGTHS: Final = {"username": (1, 30), "email": (3, 254)}


class AccountMixin:
    """Columns of an account; the application's model adds its own primary key ``id``.

    Lengths hold in the database too (V3), and a number that was an account's is never another's, whatever
    ``__table_args__`` the model has. The keys of name and address follow what is written into these, by
    flushes, bulk operations and statements.
    """

    username: Mapped[str] = mapped_column(String(30))
    username_key: Mapped[str] = mapped_column(String(60), unique=True, default=default_key)
    # Up to seven letters for one. An index, which a table gets later without being made anew.
    username_skeleton: Mapped[str] = mapped_column(String(420), index=True, unique=True, default=default_key)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(300), unique=True, default=default_key)
    password_hash: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ExistingAccountMixin:
    """``AccountMixin`` for a table that has its users already: what it adds may be empty.

    A user has no keys before ``flask bastide adopt`` has given them, or for as long as they are somebody
    else's, and cannot sign in until then. Addresses may be missing for good. Columns that the table has under
    names of its own are mapped to these: ``username = synonym("email")``, or
    ``password_hash: Mapped[str] = mapped_column("pw_hash", String(128))``.
    """

    username: Mapped[str] = mapped_column(String(254))
    username_key: Mapped[str | None] = mapped_column(
        String(300), index=True, unique=True, default=default_key
    )
    username_skeleton: Mapped[str | None] = mapped_column(
        String(420), index=True, unique=True, default=default_key
    )
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(300), index=True, unique=True, default=default_key)
    password_hash: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())


class AdoptedAccountMixin(ExistingAccountMixin):
    """``ExistingAccountMixin`` once everybody has keys: the database takes no user without the name's.

    The migration that it comes with begins with `require_keys`.
    """

    username_key: Mapped[str] = mapped_column(String(300), index=True, unique=True, default=default_key)
    username_skeleton: Mapped[str] = mapped_column(String(420), index=True, unique=True, default=default_key)


@listens_for(AccountMixin, "instrument_class", propagate=True)
@listens_for(ExistingAccountMixin, "instrument_class", propagate=True)
def _add_status(mapper: Mapper[Any], class_: type[Any]) -> None:
    table: Any = mapper.local_table
    if "username_key" not in table.c:
        return  # the table of a subclass
    if "is_active" not in table.c and "is_active" not in vars(class_):
        # Flask-Login's UserMixin has a property of that name, and stands before AccountMixin.
        table.append_column(Column("is_active", Boolean, default=True, server_default=true(), nullable=False))


@listens_for(AccountMixin, "after_mapper_constructed", propagate=True)
@listens_for(ExistingAccountMixin, "after_mapper_constructed", propagate=True)
def _complete(mapper: Mapper[Any], mapped: type[Any]) -> None:
    # Not as __table_args__, which those of the model would replace.
    table: Any = mapper.local_table
    if mapper.inherits is not None:
        return  # a subclass, whose accounts are those of the class above
    note_columns(mapper)
    # SQLite would give the newest number out again: its log and its device cookies outlive the row.
    table.dialect_kwargs["sqlite_autoincrement"] = True
    columns = find_account_columns(table)
    if columns is None or not issubclass(mapped, AccountMixin):
        return  # what is missing stops the start; the rows of others have lengths of their own
    present = {str(each.sqltext) for each in table.constraints if isinstance(each, CheckConstraint)}
    for name, (least, most) in _LENGTHS.items():
        condition = f"length({name}) BETWEEN {least} AND {most}"
        is_own = getattr(columns, name).name != name
        if condition not in present and not is_own:
            table.append_constraint(CheckConstraint(condition, name=f"{name}_length"))
