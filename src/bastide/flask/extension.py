"""The Flask extension: every layer on with one call."""

from collections.abc import Callable, Iterable, Mapping
from gettext import NullTranslations
from typing import Any
from weakref import WeakSet

from flask import Flask, current_app, has_app_context
from sqlalchemy import Engine

from bastide.core.access import Rule
from bastide.core.foundation import Clock, ConfigurationError, Entropy, Secret, SystemClock, SystemEntropy
from bastide.core.http import FormerCookie, FormerKind
from bastide.core.mail import Mailer
from bastide.core.request import Guard, Services, Settings, assemble
from bastide.core.security_log import AppEventKind, Vocabulary
from bastide.core.sign_in import BreachChecker
from bastide.core.uploads import Scanner, UploadStorage
from bastide.flask.hooks import find_engines, hang_in, read_secret_keys, sink_to
from bastide.flask.installed import Installed, installed_in
from bastide.key_file import read_ring
from bastide.pages import CatalogueMails, Messages, Translations
from bastide.stores.sql import drop_read_only, open_database, sql_stores


class Bastide:
    """Puts Bastide's layers around a Flask application.

    Args:
        users: the mapped user class with ``AccountMixin``.
        engine: the application's engine, or something with ``engine`` and ``session`` such as
            Flask-SQLAlchemy's ``db``.
        session: the application's scoped session; left out where ``engine`` brings one.
        mailer: takes outgoing mail.
        translations: translates pages and mails: the module ``flask_babel``, or whatever else has its
            ``gettext`` and ``ngettext``; None for English.
        roles: role name to permissions, made where missing by ``create_roles``.
        breaches: asks a breach service, or None.
        upload_storage: keeps files that people send, such as ``FolderStorage``; without it none are taken.
        scanner: looks for malware in them, such as ``ClamdScanner``, or None.
        event_kinds: what the application itself records: an ``AppEventKind``, or members of several.
        prefix_rules: rule for the endpoints of somebody else's blueprints, by endpoint prefix
            (``{"admin.": Rule(permission="admin_access")}``).
        clock: the time; tests hand in their own.
        entropy: randomness; tests hand in their own.

    Settings are read from ``app.config["BASTIDE"]``: control name to values, see ``Settings``; the key
    ring from ``app.config["BASTIDE_KEYS"]``, its lines or the path of its file, see ``read_ring``; the key
    of password hashes that Flask-Security made from ``app.config["SECURITY_PASSWORD_SALT"]``.

    Raises:
        ConfigurationError: an event kind is not sound; see ``Vocabulary``.
    """

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
        event_kinds: Iterable[AppEventKind] = (),
        translations: Translations | None = None,
        prefix_rules: Mapping[str, Rule] | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
    ) -> None:
        self.users = users
        self.mailer = mailer
        self._translations = translations or NullTranslations()
        self.roles: dict[str, frozenset[str]] = {
            name: frozenset(permissions) for name, permissions in roles.items()
        }
        self._database = engine
        self._session = session
        self._breaches = breaches
        self._upload_storage, self._scanner = upload_storage, scanner
        self._vocabulary = Vocabulary(event_kinds)
        self._prefix_rules = dict(prefix_rules or {})
        self._clock = clock or SystemClock()
        self._entropy = entropy or SystemEntropy()
        self._served: WeakSet[Installed] = WeakSet()
        self._applications = 0
        self._only: Installed | None = None

    def init_app(self, app: Flask) -> None:
        """Turn every layer on.

        Raises:
            ConfigurationError: no or too short a secret key, a bad key ring, unknown or unsafe settings.
        """
        settings = Settings.from_mapping(app.config.get("BASTIDE", {}))
        settings.registration.require_role(self.roles)
        settings.transport.require_hosts()
        installed = self._assemble(app, settings)
        hang_in(installed)
        self._applications += 1
        self._only = installed if self._applications == 1 else None
        self._served.add(installed)

    @property
    def services(self) -> Services:
        """The controls of the application at hand."""
        return self._at_hand().services

    @property
    def engine(self) -> Engine:
        """The engine of the application at hand."""
        return self._at_hand().engine

    @property
    def session(self) -> Any:
        """The session of the application at hand."""
        return self._at_hand().session

    def seal(self, app: Flask) -> None:
        """Read the rule of every route; call it when all routes are there (A2).

        The first request calls it where nobody did.

        Raises:
            ConfigurationError: routes without a rule, all named; uploads with no place, or in a served one;
                policies without a session.
        """
        installed_in(app).seal()

    def create_roles(self) -> None:
        """Make the declared roles where they are missing; existing roles stay as they are."""
        self._at_hand().create_roles()

    def _at_hand(self) -> Installed:
        current = current_app.extensions.get("bastide") if has_app_context() else None
        if isinstance(current, Installed) and current in self._served:
            return current
        if self._only is None:
            msg = (
                "this Bastide serves several applications: ask it within `with app.app_context():` of one"
                if self._applications
                else "this Bastide serves no application yet: call `init_app(app)` first"
            )
            raise ConfigurationError(msg)
        return self._only

    def _assemble(self, app: Flask, settings: Settings) -> Installed:
        secret_keys = read_secret_keys(app)
        engine, engines = find_engines(app, self._database)
        for bound in engines:
            drop_read_only(bound)
        database = open_database(engine, settings.stores, is_test=app.testing)
        stores = sql_stores(database, self.users)
        services = assemble(
            settings=settings,
            stores=stores,
            secret_key=secret_keys[0],
            former_keys=secret_keys[1:],
            mailer=self.mailer,
            mail_texts=CatalogueMails(Messages(self._translations)),
            sink=sink_to(stores.units, self),
            clock=self._clock,
            entropy=self._entropy,
            breaches=self._breaches,
            upload_storage=self._upload_storage,
            scanner=self._scanner,
            vocabulary=self._vocabulary,
            key_ring=read_ring(app.config.get("BASTIDE_KEYS") or "", clock=self._clock),
            keyed_salt=_salt_of_flask_security(app),
            former_cookies=_former_cookies(app, settings.cookies.former),
        )
        return Installed(
            app=app, users=self.users, metadata=self.users.metadata, roles=self.roles, services=services,
            guard=Guard(services), engine=engine, engines=engines, find_session=self._session_finder(),
            database=database,
            upload_storage=self._upload_storage, prefix_rules=self._prefix_rules,
            translations=self._translations,
        )  # fmt: skip

    def _session_finder(self) -> Callable[[], Any] | None:
        if not isinstance(self._database, Engine):
            return lambda: self._database.session
        return None if self._session is None else lambda: self._session


def _salt_of_flask_security(app: Flask) -> Secret | None:
    """Return what Flask-Security keyed passwords with before it hashed them, where it did."""
    salt = app.config.get("SECURITY_PASSWORD_SALT")
    if not salt or app.config.get("SECURITY_PASSWORD_SINGLE_HASH") is True:
        return None
    return Secret(salt.decode() if isinstance(salt, bytes) else str(salt))


def _former_cookies(app: Flask, name: str) -> list[FormerCookie]:
    """Return what Flask's own sessions, and Flask-Login, told who is signed in by."""
    sessions, config = app.session_interface, app.config
    return [
        FormerCookie(
            kind=FormerKind.FLASK, name=name or sessions.get_cookie_name(app),
            path=sessions.get_cookie_path(app), domain=sessions.get_cookie_domain(app) or "",
        ),
        FormerCookie(
            kind=FormerKind.REMEMBERED, name=config.get("REMEMBER_COOKIE_NAME", "remember_token"),
            path=config.get("REMEMBER_COOKIE_PATH", "/"), domain=config.get("REMEMBER_COOKIE_DOMAIN") or "",
        ),
    ]  # fmt: skip
