"""The token of forms and scripts: Flask-WTF's and WTForms' give and take Bastide's, so one counts for all."""

from typing import Any, Final

import flask_wtf.csrf
from flask import Flask, Request, current_app
from wtforms import ValidationError
from wtforms.csrf.core import CSRFTokenField
from wtforms.csrf.session import SessionCSRF
from wtforms.form import BaseForm

from bastide.core.foundation import ConfigurationError, VerificationFailed
from bastide.core.request import Exchange, Layer
from bastide.flask.state import CSRF_FIELD, current_exchange, find_exchange

CSRF_EXEMPT_ATTRIBUTE: Final = "__bastide_csrf_exempt__"
_HEADERS: Final = ("X-CSRF-Token", "X-CSRFToken")
_validate_flask_wtfs: Final = flask_wtf.csrf.validate_csrf
_generate_wtforms: Final = SessionCSRF.generate_csrf_token
_validate_wtforms: Final = SessionCSRF.validate_csrf_token


def install(app: Flask) -> None:
    """Have ``generate_csrf``, ``validate_csrf`` and ``SessionCSRF`` work with Bastide's token here.

    Flask-WTF takes a token that stands in ``g`` for the one it made before, so whoever imported its function
    by name gets Bastide's too.
    """
    app.app_ctx_globals_class = _with_token(app.app_ctx_globals_class)
    app.jinja_env.globals["csrf_token"] = flask_wtf.csrf.generate_csrf
    flask_wtf.csrf.validate_csrf = _validate_csrf
    SessionCSRF.generate_csrf_token = _generate_token  # type: ignore[method-assign, assignment]  # names differ
    SessionCSRF.validate_csrf_token = _validate_token  # type: ignore[method-assign]


def seal(app: Flask) -> frozenset[str]:
    """Return the endpoints that the application took out of the check; it is done once, by the guard.

    Raises:
        ConfigurationError: Flask-WTF's token is switched off, and this is no test.
    """
    if not app.config.get("WTF_CSRF_ENABLED", True) and not app.testing:
        msg = (
            "WTF_CSRF_ENABLED is off, so forms carry no token and would be refused: it is for tests (TESTING)"
        )
        raise ConfigurationError(msg)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    return frozenset(name for name, view in app.view_functions.items() if _is_exempt(app, name, view))


def is_token_asked(app: Flask) -> bool:
    """Tell whether forms carry a token: not in tests that do without, by Flask-WTF's setting for it."""
    return bool(app.config.get("WTF_CSRF_ENABLED", True)) or not app.testing


def sent_token(asked: Request) -> str:
    """Return the token that came with the request, by any of the ways that Flask-WTF knows."""
    config, form = current_app.config, asked.form
    for header in (*_HEADERS, *config.get("WTF_CSRF_HEADERS", ())):
        if found := asked.headers.get(header):
            return found
    if found := form.get(CSRF_FIELD):
        return found
    # Forms with a prefix put it before the name of the field.
    field = _field_name()
    return next((form[name] for name in form if name.endswith(field) and form[name]), "")


def _field_name() -> str:
    return str(current_app.config.get("WTF_CSRF_FIELD_NAME", CSRF_FIELD))


def _with_token(base: type[Any]) -> type[Any]:
    class Globals(base):  # type: ignore[misc]  # the application's own
        """Flask's ``g`` with the token of the request at hand, made when it is asked for."""

        def __contains__(self, name: object) -> bool:
            return super().__contains__(name) or _is_token(name)

        def __getattr__(self, name: str) -> Any:
            return _token() if _is_token(name) else super().__getattr__(name)

        def get(self, name: str, default: Any = None) -> Any:
            return _token() if _is_token(name) else super().get(name, default)

    return Globals


def _is_token(name: object) -> bool:
    return name == _field_name() and find_exchange() is not None


def _token() -> str:
    return current_exchange().csrf_token()


def _validate_csrf(
    data: str | None, secret_key: Any = None, time_limit: Any = None, token_key: Any = None
) -> None:
    """Stand in for Flask-WTF's function, which other applications in the process go on with."""
    exchange = _exchange_with_token()
    if exchange is None:
        _validate_flask_wtfs(data, secret_key, time_limit, token_key)
    else:
        _verify(exchange, data)


def _generate_token(self: SessionCSRF, field: CSRFTokenField) -> str:
    """Stand in for WTForms' method, which Flask-Admin's ``SecureForm`` has."""
    exchange = _exchange_with_token()
    return str(_generate_wtforms(self, field)) if exchange is None else exchange.csrf_token()


def _validate_token(self: SessionCSRF, form: BaseForm, field: CSRFTokenField) -> None:
    exchange = _exchange_with_token()
    if exchange is None:
        _validate_wtforms(self, form, field)
    else:
        _verify(exchange, field.data)


def _exchange_with_token() -> Exchange | None:
    """Return the exchange of an application whose forms have Bastide's token; others have their own."""
    exchange = find_exchange()
    return exchange if exchange is not None and Layer.FORGERY in exchange.services.layers else None


def _verify(exchange: Exchange, data: str | None) -> None:
    binding = exchange.csrf_binding()
    try:
        exchange.services.csrf.verify_token(data if binding else None, binding or b"")
    except VerificationFailed as error:
        why = "missing" if error.reason == "csrf_missing" else "invalid"
        msg = f"The CSRF token is {why}."
        raise ValidationError(msg) from None


def _is_exempt(app: Flask, endpoint: str, view: Any) -> bool:
    if getattr(view, CSRF_EXEMPT_ATTRIBUTE, False):
        return True
    protect = app.extensions.get("csrf")
    # Flask-WTF tells by no public name what its `exempt` took out.
    views: set[str] = getattr(protect, "_exempt_views", set())
    blueprints: set[Any] = getattr(protect, "_exempt_blueprints", set())
    blueprint = app.blueprints.get(endpoint.rpartition(".")[0])
    name = f"{getattr(view, '__module__', '')}.{getattr(view, '__name__', '')}"
    return name in views or blueprint in blueprints
