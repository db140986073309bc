"""The Flask extension: every layer on with one call."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from flask import Flask
from sqlalchemy import Engine
from werkzeug.routing import IntegerConverter, Map

from bastide.core.access import PUBLIC, Rule, rule_of
from bastide.core.foundation import Clock, ConfigurationError, Entropy, Secret, SystemClock, SystemEntropy
from bastide.core.http import Header, Peer, format_cookie, resolve_peer
from bastide.core.inputs import MAX_IDENTIFIER
from bastide.core.mail import Mailer
from bastide.core.request import Exchange, ExchangeSink, Guard, Services, Settings, assemble
from bastide.core.sign_in import BreachChecker
from bastide.core.uploads import Scanner, UploadStorage
from bastide.flask import accounts, cli, errors, logs, pipeline, templating, tripwires
from bastide.flask.bodies import ChunkedBody
from bastide.flask.events import event_recorded
from bastide.flask.sessions import ServerSessionInterface
from bastide.flask.state import find_exchange, open_exchange
from bastide.key_file import read_ring
from bastide.pages import PageUrls
from bastide.stores.folder import FolderStorage, require_unserved
from bastide.stores.sql import Database, sql_stores, use_keys

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


class Bastide:
    """Puts Bastide's layers around a Flask application.

    Args:
        users: the mapped user class with ``AccountMixin``.
        engine: the application's engine, or something with ``engine`` and ``session`` such as
            Flask-SQLAlchemy's ``db``.
        session: the application's scoped session; left out where ``engine`` brings one.
        mailer: takes outgoing mail.
        roles: role name to permissions, made where missing by ``create_roles``.
        breaches: asks a breach service, or None.
        upload_storage: keeps files that people send, such as ``FolderStorage``; without it none are taken.
        scanner: looks for malware in them, such as ``ClamdScanner``, or None.
        prefix_rules: rule for the endpoints of somebody else's blueprints, by endpoint prefix
            (``{"admin.": Rule(permission="admin_access")}``).
        clock: the time; tests hand in their own.
        entropy: randomness; tests hand in their own.

    Settings are read from ``app.config["BASTIDE"]``: control name to values, see ``Settings``; the key
    ring from ``app.config["BASTIDE_KEYS"]``, its lines or the path of its file, see ``read_ring``.
    """

    services: Services
    engine: Engine
    session: Any
    database: Database
    guard: Guard

    def __init__(
        self,
        *,
        users: type[Any],
        engine: Any,
        mailer: Mailer,
        roles: Mapping[str, Iterable[str]],
        session: Any = None,
        breaches: BreachChecker | None = None,
        upload_storage: UploadStorage | None = None,
        scanner: Scanner | None = None,
        prefix_rules: Mapping[str, Rule] | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
    ) -> None:
        self.users = users
        self.mailer = mailer
        self.roles: dict[str, frozenset[str]] = {
            name: frozenset(permissions) for name, permissions in roles.items()
        }
        self._database = engine
        self._session = session
        self._breaches = breaches
        self._upload_storage, self._scanner = upload_storage, scanner
        self._prefix_rules = dict(prefix_rules or {})
        self._clock = clock or SystemClock()
        self._entropy = entropy or SystemEntropy()
        self.rules: dict[str, Rule] = {}
        self.app_views: dict[str, Callable[..., Any]] = {}
        self.page_urls: dict[str, PageUrls] = {}
        self._is_sealed = False

    def init_app(self, app: Flask) -> None:
        """Turn every layer on.

        Raises:
            ConfigurationError: no or too short a secret key, a bad key ring, unknown or unsafe settings.
        """
        if not app.secret_key:
            msg = "SECRET_KEY is not set: `python -c 'import secrets; print(secrets.token_hex())'` makes one"
            raise ConfigurationError(msg)
        settings = Settings.from_mapping(app.config.get("BASTIDE", {}))
        settings.registration.require_role(self.roles)
        settings.transport.require_hosts()
        with app.app_context():
            is_engine = isinstance(self._database, Engine)
            self.engine = self._database if is_engine else self._database.engine
            self.session = self._session if is_engine else self._database.session
            engines = {self.engine, *getattr(self._database, "engines", {}).values()}
        self.database = Database(self.engine)
        stores = sql_stores(self.database, self.users)
        key = app.secret_key if isinstance(app.secret_key, str) else app.secret_key.hex()
        self.services = assemble(
            settings=settings,
            stores=stores,
            secret_key=Secret(key),
            mailer=self.mailer,
            sink=partial(
                ExchangeSink,
                units=stores.units,
                current=find_exchange,
                announce=lambda event: event_recorded.send(self, event=event),
            ),
            clock=self._clock,
            entropy=self._entropy,
            breaches=self._breaches,
            upload_storage=self._upload_storage,
            scanner=self._scanner,
            key_ring=read_ring(app.config.get("BASTIDE_KEYS") or ""),
        )
        use_keys(self.users.metadata, self.services.column_keys)
        self.guard = Guard(self.services)
        app.extensions["bastide"] = self
        app.config["MAX_CONTENT_LENGTH"] = app.config.get("MAX_CONTENT_LENGTH") or MAX_BODY_SIZE_BYTES
        app.url_map.converters["int"] = BoundedIntegerConverter
        app.session_interface = ServerSessionInterface()
        app.wsgi_app = Gate(self, app, app.wsgi_app)  # type: ignore[method-assign]  # Flask's own advice
        app.before_request(partial(pipeline.guard, self))
        errors.install(app)
        logs.hide_paths(app)
        templating.install(app, self)
        tripwires.install(app, self, engines)
        app.register_blueprint(accounts.make_blueprint(self))
        app.cli.add_command(cli.make_group(self))

    def seal(self, app: Flask) -> None:
        """Read the rule of every route; call it when all routes are there (A2).

        The first request calls it where nobody did.

        Raises:
            ConfigurationError: routes without a rule, all named; uploads with no place, or in a served one;
                policies without a session.
        """
        missing = []
        for rule in app.url_map.iter_rules():
            view = app.view_functions[rule.endpoint]
            found = rule_of(view) or self._rule_by_prefix(app, rule.endpoint)
            if found is None:
                missing.append(f"{rule.rule} ({rule.endpoint})")
            else:
                self.rules[rule.endpoint] = found
        if missing:
            msg = "routes without a rule (use @public to open one): " + ", ".join(sorted(missing))
            raise ConfigurationError(msg)
        if isinstance(self._upload_storage, FolderStorage):
            require_unserved(self._upload_storage.folder, _static_folders(app))
        self._require_session()
        self.services.require_place_for_files([name for name, rule in self.rules.items() if rule.takes_files])
        self.app_views = app.view_functions
        self._is_sealed = True

    def ensure_sealed(self, app: Flask) -> None:
        """Seal the application unless it is."""
        if not self._is_sealed:
            self.seal(app)

    def create_roles(self) -> None:
        """Make the declared roles where they are missing; existing roles stay as they are."""
        self.services.stores.accounts.define_roles(self.roles)

    def _require_session(self) -> None:
        names = sorted(name for name, rule in self.rules.items() if rule.policy is not None)
        if names and self.session is None:
            msg = f"Bastide(session=…) is missing, which loads what policies decide about: {', '.join(names)}"
            raise ConfigurationError(msg)

    def _rule_by_prefix(self, app: Flask, endpoint: str) -> Rule | None:
        if _is_static(app, endpoint):
            return PUBLIC
        return next(
            (rule for prefix, rule in self._prefix_rules.items() if endpoint.startswith(prefix)), None
        )


def _static_folders(app: Flask) -> list[Path]:
    folders = [app.static_folder, *(blueprint.static_folder for blueprint in app.blueprints.values())]
    return [Path(folder) for folder in folders if folder is not None]


def _is_static(app: Flask, endpoint: str) -> bool:
    """Tell whether the endpoint is Flask's own way to send files, not a view that has its name."""
    if endpoint == "static":
        return app.has_static_folder
    blueprint: Any = app.blueprints.get(endpoint.removesuffix(".static"))
    return bool(
        blueprint is not None
        and blueprint.has_static_folder
        and app.view_functions[endpoint] == blueprint.send_static_file
    )


