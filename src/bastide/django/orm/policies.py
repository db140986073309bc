"""Policies as Django conditions: the filter that lists exactly what the check would open (A5)."""

from typing import Any, assert_never

from django.db.models import Exists, OuterRef, Q, Value

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

NOBODY = Q(Value(False))
EVERYBODY = Q(Value(True))


def compile_policy(policy: Policy, model: Any, principal: Principal) -> Q:  # noqa: C901, PLR0911 -- one answer per node
    """Return the condition that holds for the rows which ``policy.allows``.

    Every leaf is two-valued (never NULL), so that negation means the same as in Python.

    Args:
        policy: the policy tree.
        model: the model whose rows are filtered.
        principal: who asks.
    """
    match policy:
        case Has(permission):
            return EVERYBODY if principal.has(permission) else NOBODY
        case Owns(name):
            if principal.account_id is None or principal.is_suspect:
                return NOBODY
            return Q(**{f"{name}__isnull": False, name: principal.account_id})
        case FieldIs(name, None):
            return Q(**{f"{name}__isnull": True})
        case FieldIs(name, value):
            return Q(**{f"{name}__isnull": False, name: value})
        case Through(relation, inner):
            field = model._meta.get_field(relation)  # noqa: SLF001 -- Django's documented name
            target = field.remote_field.model
            related = target._base_manager.filter(  # noqa: SLF001 -- Django's documented name
                compile_policy(inner, target, principal), pk=OuterRef(field.attname)
            )
            return Q(Exists(related))
        case All(parts):
            whole = EVERYBODY
            for part in parts:
                whole &= compile_policy(part, model, principal)
            return whole
        case AnyOf(parts):
            whole = NOBODY
            for part in parts:
                whole |= compile_policy(part, model, principal)
            return whole
        case Not(inner):
            return ~compile_policy(inner, model, principal)
        case _:  # pragma: no cover -- mypy proves that no node is missing
            assert_never(policy)
