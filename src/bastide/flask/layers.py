"""Layers taken alone, beside the accounts that an application has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from gettext import NullTranslations
from typing import Any

from flask import Flask
from sqlalchemy import Engine, MetaData

from bastide.core.access import Rule
from bastide.core.api_tokens import LoadOwner
from bastide.core.foundation import (
    STRANGER,
    Clock,
    ConfigurationError,
    Entropy,
    Principal,
    Secret,
    SystemClock,
    SystemEntropy,
)
from bastide.core.request import (
    KEEPING_LAYERS,
    SIGNING_LAYERS,
    Absent,
    Guard,
    Layer,
    Services,
    Settings,
    assemble,
    read_layers,
)
from bastide.core.security_log import AppEventKind, Vocabulary
from bastide.core.uploads import Scanner, UploadStorage
from bastide.flask.hooks import find_engines, hang_in, read_secret_keys, sink_to
from bastide.flask.installed import Installed, nobody
from bastide.flask.outside import login_owner, login_principal, watch_sign_ins
from bastide.flask.sign_in_marks import SignInMarks
from bastide.key_file import read_ring
from bastide.pages import CatalogueMails, Messages
from bastide.stores.sql import Database, layer_stores, open_database


class Layers:
    """Puts single layers around a Flask application whose accounts stay its own (J4).

    ``Layers("headers").init_app(app)`` is all of it for headers and content security policy.

    Args:
        names: of the layers, see ``Layer``.
        engine: the application's engine, or something with ``engine`` such as Flask-SQLAlchemy's ``db``; for
            layers that look at statements or keep a table.
        metadata: where those tables join; left out where ``engine`` or ``users`` brings it.
        session: the application's scoped session, for policies; left out where ``engine`` brings one.
        users: the application's mapped user class, which uploads and API tokens refer to.
        principal: tells who acts, ``STRANGER`` for nobody; left out where Flask-Login tells it.
        owner: tells who has the API token of an account's id, as of now, ``STRANGER`` where nobody or nobody
            active has that id; left out likewise.
        roles: role name to permissions, for Flask-Login's users.
        sign_ins: endpoints of somebody else's sign-in views, with the field that carries the name:
            ``{"security.login": "email"}``, or every one that does: ``{"login": ("username", "email")}``; the
            layer ``attempts`` counts what is posted there.
        upload_storage: keeps files that people send.
        scanner: looks for malware in them, or None.
        event_kinds: what the application itself records.
        prefix_rules: rule for the endpoints of somebody else's blueprints, by endpoint prefix.
        clock: the time; tests hand in their own.
        entropy: randomness; tests hand in their own.

    Settings are read from ``app.config["BASTIDE"]`` as for ``Bastide``.

    Raises:
        ConfigurationError: an unknown layer, or one that stands on Bastide's accounts.
    """

    def __init__(
        self,
        *names: str,
        engine: Any = None,
        metadata: MetaData | None = None,
        session: Any = None,
        users: type[Any] | None = None,
        principal: Callable[[], Principal] | None = None,
        owner: LoadOwner | None = None,
        roles: Mapping[str, Iterable[str]] | None = None,
        sign_ins: Mapping[str, str | Sequence[str]] | None = None,
        upload_storage: UploadStorage | None = None,
        scanner: Scanner | None = None,
        event_kinds: Iterable[AppEventKind] = (),
        prefix_rules: Mapping[str, Rule] | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
    ) -> None:
        self.layers: frozenset[Layer] = read_layers(names)
        self.users: type[Any] | None = users
        self.roles: dict[str, frozenset[str]] = {
            name: frozenset(granted) for name, granted in (roles or {}).items()
        }
        self._database = engine
        self._metadata = metadata
        self._session = session
        self._principal, self._owner = principal, owner
        self._sign_ins = dict(sign_ins or {})
        self._upload_storage, self._scanner = upload_storage, scanner
        self._vocabulary = Vocabulary(event_kinds)
        self._prefix_rules = dict(prefix_rules or {})
        self._clock = clock or SystemClock()
        self._entropy = entropy or SystemEntropy()

    def init_app(self, app: Flask) -> None:
        """Turn the layers on.

        Raises:
            ConfigurationError: something that a layer needs is missing, or unsafe; by name.
        """
        self._require_parts()
        given = dict(app.config.get("BASTIDE", {}))
        if Layer.REPORTS not in self.layers:
            # Browsers report to nobody, unless the application names a page of its own.
            given["csp"] = {"report_path": "", **given.get("csp", {})}
        settings = Settings.from_mapping(given)
        if Layer.TRANSPORT in self.layers:
            settings.transport.require_hosts()
        absent: Any = Absent(Layer.ACCOUNTS)
        engine, engines = absent, frozenset[Engine]()
        if self._database is not None:
            engine, engines = find_engines(app, self._database)
        database = None
        if self.layers & KEEPING_LAYERS:
            database = open_database(engine, settings.stores, is_test=app.testing)
        services = self._assemble(app, settings, database)
        hang_in(
            Installed(
                app=app, users=self.users or absent, metadata=self._find_metadata() or absent,
                roles=self.roles, services=services, guard=Guard(services), engine=engine, engines=engines,
                find_session=self._session_finder(), database=database or absent,
                upload_storage=self._upload_storage, prefix_rules=self._prefix_rules,
                translations=NullTranslations(), sign_ins=self._sign_ins,
            )
        )  # fmt: skip
        if self._sign_ins:
            watch_sign_ins(app.extensions["bastide"], self._sign_ins)

    def _require_parts(self) -> None:
        needed = {
            "engine": self._database is None and self.layers & {Layer.QUERIES, *KEEPING_LAYERS},
            "metadata": self._find_metadata() is None and self.layers & {Layer.ENCRYPTION, *KEEPING_LAYERS},
            "users": self.users is None and self.layers & {Layer.UPLOADS, Layer.API_TOKENS},
            "upload_storage": self._upload_storage is None and self.layers & {Layer.UPLOADS},
        }
        missing = [f"{part}= ({', '.join(sorted(why))})" for part, why in needed.items() if why]
        if self._sign_ins and Layer.ATTEMPTS not in self.layers:
            missing.append("the layer attempts (sign_ins=)")
        if missing:
            msg = f"Layers(…) lacks {', '.join(missing)}"
            raise ConfigurationError(msg)

    def _find_metadata(self) -> MetaData | None:
        if self._metadata is not None:
            return self._metadata
        found = getattr(self.users, "metadata", None)
        return found if found is not None else getattr(self._database, "metadata", None)

    def _find_principal(self, app: Flask) -> Callable[[], Principal]:
        if self._principal is not None:
            return self._principal
        asks = self._sign_ins or self.layers & {Layer.RULES, Layer.UPLOADS, Layer.API_TOKENS}
        return login_principal(app, self.roles) if asks or hasattr(app, "login_manager") else nobody

    def _find_owner(self, app: Flask) -> LoadOwner:
        if self._owner is not None:
            return self._owner
        return login_owner(app, self.roles) if Layer.API_TOKENS in self.layers else lambda _id: STRANGER

    def _session_finder(self) -> Callable[[], Any] | None:
        if self._session is not None:
            return lambda: self._session
        return (lambda: self._database.session) if hasattr(self._database, "session") else None

    def _assemble(self, app: Flask, settings: Settings, database: Database | None) -> Services:
        user = None if self.users is None else self.users.__table__
        stores = layer_stores(
            database, self._find_metadata(), user, layers=self.layers, load_owner=self._find_owner(app)
        )
        keys = read_secret_keys(app) if self.layers & SIGNING_LAYERS else [_unused_key(self._entropy)]
        absent: Any = Absent(Layer.ACCOUNTS)
        marks = SignInMarks(self._entropy)
        if Layer.FORGERY in self.layers:
            marks.follow(app)
        return assemble(
            settings=settings,
            stores=stores,
            secret_key=keys[0],
            former_keys=keys[1:],
            mailer=absent,
            mail_texts=CatalogueMails(Messages(NullTranslations())),
            sink=sink_to(stores.units, self),
            clock=self._clock,
            entropy=self._entropy,
            upload_storage=self._upload_storage if Layer.UPLOADS in self.layers else None,
            scanner=self._scanner,
            vocabulary=self._vocabulary,
            key_ring=read_ring(app.config.get("BASTIDE_KEYS") or "", clock=self._clock),
            layers=self.layers,
            load_principal=self._find_principal(app),
            mark_sign_in=marks.find,
        )


def _unused_key(entropy: Entropy) -> Secret:
    """Return a key for what no layer that is on asks for."""
    return Secret(entropy.token_bytes(32).hex())
