"""Django's URL patterns, and who asks who acts on each of them."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from django.urls import URLPattern, URLResolver
from django.utils.module_loading import import_string

from bastide.check.live.guards import asks_itself, functions_around, guards_around, is_refusing_hook
from bastide.check.live.places import Places, code_of
from bastide.check.live.routes import SeenRoute
from bastide.core.access import Rule

LOGIN_MIDDLEWARE: Final = "django.contrib.auth.middleware.LoginRequiredMiddleware"
METHODS: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")
GUARDING_BASE: Final = re.compile(
    r"(Required|Permission|Login|UserPassesTest|Access|Staff|Superuser)\w*(Mixin|View)$|AccessMixin$"
)
OPEN_PERMISSIONS: Final = frozenset({"AllowAny"})
READ_BY_ALL: Final = re.compile(r"(ReadOnly|OrReadOnly|AnonReadOnly)$")
ARGUMENT: Final = re.compile(r"<[^>]*>|\(\?P<|\([^)]*\)")


class Entry(NamedTuple):
    """One pattern."""

    path: str
    name: str
    view: Callable[..., Any]


class Asking(NamedTuple):
    """What asks for every pattern, or for those that Bastide has a rule of.

    Attributes:
        rules: Bastide's, by path and view.
        is_login_required: ``LoginRequiredMiddleware`` asks wherever no view opts out.
        middleware: the project's own that turns people away; empty where none does.
    """

    rules: Mapping[tuple[str, Any], Rule]
    is_login_required: bool
    middleware: str


def routes_below(
    patterns: Any, settings: Any, places: Places, *, rules: Mapping[tuple[str, Any], Rule] | None = None
) -> list[SeenRoute]:
    """Return every pattern and method.

    Args:
        patterns: of the root URLconf.
        settings: Django's, whose middleware may ask for all of them.
        places: finds the views.
        rules: Bastide's, by path and view.
    """
    asking = Asking(
        rules=rules or {},
        is_login_required=LOGIN_MIDDLEWARE in settings.MIDDLEWARE,
        middleware=_refusing_middleware(settings.MIDDLEWARE, places),
    )
    seen = []
    for entry in _walk(patterns, "/", ""):
        seen += [_seen(entry, method, asking, places) for method in methods_of(entry.view)]
    return seen


def _walk(patterns: Any, before: str, space: str) -> Iterator[Entry]:
    for each in patterns:
        path = before + str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from _walk(each.url_patterns, path, inner)
        elif isinstance(each, URLPattern):
            name = f"{space}{each.name}" if each.name else ""
            by_method = getattr(each.callback, "bastide_by_method", None)
            for view in dict.fromkeys(by_method.values()) if by_method else (each.callback,):
                yield Entry(path, name, view)


def class_behind(view: Any) -> Any:
    """Return the class of a view, of Django or of REST framework, or None."""
    return getattr(view, "view_class", None) or getattr(view, "cls", None)


def is_of_rest_framework(view: Any) -> bool:
    """Tell whether REST framework answers, which checks forged requests itself."""
    return hasattr(class_behind(view), "permission_classes")


def methods_of(view: Any) -> tuple[str, ...]:
    """Return the methods that a view answers: said by its class or decorator, else read from its code."""
    actions = getattr(view, "actions", None)
    if actions:
        return tuple(sorted({method.upper() for method in actions} & set(METHODS)))
    view_class = class_behind(view)
    if view_class is not None:
        names = [name.upper() for name in view_class.http_method_names if hasattr(view_class, name)]
        return tuple(name for name in METHODS if name in names)
    said = _said(view)
    if said:
        return tuple(name for name in METHODS if name in said)
    words = {word for each in functions_around(view) for word in _words(each.__code__)}
    writes = [name for name in METHODS if name != "GET" and name in words]
    if not writes and words & {"FILES", "body", "is_valid"}:
        writes = ["POST"]
    return ("GET", *writes)


def _said(view: Any) -> set[str]:
    """Return what ``require_http_methods`` around the view lets through; empty without it."""
    for function in functions_around(view):
        names = function.__code__.co_freevars
        if "request_method_list" in names and function.__closure__:
            listed = function.__closure__[names.index("request_method_list")].cell_contents
            return {str(name).upper() for name in listed}
    by_method = getattr(view, "methods", ())
    return {str(name).upper() for name in by_method} if isinstance(by_method, list | tuple | set) else set()


def _words(code: Any) -> Iterator[str]:
    yield from code.co_names
    for value in code.co_consts:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | frozenset):
            yield from (str(each) for each in value)


def _seen(entry: Entry, method: str, asking: Asking, places: Places) -> SeenRoute:
    shown = class_behind(entry.view) or entry.view
    rule = asking.rules.get((entry.path, entry.view))
    decided_by, is_sure = _decided_by(entry.view, method, asking)
    if rule is not None:
        decided_by, is_sure = f"Bastide: {rule.describe()}", True
    is_open = getattr(entry.view, "login_required", None) is False and not is_of_rest_framework(entry.view)
    if rule is not None:
        is_open = rule.is_for_everybody and rule.policy is None and rule.visible is None
    place = places.of(shown)
    return SeenRoute(
        path=entry.path, name=entry.name, method=method, place=place, rule=rule, view=entry.view,
        decided_by=decided_by, is_sure=is_sure, is_own=_is_own(shown, places),
        has_arguments=bool(ARGUMENT.search(entry.path)), is_open=is_open,
    )  # fmt: skip


def _is_own(shown: Any, places: Places) -> bool:
    if isinstance(shown, type):
        import sys  # noqa: PLC0415

        return places.is_own(str(getattr(sys.modules.get(shown.__module__), "__file__", None) or "/"))
    code = code_of(shown)
    return code is not None and places.is_own(code.co_filename)


def _decided_by(view: Any, method: str, asking: Asking) -> tuple[str, bool]:
    """Return what asks who acts, and whether it does for certain."""
    view_class = class_behind(view)
    names = guards_around(view)
    if _is_of_admin(view):
        names.append("the admin site")
    if view_class is not None:
        names += _of_class(view, view_class, method)
    if names:
        return ", ".join(dict.fromkeys(names)), True
    if asking.is_login_required and getattr(view, "login_required", True):
        return "LoginRequiredMiddleware", True
    if asking.middleware:
        return f"middleware {asking.middleware}", True
    handlers = (getattr(view_class, name, None) for name in _handlers(view, method))
    functions = [view] if view_class is None else [each for each in handlers if _is_written_here(each)]
    word = next((word for each in functions if (word := asks_itself(each))), "")
    return (f"the view itself ({word})", False) if word else ("", True)


def _is_of_admin(view: Any) -> bool:
    if hasattr(view, "model_admin") or hasattr(view, "admin_site"):
        return True
    return any(
        each.__globals__.get("__name__") == "django.contrib.admin.sites" for each in functions_around(view)
    )


def _is_written_here(function: Any) -> bool:
    """Tell whether a method is there, and not one that the frameworks bring."""
    module = str(getattr(function, "__module__", ""))
    return callable(function) and not module.startswith(("django.", "rest_framework."))


def _handlers(view: Any, method: str) -> tuple[str, ...]:
    """Return the names of the methods of a class that may ask."""
    action = (getattr(view, "actions", None) or {}).get(method.lower(), method.lower())
    return (
        action, "dispatch", "setup", "initial", "get_queryset", "get_object", "form_valid", "perform_create",
        "perform_update", "perform_destroy", "check_permissions", "get_permissions",
    )  # fmt: skip


def _of_class(view: Any, view_class: Any, method: str) -> list[str]:
    handler = (getattr(view, "actions", None) or {}).get(method.lower(), method.lower())
    names = []
    for name in ("dispatch", handler):
        names += guards_around(getattr(view_class, name, None))
    names += [
        base.__name__
        for base in view_class.__mro__
        if base is not view_class and GUARDING_BASE.search(base.__name__) and base.__name__ != "AccessMixin"
    ]
    if hasattr(view_class, "permission_classes"):
        given = getattr(view, "initkwargs", {}).get("permission_classes") or view_class.permission_classes
        names += [name for each in given if (name := _permission_name(each)) and _counts(name, method)]
        if "get_permissions" in vars(view_class):
            names.append("get_permissions")
    return names


def _permission_name(permission: Any) -> str:
    return getattr(permission, "__name__", "") or type(permission).__name__


def _counts(name: str, method: str) -> bool:
    return name not in OPEN_PERMISSIONS and not (method == "GET" and READ_BY_ALL.search(name))


def _refusing_middleware(names: list[str], places: Places) -> str:
    """Return the project's own middleware that asks who acts and turns people away; empty without one."""
    for path in names:
        try:
            made = import_string(path)
        except ImportError:
            continue
        code = code_of(made)
        is_own = places.is_own(places.of(made).path) if code is None else places.is_own(code.co_filename)
        parts = [getattr(made, name, None) for name in ("__call__", "process_view", "process_request")]
        functions = [each for each in parts if each is not None] if isinstance(made, type) else [made]
        if is_own and any(is_refusing_hook(each) for each in functions):
            return path.rpartition(".")[2]
    return ""
