"""Flask's routes, and who asks who acts on each of them."""

import sys
from collections.abc import Iterator
from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter
from werkzeug.routing import Rule as Address

from bastide.check.findings import Finding, found
from bastide.check.live.guards import asks_itself, functions_around, guards_around, is_refusing_hook
from bastide.check.live.places import Places, code_of
from bastide.check.live.routes import SeenRoute
from bastide.core.access import Rule


def bastide_of(app: Flask) -> Any:
    """Return what Bastide left in the application, its rules read; None without Bastide."""
    installed = app.extensions.get("bastide")
    if installed is not None and not installed.is_sealed:
        try:
            installed.seal()
        except Exception:  # noqa: BLE001 -- whoever starts it is told; it may also want its database
            return installed
    return installed


def flask_routes(app: Flask, places: Places) -> list[SeenRoute]:
    """Return every route and method of the application."""
    rules: dict[str, Rule] = dict(getattr(bastide_of(app), "rules", {}))
    seen = []
    for address in app.url_map.iter_rules():
        if address.build_only or address.endpoint not in app.view_functions:
            continue
        methods = sorted((address.methods or set()) - {"HEAD", "OPTIONS"})
        seen += [_seen(app, address, method, rules.get(address.endpoint), places) for method in methods]
    return seen


def _seen(app: Flask, address: Address, method: str, rule: Rule | None, places: Places) -> SeenRoute:
    view = app.view_functions[address.endpoint]
    admin = _admin_view(app, address.endpoint)
    decided_by, is_sure = _decided_by(app, address.endpoint, method, admin)
    shown = _method_of(view, method) or view
    place = places.of(shown if admin is None else type(admin))
    code = code_of(shown)
    is_own = admin is not None or (code is not None and places.is_own(code.co_filename))
    if rule is not None:
        decided_by, is_sure = f"Bastide: {rule.describe()}", True
    return SeenRoute(
        path=address.rule, name=address.endpoint, method=method, place=place, rule=rule,
        decided_by=decided_by,
        is_sure=is_sure, is_own=is_own, has_arguments=bool(address.arguments), view=shown,
        is_open=rule is not None and rule.is_for_everybody and rule.policy is None and rule.visible is None,
    )  # fmt: skip


def _decided_by(app: Flask, endpoint: str, method: str, admin: Any) -> tuple[str, bool]:
    """Return what asks who acts, and whether it does for certain."""
    view = app.view_functions[endpoint]
    if admin is not None and _admin_asks(admin):
        return f"{type(admin).__name__}.is_accessible", True
    names = guards_around(view)
    of_method = _method_of(view, method)
    if of_method is not None:
        names += guards_around(of_method) + _of_resource(view, method)
    if names:
        return ", ".join(dict.fromkeys(names)), True
    hook = next(_refusing_hooks(app, endpoint), "")
    if hook:
        return f"before_request {hook}", True
    word = asks_itself(of_method or view)
    return (f"the view itself ({word})", False) if word else ("", True)


def _method_of(view: Any, method: str) -> Any:
    """Return the function of a class-based view that answers the method, or None."""
    view_class = getattr(view, "view_class", None)
    return getattr(view_class, method.lower(), None) or getattr(view_class, "dispatch_request", None)


def _of_resource(view: Any, method: str) -> list[str]:
    """Return the names of guards among ``method_decorators`` of Flask-RESTful's and Flask-RESTX's."""
    given = getattr(view.view_class, "method_decorators", ())
    chosen = given.get(method.lower(), ()) if isinstance(given, dict) else given
    return [name for each in chosen for name in (guards_around(each(_nothing)) if callable(each) else ())]


def _nothing(*_: Any, **__: Any) -> None:
    """Stand for a view, to see what decorators make of it."""


def _refusing_hooks(app: Flask, endpoint: str) -> Iterator[str]:
    parts = endpoint.split(".")[:-1]
    names = [None, *(".".join(parts[: end + 1]) for end in range(len(parts)))]
    for name in names:
        for hook in app.before_request_funcs.get(name, ()):
            if guards_around(hook) or is_refusing_hook(hook):
                yield getattr(hook, "__name__", type(hook).__name__)


def _admin_view(app: Flask, endpoint: str) -> Any:
    """Return the view of Flask-Admin's that has the endpoint, or None."""
    for admin in app.extensions.get("admin", ()) or ():
        for view in getattr(admin, "_views", ()):
            if view.endpoint == endpoint.rpartition(".")[0]:
                return view
    return None


def _admin_asks(view: Any) -> bool:
    from flask_admin.base import BaseView  # noqa: PLC0415 -- only where it is in use

    return type(view).is_accessible is not BaseView.is_accessible


def check_order(app: Flask, places: Places) -> list[Finding]:
    """Return views whose guard stands above the route: the route has the function that nothing guards."""
    findings = []
    for endpoint, view in app.view_functions.items():
        module = sys.modules.get(getattr(view, "__module__", "") or "")
        named = getattr(module, getattr(view, "__name__", ""), None)
        if named is None or named is view or not callable(named):
            continue
        if any(each is view for each in functions_around(named)):
            above = [name for name in guards_around(named) if name not in guards_around(view)]
            if above:
                message = f"{above[0]} stands above the route of {endpoint}, so nothing asks it"
                findings.append(found("BST218", *places.of(view), message))
    return findings


def check_converters(app: Flask, places: Places) -> list[Finding]:
    """Return that whole numbers in addresses have no bound, once for the application."""
    open_ones = [
        address
        for address in app.url_map.iter_rules()
        if address.endpoint in app.view_functions
        for converter in address._converters.values()  # noqa: SLF001 -- without a public name
        if type(converter) is IntegerConverter and converter.max is None
    ]
    own = [(each, app.view_functions[each.endpoint]) for each in open_ones]
    own = [(each, view) for each, view in own if places.is_own(getattr(code_of(view), "co_filename", "/"))]
    if not own:
        return []
    address, view = own[0]
    count = f" ({len(own)} routes have such numbers)" if len(own) > 1 else ""
    return [found("BST262", *places.of(view), f"{address.rule} takes a number of any size{count}")]
