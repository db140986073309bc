"""Declared sorts and literal searches as SQLAlchemy expressions."""

from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute

from bastide.core.inputs import LIKE_ESCAPE, Direction, Order, escape_like


def contains(column: Any, text: str) -> ColumnElement[bool]:
    """Return the condition that the column holds ``text`` literally, whatever its case (Q2)."""
    condition: ColumnElement[bool] = column.ilike(f"%{escape_like(text)}%", escape=LIKE_ESCAPE)
    return condition


def starts_with(column: Any, text: str) -> ColumnElement[bool]:
    """Return the condition that the column begins with ``text`` literally, whatever its case (Q2)."""
    condition: ColumnElement[bool] = column.ilike(f"{escape_like(text)}%", escape=LIKE_ESCAPE)
    return condition


def order_by(statement: Select[Any], order: Order[InstrumentedAttribute[Any]]) -> Select[Any]:
    """Return the statement in the parsed order, ties broken the same way round (Q1)."""
    if order.direction is Direction.DESCENDING:
        return statement.order_by(order.column.desc(), order.tie_break.desc())
    return statement.order_by(order.column.asc(), order.tie_break.asc())
