"""Decorators that declare what a view demands; start-up, matrix and log read the same rule.

Decorators stack: each adds to the view's one :class:`~bastide.core.access.Rule`. None of them decides
anything; the pipeline asks the rule.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

from flask import abort, current_app, request

from bastide.core.access import PUBLIC, Audience, Owns, Policy, Rule
from bastide.core.csrf import SAFE_METHODS
from bastide.core.decisions import AccessDenied, Denied
from bastide.core.errors import ConfigurationError
from bastide.flask.state import current_exchange

P = ParamSpec("P")
R = TypeVar("R")

RULE_ATTRIBUTE = "__bastide_rule__"
CSRF_EXEMPT_ATTRIBUTE = "__bastide_csrf_exempt__"


def rule_of(view: Callable[..., Any]) -> Rule | None:
    """Return the rule that the view declares, or None."""
    rule: Rule | None = getattr(view, RULE_ATTRIBUTE, None)
    return rule


def declare(view: Callable[P, R], rule: Rule) -> Callable[P, R]:
    """Set the view's rule."""
    setattr(view, RULE_ATTRIBUTE, rule)
    return view


def restrict(view: Callable[P, R], **demands: Any) -> Callable[P, R]:
    """Add demands to the view's rule; what inner decorators demand stays.

    Raises:
        ConfigurationError: the view is public.
    """
    found = rule_of(view)
    if found is PUBLIC:
        msg = f"{view.__qualname__} is public and restricted at once"
        raise ConfigurationError(msg)
    return declare(view, replace(found or Rule(), **demands))


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Let everybody in: the visible opt-out of deny-by-default (A2)."""
    if rule_of(view) is not None:
        msg = f"{view.__qualname__} is public and restricted at once"
        raise ConfigurationError(msg)
    return declare(view, PUBLIC)


def login_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let signed-in people in."""
    return restrict(view, audience=Audience.SIGNED_IN)


def fresh_login_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let people in who showed a factor lately; others are asked to confirm (F5)."""
    return restrict(view, needs_fresh=True)


def permission_required(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let people in who hold the permission."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        return restrict(view, permission=permission)

    return decorate


def api(view: Callable[P, R]) -> Callable[P, R]:
    """Answer refusals of this view with statuses and problem details, never with a page."""
    return declare(view, replace(rule_of(view) or Rule(), is_api=True))


def csrf_exempt(view: Callable[P, R]) -> Callable[P, R]:
    """Take the view out of the CSRF check: for machines that carry no cookie, such as browser reports."""
    setattr(view, CSRF_EXEMPT_ATTRIBUTE, True)
    return view


def policy_required(
    policy: Policy,
    model: type[Any],
    *,
    visible: Policy | None = None,
    audience: Audience | None = None,
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Load the object once, check it, and hand the checked object to the view.

    The route's ``<int:NAME_id>`` becomes the view's argument ``NAME``. On unsafe methods the row is
    locked until the transaction ends, so that what was checked is what is changed.

    Args:
        policy: what the object must pass (else 403).
        model: the mapped class.
        visible: who may know of the object (else 404); default: the same policy.
        audience: whom the route lets in before the object is loaded; default: signed-in people.

    Threat: insecure direct object references, check-then-act gaps (V8.2.2, V15.4.2).
    """
    rule = Rule(policy=policy, visible=visible or policy)
    demands: dict[str, Any] = {"policy": rule.policy, "visible": rule.visible}
    if audience is not None:
        demands["audience"] = audience

    def decorate(view: Callable[..., R]) -> Callable[..., R]:
        name = _object_argument(view)

        @functools.wraps(view)
        def checked(**arguments: Any) -> R:
            key = arguments.pop(f"{name}_id")
            bastide = current_app.extensions["bastide"]
            lock = None if request.method in SAFE_METHODS else {"of": model}
            obj = bastide.session.get(model, key, with_for_update=lock)
            if obj is None:
                abort(404)
            decision = rule.decide_object(current_exchange().principal, obj)
            if isinstance(decision, Denied):
                raise AccessDenied(decision, target=f"{name}:{key}")
            return view(**{name: obj}, **arguments)

        return restrict(checked, **demands)

    return decorate


def owner_required(field: str, model: type[Any]) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Let only the object's owner in; for everybody else it does not exist."""
    return policy_required(Owns(field), model)


def _object_argument(view: Callable[..., Any]) -> str:
    names = list(inspect.signature(view).parameters)
    if not names:
        msg = f"{view.__qualname__} needs an argument for the checked object"
        raise ConfigurationError(msg)
    return names[0]
