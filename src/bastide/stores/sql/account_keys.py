"""The keys of names and addresses follow whatever the application's own code writes into its user table.

An insert gets them as defaults of their columns, however it comes: a flush, a bulk insert, a statement. For
an update every engine is listened to. A name that the database computes has no key that could be known
beforehand, so such a statement is refused. SQL as plain text, and other programs, are not seen: their rows
are what ``adopt`` finds.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, Engine, Insert, Update, bindparam
from sqlalchemy.event import listens_for
from sqlalchemy.sql.elements import BindParameter, ClauseElement, Null

from bastide.core.foundation import ConfigurationError
from bastide.core.records import AccountKeys
from bastide.stores.sql.account_columns import AccountColumns, find_account_columns

_BOUND: Final = "bastide_{}"


class _Followed(NamedTuple):
    """A column of names or addresses, and the keys that follow it, by their names in ``AccountKeys``."""

    column: Column[Any]
    keys: Mapping[str, Column[Any]]

    def keys_of(self, written: str | None) -> dict[Column[Any], str | None]:
        """Return the keys of what is written into the column."""
        keys = AccountKeys.of(written, written)
        return {column: getattr(keys, name) for name, column in self.keys.items()}


def default_key(context: Any) -> str | None:
    """Return what an insert that brings a name or an address has to have in a column of keys."""
    # One row of several has columns of its own, which know the number of the row.
    column = getattr(context.current_column, "original", context.current_column)
    columns: Any = find_account_columns(column.table)
    (found,) = (
        each.keys_of(_written(context, each.column))[column]
        for each in _followed(columns)
        if column in each.keys.values()
    )
    return found


def _written(context: Any, column: Column[Any]) -> Any:
    """Return what an insert brings for the column; nothing where it does not say the column."""
    given = context.get_current_parameters(isolate_multiinsert_groups=False)
    present = context.current_column
    row = present.index + 1 if hasattr(present, "original") else 0
    bound = _by_column(context.invoked_statement._values or ()).get(str(column.key))  # noqa: SLF001 -- nothing public tells
    names = (f"{column.key}_m{row}", column.key, getattr(bound, "key", None))
    return next((given[name] for name in names if name in given), None)


@listens_for(Engine, "before_execute", retval=True)
def _follow(_connection: Any, statement: Any, many: Any, one: Any, _options: Any) -> tuple[Any, Any, Any]:
    columns = find_account_columns(statement.table) if isinstance(statement, Insert | Update) else None
    if columns is None:
        return statement, many, one
    if isinstance(statement, Insert):
        _refuse_computed(statement, columns)
        return statement, many, one
    return _with_keys(statement, columns, many, one)


def _with_keys(statement: Any, columns: AccountColumns, many: Any, one: Any) -> tuple[Any, Any, Any]:
    """Return the update and its parameters with the keys of the names and addresses that it sets."""
    rows: Sequence[Mapping[str, Any]] = many or [one or {}]
    added: list[dict[str, Any]] = [{} for _ in rows]
    values = _by_column(statement._values or getattr(statement, "_ordered_values", None) or ())  # noqa: SLF001 -- nothing public tells
    for each in _followed(columns):
        name = each.column.key
        if name in rows[0]:
            # Beside the statement a parameter is called as its column, which the statement then sets.
            for row, more in zip(rows, added, strict=True):
                more |= {str(column.key): key for column, key in each.keys_of(row[name]).items()}
        elif name in values:
            names = {column: _BOUND.format(column.key) for column in each.keys.values()}
            for row, more in zip(rows, added, strict=True):
                keys = each.keys_of(_bound(each.column, values[name], row))
                more |= {names[column]: key for column, key in keys.items()}
            statement = statement.values(
                {column: bindparam(bound, type_=column.type) for column, bound in names.items()}
            )
    if not any(added):
        return statement, many, one
    merged = [{**row, **more} for row, more in zip(rows, added, strict=True)]
    return (statement, merged, {}) if many else (statement, [], merged[0])


def _followed(columns: AccountColumns) -> tuple[_Followed, _Followed]:
    # One column may be both: where the address is the name.
    return (
        _Followed(columns.username, {"name": columns.username_key, "skeleton": columns.username_skeleton}),
        _Followed(columns.email, {"email": columns.email_key}),
    )


def _by_column(values: Any) -> dict[str, Any]:
    return {str(getattr(place, "key", place)): value for place, value in dict(values).items()}


def _bound(column: Column[Any], value: Any, row: Mapping[str, Any]) -> Any:
    """Return what is to be written.

    Raises:
        ConfigurationError: the database computes it.
    """
    if isinstance(value, BindParameter):
        return row.get(value.key, value.effective_value)
    if isinstance(value, ClauseElement) and not isinstance(value, Null):
        msg = (
            f"{column} is set to an expression of the database, so that nobody could sign in under it: set it"
            " to values, or write it as plain SQL and run adopt"
        )
        raise ConfigurationError(msg)
    return None if isinstance(value, Null) else value


def _refuse_computed(statement: Any, columns: AccountColumns) -> None:
    """Raise where names or addresses of an insert come from the database, or replace others."""
    for place, value in _computed(statement):
        for each in _followed(columns):
            if place == each.column.key:
                _bound(each.column, value, {})


def _computed(statement: Any) -> Iterator[tuple[str, Any]]:
    """Yield what each column gets that is not a default's business."""
    rows = [statement._values or {}]  # noqa: SLF001 -- nothing public tells
    rows += [row for part in statement._multi_values or () for row in part]  # noqa: SLF001
    for row in rows:
        yield from _by_column(row).items()
    # What a select gives, and what is there already, stands for itself: any expression would do.
    replaced = dict(getattr(statement._post_values_clause, "update_values_to_set", ()))  # noqa: SLF001
    for place in (*(statement._select_names or ()), *_by_column(replaced)):  # noqa: SLF001
        yield place, statement.table.c.get(place)
