"""Policies as SQL: the filter that lists exactly what the check would open (A5)."""

from typing import Any, assert_never

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from bastide.core.access import (
    All,
    AnyOf,
    FieldIs,
    Has,
    Not,
    Owns,
    Policy,
    Through,
)
from bastide.core.foundation import Principal


def compile_policy(policy: Policy, model: Any, principal: Principal) -> ColumnElement[bool]:  # noqa: PLR0911 -- one answer per node
    """Return the SQL condition that holds for the rows which ``policy.allows``.

    Every leaf is two-valued (never NULL), so that negation means the same as in Python.

    Args:
        policy: the policy tree.
        model: the mapped class whose rows are filtered.
        principal: who asks.
    """
    match policy:
        case Has(permission):
            return true() if principal.has(permission) else false()
        case Owns(name):
            if principal.account_id is None or principal.is_suspect:
                return false()
            column = getattr(model, name)
            return and_(column.is_not(None), column == principal.account_id)
        case FieldIs(name, value):
            condition: ColumnElement[bool] = getattr(model, name).is_not_distinct_from(value)
            return condition
        case Through(relation, inner):
            attribute = getattr(model, relation)
            target = attribute.property.mapper.class_
            related: ColumnElement[bool] = attribute.has(compile_policy(inner, target, principal))
            return related
        case All(parts):
            return and_(true(), *(compile_policy(part, model, principal) for part in parts))
        case AnyOf(parts):
            return or_(false(), *(compile_policy(part, model, principal) for part in parts))
        case Not(inner):
            return not_(compile_policy(inner, model, principal))
        case _:  # pragma: no cover -- mypy proves that no node is missing
            assert_never(policy)
