"""Decorators that load and check the object that a view is about."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import abort, current_app, request
from sqlalchemy.exc import DataError, DBAPIError, StatementError

from bastide.core.access import Audience, Owns, Policy, Rule, restrict
from bastide.core.foundation import ConfigurationError, Denied
from bastide.core.http import SAFE_METHODS
from bastide.core.request import refuse_object
from bastide.flask.form_tokens import CSRF_EXEMPT_ATTRIBUTE
from bastide.flask.installed import installed_in
from bastide.flask.state import current_exchange

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M")


def csrf_exempt(view: Callable[P, R]) -> Callable[P, R]:
    """Take the view out of the CSRF check: for machines that carry no cookie, such as browser reports."""
    setattr(view, CSRF_EXEMPT_ATTRIBUTE, True)
    return view


def policy_required(
    policy: Policy,
    model: type[M],
    *,
    visible: Policy | None = None,
    audience: Audience | None = None,
) -> Callable[[Callable[Concatenate[M, P], R]], Callable[..., R]]:
    """Load the object once, check it, and hand the checked object to the view.

    The route's ``<int:NAME_id>`` becomes the view's argument ``NAME``; among the ``decorators`` of a class,
    its method's. On unsafe methods the row is locked until the transaction ends, so that what was checked is
    what is changed.

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

    def decorate(view: Callable[Concatenate[M, P], R]) -> Callable[..., R]:
        own_name = _object_argument(view)
        by_name: Callable[..., R] = view

        @functools.wraps(view)
        def checked(**arguments: Any) -> R:
            name = own_name
            if not name:
                view_class: Any = vars(current_app.view_functions[request.endpoint or ""])["view_class"]
                name = _object_argument_of_class(view_class, request.method.lower())
            key = arguments.pop(f"{name}_id")
            obj = _load(model, key)
            if obj is None:
                abort(404)
            exchange = current_exchange()
            decision = rule.decide_object(exchange.principal, obj)
            if isinstance(decision, Denied):
                refuse_object(exchange, decision, target=f"{name}:{key}")
                abort(404)
            return by_name(**{name: obj}, **arguments)

        return restrict(checked, **demands)

    return decorate


def owner_required(
    field: str, model: type[M]
) -> Callable[[Callable[Concatenate[M, P], R]], Callable[..., R]]:
    """Let only the object's owner in; for everybody else it does not exist."""
    return policy_required(Owns(field), model)


def _load(model: type[Any], key: Any) -> Any:
    lock = None if request.method in SAFE_METHODS else {"of": model}
    try:
        return installed_in(current_app).session.get(model, key, with_for_update=lock)
    except StatementError as error:
        # Unless the database failed, the route let a text through that is no key.
        if isinstance(error, DBAPIError) and not isinstance(error, DataError):
            raise
        return None


def _object_argument(view: Callable[..., Any], *, skipped: int = 0) -> str:
    """Return the name of the view's first argument; empty where it takes any, as that of a class does."""
    arguments = list(inspect.signature(view).parameters.values())[skipped:]
    if not arguments:
        msg = f"{view.__qualname__} needs an argument for the checked object"
        raise ConfigurationError(msg)
    return "" if arguments[0].kind is inspect.Parameter.VAR_KEYWORD else arguments[0].name


@functools.cache
def _object_argument_of_class(view_class: Any, method: str) -> str:
    name = "get" if method == "head" and not hasattr(view_class, "head") else method
    return _object_argument(getattr(view_class, name, view_class.dispatch_request), skipped=1)
