"""Declared sorts and literal searches as SQLAlchemy expressions."""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.selectable import GenerativeSelect

from bastide.core.inputs import LIKE_ESCAPE, Direction, Order, escape_like

S = TypeVar("S", bound=GenerativeSelect)


def contains(column: SQLColumnExpression[str | None], text: str) -> ColumnElement[bool]:
    """Return the condition that the column holds ``text`` literally, whatever its case (Q2)."""
    return column.ilike(f"%{escape_like(text)}%", escape=LIKE_ESCAPE)


def starts_with(column: SQLColumnExpression[str | None], text: str) -> ColumnElement[bool]:
    """Return the condition that the column begins with ``text`` literally, whatever its case (Q2)."""
    return column.ilike(f"{escape_like(text)}%", escape=LIKE_ESCAPE)


def order_by(statement: S, order: Order[InstrumentedAttribute[Any]]) -> S:
    """Return the statement in the parsed order, ties broken the same way round (Q1)."""
    if order.direction is Direction.DESCENDING:
        return statement.order_by(order.column.desc(), order.tie_break.desc())
    return statement.order_by(order.column.asc(), order.tie_break.asc())
