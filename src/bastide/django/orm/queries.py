"""Declared sorts and literal searches on querysets."""

from typing import TypeVar

from django.db.models import F, Model, Q, QuerySet

from bastide.core.inputs import Direction, Order

M = TypeVar("M", bound=Model)
Row = TypeVar("Row")


def contains(field: str, text: str) -> Q:
    """Return the condition that the field holds ``text`` literally, whatever its case (Q2)."""
    return Q(**{f"{field}__icontains": text})


def order_by(rows: QuerySet[M, Row], order: Order[str]) -> QuerySet[M, Row]:
    """Return the rows in the parsed order, ties broken the same way round (Q1)."""
    names = (order.column, order.tie_break)
    if order.direction is Direction.DESCENDING:
        return rows.order_by(*(F(name).desc() for name in names))
    return rows.order_by(*(F(name).asc() for name in names))
