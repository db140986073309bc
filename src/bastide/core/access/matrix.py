"""The access matrix: every route, its rule, and what each role gets (A7)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from bastide.core.access.policies import Audience, Rule
from bastide.core.foundation import STRANGER, Principal


class Route(NamedTuple):
    """One route of an application.

    Attributes:
        path: its pattern.
        methods: those it answers, without HEAD and OPTIONS.
        rule: what it demands.
    """

    path: str
    methods: tuple[str, ...]
    rule: Rule


def access_matrix(routes: Iterable[Route], roles: Mapping[str, frozenset[str]]) -> list[str]:
    """Return one line per route: methods, path, rule, and the answer to a stranger and to each role.

    ``object`` stands where the loaded object decides.
    """
    lines = []
    for route in sorted(routes, key=lambda route: (route.path, route.methods)):
        answers = " ".join(f"{name}={answer}" for name, answer in role_answers(route.rule, roles).items())
        lines.append(f"{','.join(route.methods):<9} {route.path:<45} [{route.rule.describe()}] {answers}")
    return lines


def role_answers(rule: Rule, roles: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Return what a stranger and each role get: allow, deny, or ``object`` where the object decides."""
    people = {"stranger": STRANGER} | {
        name: Principal(account_id=1, name=name, permissions=permissions, is_fresh=True)
        for name, permissions in roles.items()
    }
    return {name: _answer(rule, principal) for name, principal in people.items()}


def _answer(rule: Rule, principal: Principal) -> str:
    if not rule.decide(principal):
        return "deny"
    return "object" if rule.policy is not None and rule.audience is not Audience.SUSPECT_TOO else "allow"
