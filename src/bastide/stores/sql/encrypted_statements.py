"""What statements and the database itself do with encrypted columns: they keep plain text out (E1).

A value bound as a parameter passes the column's type, which refuses plain text; any other expression is
computed by the database, past the type. Statements with one are refused when they are compiled, and the
database refuses what comes some other way: raw SQL, another program.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, ClauseElement, Column, Insert, Null, Table, Update
from sqlalchemy.event import listens_for
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.types import Boolean, NullType, TypeEngine

from bastide.stores.sealed_condition import sealed_condition
from bastide.stores.sql.encrypted import EncryptedType, PlaintextRefused


class IsSealed(ColumnElement[bool]):
    """Whether a column holds what looks sealed, or nothing, as a condition in SQL.

    Every table that is made with an encrypted column gets it as a constraint. For a column that is added
    later, or to a table made by hand, a migration puts it there.

    Args:
        column: the encrypted column.
    """

    inherit_cache: bool | None = True
    type: TypeEngine[bool] = Boolean()

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column


@compiles(IsSealed, "sqlite", "postgresql")
def _in_sql(element: IsSealed, compiler: SQLCompiler, **options: Any) -> str:
    name = compiler.process(element.column, **options)
    return sealed_condition(name, is_sqlite=compiler.dialect.name == "sqlite")


@listens_for(Table, "before_create")
def _constrain(table: Table, _connection: Any, **_: Any) -> None:
    present = {constraint.name for constraint in table.constraints}
    for column in _encrypted(table):
        constraint = CheckConstraint(IsSealed(column), name=f"{column.name}_sealed")
        if constraint.name not in present:
            table.append_constraint(constraint)


@compiles(Insert)
@compiles(Update)
def _compile(statement: Insert | Update, compiler: SQLCompiler, **options: Any) -> str:
    """Compile the statement as ever.

    Raises:
        PlaintextRefused: the database would compute the value of an encrypted column, or its blind index
            would be set without it.
    """
    if _encrypted(statement.table):
        written = _written(statement, compiler)
        for column in _computed(written):
            msg = f"{column} is sealed by the application, and takes no expression of the database"
            raise PlaintextRefused(msg)
        for column in _indexed_alone(written):
            msg = f"{column.type.blind_index} is filled with {column}, and by nobody else"
            raise PlaintextRefused(msg)
    compiled: str = getattr(compiler, f"visit_{statement.__visit_name__}")(statement, **options)
    return compiled


def _encrypted(table: Any) -> list[Any]:
    return [column for column in table.c if isinstance(column.type, EncryptedType)]


class _Written(NamedTuple):
    """What a statement writes.

    Attributes:
        table: into which table.
        rows: values in the statement, by column or name; one for each row, and what an upsert sets.
        selected: names of what a select gives.
        bound: names of what comes as parameters beside the statement.
    """

    table: Table
    rows: list[Mapping[Any, Any]]
    selected: Collection[str]
    bound: Collection[str]


def _written(statement: Any, compiler: SQLCompiler) -> _Written:
    # As the compiler reads it: names of mapped attributes are resolved here.
    state: Any = statement._compile_state_factory(statement, compiler)  # noqa: SLF001
    rows: list[Mapping[Any, Any]] = [*(state._multi_parameters or ()), state._dict_parameters or {}]  # noqa: SLF001
    conflict = getattr(state.statement, "_post_values_clause", None)
    rows.append(dict(getattr(conflict, "update_values_to_set", ())))
    selected = getattr(state.statement, "_select_names", None) or ()
    return _Written(state.statement.table, rows, selected, compiler.column_keys or ())


def _computed(written: _Written) -> Iterator[Column[Any]]:
    """Yield the encrypted columns whose value is not a parameter of this statement."""
    for column in _encrypted(written.table):
        places = (column.key, column)
        values = (row[place] for row in written.rows for place in places if place in row)
        if column.key in written.selected or not all(map(_is_bound, values)):
            yield column


def _indexed_alone(written: _Written) -> Iterator[Any]:
    """Yield the encrypted columns whose blind index is written where the column is not."""
    parts = (*written.rows, written.selected, written.bound)
    # By name: a column that is compared with something makes SQL of it.
    names = [{getattr(place, "key", place) for place in part} for part in parts]
    for column in _encrypted(written.table):
        index = column.type.blind_index
        if index and any(index in part and column.key not in part for part in names):
            yield column


def _is_bound(value: Any) -> bool:
    if isinstance(value, BindParameter):
        return isinstance(value.type, NullType | EncryptedType)
    return isinstance(value, Null) or not isinstance(value, ClauseElement)
