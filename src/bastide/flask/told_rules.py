"""Rules that an application's own code tells: Flask-Login's decorators, and Flask-Admin's views that ask."""

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Flask

from bastide.core.access import PUBLIC, Rule


def told_rule(app: Flask, endpoint: str, *, has_own_sessions: bool) -> Rule | None:
    """Return the rule that Flask-Login's decorators around a view, or its whole blueprint, come to; or None.

    Where the application loads users from requests, such as by keys of its own, or its tests switch the
    decorators off, they alone decide.

    Args:
        app: the application.
        endpoint: of the route.
        has_own_sessions: Flask-Login also decides what is fresh, and what whoever is not is asked.
    """
    manager: Any = getattr(app, "login_manager", None)
    if manager is None:
        return None
    login, fresh = _codes_of_decorators()
    hooks = app.before_request_funcs.get(endpoint.rpartition(".")[0] or "-", ())
    found = {code for view in (app.view_functions[endpoint], *hooks) for code in _codes(view)}
    if not found & {login, fresh}:
        return None
    if manager.request_callback is not None or (app.testing and app.config.get("LOGIN_DISABLED")):
        return PUBLIC
    return Rule(needs_fresh=fresh in found and not has_own_sessions)


def rule_of_admin(app: Flask, endpoint: str) -> Rule | None:
    """Return the rule of a view of Flask-Admin's that itself asks who comes in; it goes on asking.

    None for those that ask nobody: it lets everybody in unless ``is_accessible`` is written.
    """
    for admin in app.extensions.get("admin", ()):
        for view in admin._views:  # noqa: SLF001 -- without a public name
            if view.endpoint == endpoint.rpartition(".")[0] and _asks(view):
                return Rule()
    return None


def _asks(view: Any) -> bool:
    from flask_admin.base import BaseView  # noqa: PLC0415 -- only where it is in use

    return type(view).is_accessible is not BaseView.is_accessible


@cache
def _codes_of_decorators() -> tuple[Any, Any]:
    """Return the code of what Flask-Login's decorators make; they mark it in no other way."""
    from flask_login import fresh_login_required, login_required  # noqa: PLC0415 -- only where it is in use

    return login_required(_codes).__code__, fresh_login_required(_codes).__code__


def _codes(view: Callable[..., Any] | None) -> set[Any]:
    """Return the code of the view and of all that it is wrapped in."""
    found = set()
    while view is not None:
        found.add(getattr(view, "__code__", None))
        view = getattr(view, "__wrapped__", None)
    return found