class Gate:
    """Around Flask's WSGI application: what must hold for every answer, whatever went wrong inside."""

    def __init__(self, bastide: Bastide, app: Flask, inner: Callable[..., Any]) -> None:
        self._bastide = bastide
        self._app = app
        self._inner = inner
        self._proxies = bastide.services.settings.transport.proxies

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Answer one request (PEP 3333)."""
        self._bastide.ensure_sealed(self._app)
        if self._proxies:
            self._believe_proxies(environ)
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = ChunkedBody(environ["wsgi.input"])
        exchange = open_exchange(self._bastide, environ)

        def start(status: str, headers: list[Header], exc_info: Any = None) -> Any:
            _finish(exchange, headers)
            return start_response(status, headers, exc_info)

        try:
            return self._inner(environ, start)
        finally:
            if exchange.events:
                exchange.keep_events()

    def _believe_proxies(self, environ: dict[str, Any]) -> None:
        peer = resolve_peer(
            Peer(environ.get("REMOTE_ADDR", ""), environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")),
            forwarded_for=environ.get("HTTP_X_FORWARDED_FOR"),
            forwarded_proto=environ.get("HTTP_X_FORWARDED_PROTO"),
            forwarded_host=environ.get("HTTP_X_FORWARDED_HOST"),
            proxies=self._proxies,
        )
        environ["REMOTE_ADDR"] = peer.address
        environ["wsgi.url_scheme"] = peer.scheme
        environ["HTTP_HOST"] = peer.host


def _finish(exchange: Exchange, headers: list[Header]) -> None:
    present = {name.lower() for name, _ in headers}
    if exchange.is_private and "cache-control" in present:
        headers[:] = [header for header in headers if header[0].lower() != "cache-control"]
    headers += exchange.extra_headers(present)
    headers += [("Set-Cookie", format_cookie(name, cookie)) for name, cookie in exchange.new_cookies.items()]
