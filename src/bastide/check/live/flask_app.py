"""Everything that a loaded Flask application tells."""

from typing import Any

from flask import Flask

from bastide.check.findings import Finding
from bastide.check.live.answers import check_answers, safe_paths
from bastide.check.live.asking import ask_all, asking_flask
from bastide.check.live.columns import check_columns
from bastide.check.live.flask_forms import check_forgery, check_sign_in
from bastide.check.live.flask_routes import bastide_of, check_converters, check_order
from bastide.check.live.flask_settings import check_flask_settings, layers_of, wrappers
from bastide.check.live.flask_templates import check_jinja
from bastide.check.live.parts import Part, Routes
from bastide.check.live.places import Places
from bastide.check.live.routes import SeenRoute, check_routes
from bastide.check.live.sql_models import sql_columns
from bastide.core.request import Layer


def flask_parts(app: Flask, places: Places, routes: Routes) -> list[Part]:
    """Return what looks at the application, part by part; its routes are read once."""
    has_keys = Layer.ACCOUNTS in layers_of(app)
    return [
        lambda: check_flask_settings(app, places),
        lambda: check_routes(routes()),
        lambda: check_order(app, places),
        lambda: check_converters(app, places),
        lambda: check_forgery(app, routes(), places),
        lambda: check_sign_in(app, routes(), places),
        lambda: check_jinja(app.jinja_env, places),
        lambda: check_columns(sql_columns(places), has_keys=has_keys),
        lambda: _check_answers(app, routes(), places),
    ]


def _check_answers(app: Flask, routes: list[SeenRoute], places: Places) -> list[Finding]:
    has_proxy = (
        any(type(each).__name__ == "ProxyFix" for each in wrappers(app)) or bastide_of(app) is not None
    )
    asked = ask_all(asking_flask(app), safe_paths(routes), _host(app), has_proxy=has_proxy)
    return check_answers(asked, places.nowhere)


def _host(app: Flask) -> str:
    """Return a host that the application answers under."""
    transport: Any = getattr(
        getattr(getattr(bastide_of(app), "services", None), "settings", None), "transport", None
    )
    hosts = [*sorted(getattr(transport, "allowed_hosts", ())), *(app.config.get("TRUSTED_HOSTS") or ())]
    named = [host.removeprefix(".").removeprefix("*.") for host in hosts]
    return str(next(iter(named), app.config["SERVER_NAME"] or "localhost"))


def flask_roles(app: Flask) -> dict[str, frozenset[str]]:
    """Return the declared roles; none without Bastide."""
    return dict(getattr(bastide_of(app), "roles", {}))
