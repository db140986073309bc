"""Hangs the layers that are on into Flask's hooks."""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any, Final

from flask import Flask
from sqlalchemy import Engine
from werkzeug.routing import IntegerConverter, Map

from bastide.core.foundation import ConfigurationError, Secret, Units
from bastide.core.inputs import MAX_IDENTIFIER
from bastide.core.request import KEEPING_LAYERS, ExchangeSink, Layer
from bastide.core.security_log import EventSink
from bastide.flask import accounts, cli, errors, form_tokens, logs, pipeline, templating, tripwires
from bastide.flask.events import event_recorded
from bastide.flask.gate import Gate
from bastide.flask.installed import Installed
from bastide.flask.keys import share_keys
from bastide.flask.sessions import ServerSessionInterface
from bastide.flask.state import find_exchange

MAX_BODY_SIZE_BYTES: Final = 1_000_000


class BoundedIntegerConverter(IntegerConverter):
    """``<int:…>`` up to 2**31 - 1 unless the route says otherwise: larger ids are a 404 (V1.4.2)."""

    def __init__(
        self,
        map: Map,  # noqa: A002 -- werkzeug's name
        fixed_digits: int = 0,
        min: int | None = None,  # noqa: A002 -- werkzeug's name
        max: int | None = MAX_IDENTIFIER,  # noqa: A002 -- werkzeug's name
        signed: bool = False,  # noqa: FBT001, FBT002 -- werkzeug's signature
    ) -> None:
        super().__init__(map, fixed_digits, min, max, signed)


def hang_in(installed: Installed) -> None:
    """Turn on the layers of the application's services.

    Raises:
        ConfigurationError: some are on already; one's pages would carry the nonce of the other's policy.
    """
    app, layers = installed.app, installed.services.layers
    if "bastide" in app.extensions:
        msg = "Bastide stands around this application already: name all of its layers in one `Layers(...)`"
        raise ConfigurationError(msg)
    if Layer.ENCRYPTION in layers:
        share_keys(installed)
    app.extensions["bastide"] = installed
    if Layer.UPLOADS in layers:
        app.config["MAX_CONTENT_LENGTH"] = app.config.get("MAX_CONTENT_LENGTH") or MAX_BODY_SIZE_BYTES
    if Layer.QUERIES in layers:
        app.url_map.converters["int"] = BoundedIntegerConverter
        tripwires.watch_statements(installed)
    app.wsgi_app = Gate(installed, app.wsgi_app)  # type: ignore[method-assign]  # Flask's own advice
    app.before_request(partial(pipeline.guard, installed))
    errors.install(installed)
    templating.install(installed)
    if Layer.FORGERY in layers:
        form_tokens.install(app)
    if Layer.OUTPUT in layers:
        tripwires.watch_answers(installed)
    if Layer.ACCOUNTS in layers:
        _hang_accounts_in(installed)
    elif layers & KEEPING_LAYERS:
        app.cli.add_command(cli.make_layer_group(installed))
        if Layer.REPORTS in layers:
            accounts.add_report_route(app, installed.services.settings)


def _hang_accounts_in(installed: Installed) -> None:
    app = installed.app
    app.session_interface = ServerSessionInterface()
    if find_spec("flask_login"):
        from bastide.flask import logins  # noqa: PLC0415 -- only where Flask-Login is there

        app.session_interface = ServerSessionInterface(logins.LoginSession)
        logins.install(app)
    logs.hide_paths(app)
    app.register_blueprint(accounts.make_blueprint(installed.services.settings))
    app.cli.add_command(cli.make_group(installed))


def find_engines(app: Flask, database: Any) -> tuple[Engine, frozenset[Engine]]:
    """Return the application's engine, and all that it binds."""
    if isinstance(database, Engine):
        return database, frozenset({database})
    with app.app_context():
        engine: Engine = database.engine
        return engine, frozenset({engine, *getattr(database, "engines", {}).values()})


def sink_to(units: Units, sender: object) -> Callable[[EventSink], ExchangeSink]:
    """Return what makes a sink of the log: events wait for the end of the request, and the signal tells them.

    Args:
        units: of the stores.
        sender: of the signal.
    """
    return partial(
        ExchangeSink, units=units, current=find_exchange,
        announce=lambda event: event_recorded.send(sender, event=event),
    )  # fmt: skip


def read_secret_keys(app: Flask) -> list[Secret]:
    """Return the application's secret, and those that it replaced.

    Raises:
        ConfigurationError: there is none.
    """
    if not app.secret_key:
        msg = "SECRET_KEY is not set: `python -c 'import secrets; print(secrets.token_hex())'` makes one"
        raise ConfigurationError(msg)
    keys = [app.secret_key, *(app.config.get("SECRET_KEY_FALLBACKS") or ())]
    return [Secret(key if isinstance(key, str) else key.hex()) for key in keys]
