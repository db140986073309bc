"""Forged requests, forms and signing in, as a Flask application has them."""

import re
import sys
from collections.abc import Iterable
from types import FunctionType
from typing import Any, Final

from flask import Flask

from bastide.check.findings import Finding, found
from bastide.check.live.flask_settings import layers_of, signs_people_in
from bastide.check.live.guards import functions_around
from bastide.check.live.places import Places, code_of, own_classes
from bastide.check.live.routes import SIGN_IN, SeenRoute
from bastide.core.request import Layer

TOKEN: Final = re.compile(r"(?i)(csrf|xsrf|validate_on_submit|FlaskForm)")
# Who asks for a token in a header is asked by no browser on its own.
BY_HEADER: Final = re.compile(r"(?i)(jwt|token|api_?key|bearer|hmac|signature|httpauth)")
LIMITING: Final = re.compile(
    r"(?i)(rate_?limit|limiter|throttl|attempt|lock_?out|locked|axes|too_many|captcha|failed_?(log|sign))"
)
LIMITERS: Final = frozenset({"limiter", "flask_limiter", "ratelimiter"})


def check_forgery(app: Flask, routes: list[SeenRoute], places: Places) -> list[Finding]:
    """Return that forms of other sites are taken, and where the check is switched off."""
    if Layer.FORGERY in layers_of(app):
        exempt = app.extensions["bastide"].csrf_exempt
        return _exempted([route for route in routes if route.name in exempt])
    protect = app.extensions.get("csrf")
    is_on = protect is not None and app.config.get("WTF_CSRF_ENABLED", True)
    if is_on and app.config.get("WTF_CSRF_CHECK_DEFAULT", True):
        return _exempted([route for route in routes if _is_exempt(app, protect, route)])
    if not signs_people_in(app, places) or _has_own_check(app):
        return []
    bare = [route for route in routes if _takes_forged(route)]
    if not bare:
        return _check_forms(places)
    count = f", as {len(bare)} in all" if len(bare) > 1 else ""
    message = f"{bare[0].method} {bare[0].path} takes forms of other sites: nothing asks for a token{count}"
    return [found("BST213", *bare[0].place, message), *_check_forms(places)]


def _exempted(routes: Iterable[SeenRoute]) -> list[Finding]:
    return [
        found("BST214", *route.place, f"{route.method} {route.path} is taken out of the forgery check")
        for route in routes
        if route.is_change
        and route.is_own
        and not BY_HEADER.search(route.decided_by)
        and not _is_for_machines(route)
    ]


def _is_for_machines(route: SeenRoute) -> bool:
    """Tell whether only programs send there: no browser's cookie counts."""
    if route.rule is not None:
        return route.rule.takes_tokens or route.rule.is_for_everybody
    return bool(re.search(r"(?i)(hook|callback|notify|ipn|csp|report)", route.words))


def _is_exempt(app: Flask, protect: Any, route: SeenRoute) -> bool:
    view = app.view_functions[route.name]
    name = f"{view.__module__}.{getattr(view, '__name__', '')}"
    exempt: set[Any] = getattr(protect, "_exempt_blueprints", set())
    blueprint = app.blueprints.get(route.name.rpartition(".")[0])
    return (
        name in getattr(protect, "_exempt_views", ())
        or blueprint in exempt
        or getattr(blueprint, "name", "") in exempt
    )


def _has_own_check(app: Flask) -> bool:
    """Tell whether a hook of all requests looks at a token."""
    hooks = [hook for hook in app.before_request_funcs.get(None, ()) if hook.__module__ != "flask_wtf.csrf"]
    return any(TOKEN.search(f"{getattr(hook, '__module__', '')} {_words(hook)}") for hook in hooks)


def _takes_forged(route: SeenRoute) -> bool:
    if not route.is_change or not route.is_own or _is_for_machines(route):
        return False
    words = _words(route.view)
    if "get_json" in words.split():
        return False  # no form of another site is JSON
    return (
        not TOKEN.search(words) and not BY_HEADER.search(route.decided_by) and not _uses_safe_form(route.view)
    )


def _words(view: Any) -> str:
    """Return every name that the view and what stands around it use."""
    return " ".join(
        " ".join((each.__code__.co_qualname, *each.__code__.co_names)) for each in functions_around(view)
    )


def _uses_safe_form(view: Any) -> bool:
    """Tell whether the view makes a form that has a token."""
    for function in functions_around(view):
        if isinstance(function, FunctionType):
            used = (function.__globals__.get(name) for name in function.__code__.co_names)
            if any(isinstance(each, type) and _has_token(each) for each in used):
                return True
    return False


def _has_token(form: type[Any]) -> bool:
    return bool(getattr(getattr(form, "Meta", None), "csrf", False))


def _check_forms(places: Places) -> list[Finding]:
    wtforms = sys.modules.get("wtforms")
    if wtforms is None:
        return []
    forms = own_classes(places, lambda each: issubclass(each, wtforms.Form) and not _has_token(each))
    inner = {
        id(field.args[0])
        for form in own_classes(places, lambda each: issubclass(each, wtforms.Form))
        for field in vars(form).values()
        if getattr(field, "field_class", None) in {wtforms.FormField, getattr(wtforms, "FieldList", None)}
        and field.args
    }
    return [
        found("BST215", *places.of(form), f"{form.__name__} has no token: requests of other sites pass it")
        for form in forms
        if id(form) not in inner and any(hasattr(field, "field_class") for field in vars(form).values())
    ]


def check_sign_in(app: Flask, routes: list[SeenRoute], places: Places) -> list[Finding]:
    """Return sign-ins whose attempts nothing counts."""
    if Layer.ATTEMPTS in layers_of(app) or LIMITERS & app.extensions.keys():
        return []
    hooks = " ".join(_words(hook) for hook in app.before_request_funcs.get(None, ()))
    return [
        found(
            "BST221",
            *(route.place if route.is_own else places.nowhere),
            f"POST {route.path} checks passwords, and nothing counts attempts",
        )
        for route in routes
        if route.method == "POST" and SIGN_IN.search(route.words) and not LIMITING.search(hooks)
        and not LIMITING.search(_words(route.view)) and _is_form(route)
    ]  # fmt: skip


def _is_form(route: SeenRoute) -> bool:
    """Tell whether the route is the application's own, or a library's known one."""
    code = code_of(route.view)
    return route.is_own or "security" in (code.co_filename if code is not None else "")
