"""What belongs to one application; it stands under ``app.extensions["bastide"]``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, MetaData

from bastide.adopting import unadopted_warning, unread_warning
from bastide.core.access import STATIC, Rule, rule_of
from bastide.core.foundation import STRANGER, ConfigurationError, Principal
from bastide.core.request import Guard, Layer, Services
from bastide.core.uploads import UploadStorage
from bastide.flask import form_tokens
from bastide.flask.state import current_exchange
from bastide.flask.told_rules import rule_of_admin, told_rule
from bastide.pages import PageUrls, Translations
from bastide.stores.folder import FolderStorage, require_unserved
from bastide.stores.sql import Database


@dataclass(slots=True, kw_only=True, eq=False, repr=False, weakref_slot=True)
class Installed:
    """One application's own controls, database and rules: no other application sees or changes them.

    Where layers are taken alone, what none of them works with is `Absent`.

    Attributes:
        app: the application.
        users: its mapped user class.
        metadata: of its tables.
        roles: role name to permissions.
        services: the controls, wired.
        guard: asks them about each request.
        engine: the application's own.
        engines: that one and what else it binds; their statements are looked at.
        find_session: returns the application's own session, or None; asked anew each time, since some are
            made for one request.
        database: the stores' own connections, beside the request's.
        upload_storage: keeps files that people send, or None.
        prefix_rules: rule for the endpoints of somebody else's blueprints, by endpoint prefix.
        sign_ins: endpoints whose attempts are counted, with the field or fields that carry the name.
        translations: of pages and mails.
        rules: the rule of every endpoint, once the application is sealed.
        csrf_exempt: endpoints that are out of the forgery check, likewise.
        page_urls: addresses of the ready pages, by mount point.
        is_sealed: whether the rules have been read.
    """

    app: Flask
    users: type[Any]
    metadata: MetaData
    roles: dict[str, frozenset[str]]
    services: Services
    guard: Guard
    engine: Engine
    engines: frozenset[Engine]
    find_session: Callable[[], Any] | None
    database: Database
    upload_storage: UploadStorage | None
    prefix_rules: Mapping[str, Rule]
    translations: Translations
    sign_ins: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    csrf_exempt: frozenset[str] = frozenset()
    page_urls: dict[str, PageUrls] = field(default_factory=dict)
    is_sealed: bool = False

    @property
    def session(self) -> Any:
        """The application's own session at hand, or None."""
        return None if self.find_session is None else self.find_session()

    def seal(self) -> None:
        """Read the rule of every route; see ``Bastide.seal``."""
        views = self.app.view_functions
        # Addresses that are only built, or that no view answers yet, let nobody in.
        routes = [route for route in self.app.url_map.iter_rules() if not route.build_only]
        found = [(route, self._rule_of(route.endpoint)) for route in routes if route.endpoint in views]
        self.rules = {route.endpoint: rule for route, rule in found if rule is not None}
        if Layer.RULES in self.services.layers:
            _require_rules([f"{route.rule} ({route.endpoint})" for route, rule in found if rule is None])
        self._require_principal()
        self._bind_libraries()
        if Layer.FORGERY in self.services.layers:
            self.csrf_exempt = form_tokens.seal(self.app)
        self._require_sign_ins()
        if isinstance(self.upload_storage, FolderStorage):
            require_unserved(self.upload_storage.folder, _static_folders(self.app))
        self._require_session()
        self.services.require_place_for_files([name for name, rule in self.rules.items() if rule.takes_files])
        self._warn_of_users_left_out()
        self.is_sealed = True

    def ensure_sealed(self) -> None:
        """Seal the application unless it is."""
        if not self.is_sealed:
            self.seal()

    def create_roles(self) -> None:
        """Make the declared roles where they are missing; existing roles stay as they are."""
        self.services.stores.accounts.define_roles(self.roles)

    def _warn_of_users_left_out(self) -> None:
        warnings = (
            unadopted_warning(self.services, "flask bastide adopt"),
            unread_warning(self.services, "flask bastide rewrap"),
        )
        for warning in warnings:
            if warning is not None:
                self.app.logger.warning(warning)

    def _bind_libraries(self) -> None:
        """Hand to Flask-Login and Flask-Admin what they have settings for."""
        if self.services.owns_accounts and hasattr(self.app, "login_manager"):
            # What it does for sessions of its own.
            self.app.config["SESSION_PROTECTION"] = None
            self.app.login_manager.login_view = self.app.login_manager.login_view or "accounts.sign_in"
        if Layer.HEADERS in self.services.layers:
            for admin in self.app.extensions.get("admin", ()):
                admin.csp_nonce_generator = admin.csp_nonce_generator or (lambda: current_exchange().nonce)

    def _require_principal(self) -> None:
        names = sorted(name for name, rule in self.rules.items() if not rule.is_for_everybody)
        if names and self.services.load_principal is nobody:
            msg = f"views say whom they let in, and nothing tells who acts: hand in principal=; {names}"
            raise ConfigurationError(msg)

    def _require_sign_ins(self) -> None:
        unknown = sorted(self.sign_ins.keys() - self.app.view_functions)
        if unknown:
            msg = f"sign_ins= names endpoints that are not there: {', '.join(unknown)}"
            raise ConfigurationError(msg)

    def _require_session(self) -> None:
        names = sorted(name for name, rule in self.rules.items() if rule.policy is not None)
        if names and self.find_session is None:
            msg = f"Bastide(session=…) is missing, which loads what policies decide about: {', '.join(names)}"
            raise ConfigurationError(msg)

    def _rule_of(self, endpoint: str) -> Rule | None:
        declared = rule_of(self.app.view_functions[endpoint])
        if declared is not None:
            return declared
        if _is_static(self.app, endpoint):
            return STATIC
        told, told_last = self._told_rules(endpoint)
        prefixes = (rule for prefix, rule in self.prefix_rules.items() if endpoint.startswith(prefix))
        return told or next(prefixes, None) or told_last

    def _told_rules(self, endpoint: str) -> tuple[Rule | None, Rule | None]:
        """Return what Flask-Login's decorators say of the route, and what Flask-Admin's view does.

        Where not every route has to have a rule, they are left to ask by themselves.
        """
        if Layer.RULES not in self.services.layers:
            return None, None
        has_own_sessions = not self.services.owns_accounts
        told = told_rule(self.app, endpoint, has_own_sessions=has_own_sessions)
        return told, rule_of_admin(self.app, endpoint)


def _require_rules(missing: list[str]) -> None:
    if missing:
        msg = (
            "routes without a rule (@login_required asks for somebody signed in, prefix_rules={...} is for"
            " views of others, use @public to open one): " + ", ".join(sorted(missing))
        )
        raise ConfigurationError(msg)


def nobody() -> Principal:
    """Tell that a stranger acts, for layers that ask nothing about people."""
    return STRANGER


def installed_in(app: Flask) -> Installed:
    """Return what ``Bastide.init_app`` left in the application."""
    found: Installed = app.extensions["bastide"]
    return found


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
