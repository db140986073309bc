"""What statements and the database itself do with encrypted columns: they keep plain text out (E1).

A value bound as a parameter passes the column's type, which refuses plain text; any other expression is
computed by the database, past the type. Statements with one are refused when they are compiled, and the
database refuses what comes some other way: raw SQL, another program.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import CheckConstraint, ClauseElement, Column, Insert, Null, Table, Update
from sqlalchemy.event import listens_for
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.types import Boolean, NullType

from bastide.core.encryption import OVERHEAD_SIZE_BYTES
from bastide.stores.sql.encrypted import EncryptedType, PlaintextRefused


class IsSealed(ColumnElement[bool]):
    """Whether a column holds what looks sealed, or nothing, as a condition in SQL.

    Every table that is made with an encrypted column gets it as a constraint. For a column that is added
    later, or to a table made by hand, a migration puts it there.

    Args:
        column: the encrypted column.
    """

    inherit_cache = True
    type = Boolean()

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column


@compiles(IsSealed, "sqlite")
def _sealed_in_sqlite(element: IsSealed, compiler: SQLCompiler, **options: Any) -> str:
    name = compiler.process(element.column, **options)
    sealed = f"length({name}) >= {OVERHEAD_SIZE_BYTES} AND substr({name}, 1, 1) = x'01'"
    return f"{name} IS NULL OR typeof({name}) = 'blob' AND {sealed}"


@compiles(IsSealed, "postgresql")
def _sealed_in_postgresql(element: IsSealed, compiler: SQLCompiler, **options: Any) -> str:
    name = compiler.process(element.column, **options)
    return f"length({name}) >= {OVERHEAD_SIZE_BYTES} AND substr({name}, 1, 1) = decode('01', 'hex')"


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
        PlaintextRefused: the database would compute the value of an encrypted column.
    """
    if _encrypted(statement.table):
        for column in _computed(statement, compiler):
            msg = f"{column} is sealed by the application, and takes no expression of the database"
            raise PlaintextRefused(msg)
    compiled: str = getattr(compiler, f"visit_{statement.__visit_name__}")(statement, **options)
    return compiled


def _encrypted(table: Any) -> list[Column[Any]]:
    return [column for column in table.c if isinstance(column.type, EncryptedType)]


def _computed(statement: Any, compiler: SQLCompiler) -> Iterator[Column[Any]]:
    """Yield the encrypted columns whose value is not a parameter of this statement."""
    # As the compiler reads it: names of mapped attributes are resolved here.
    state: Any = statement._compile_state_factory(statement, compiler)  # noqa: SLF001
    rows: list[Mapping[Any, Any]] = [*(state._multi_parameters or ()), state._dict_parameters or {}]  # noqa: SLF001
    conflict = getattr(state.statement, "_post_values_clause", None)
    rows.append(dict(getattr(conflict, "update_values_to_set", ())))
    selected = getattr(state.statement, "_select_names", None) or ()
    for column in _encrypted(state.statement.table):
        places = (column.key, column)
        values = (row[place] for row in rows for place in places if place in row)
        if column.key in selected or not all(map(_is_bound, values)):
            yield column


def _is_bound(value: Any) -> bool:
    if isinstance(value, BindParameter):
        return isinstance(value.type, NullType | EncryptedType)
    return isinstance(value, Null) or not isinstance(value, ClauseElement)
