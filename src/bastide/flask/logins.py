"""Flask-Login over Bastide's accounts: its user is whom the session names; its calls start and end that."""

from typing import Any, Final, assert_never

import flask_login
from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask_login.signals import user_logged_in

from bastide.core.foundation import AccessDenied, ConfigurationError, DenialReason, Denied
from bastide.core.sign_in import FactorNeeded, LoggedIn, Refused
from bastide.flask.installed import Installed, installed_in
from bastide.flask.sessions import ServerSession
from bastide.flask.state import current_exchange

USER_ID: Final = "_user_id"
_FRESH: Final = "_fresh"
_REMEMBER: Final = "_remember"
_THEIRS: Final = frozenset({USER_ID, _FRESH, _REMEMBER, "_id", "_remember_seconds"})


class LoginSession(ServerSession):
    """Flask's session as Flask-Login reads it: who is signed in is told, and never kept beside it.

    What it writes about itself goes nowhere, so that no planted value and no remember cookie is a way in;
    taking its user id out, or everything, signs out.
    """

    def __getitem__(self, key: str) -> Any:
        return self._tell(key) if key in _THEIRS else super().__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in _THEIRS:
            super().__setitem__(key, value)
        elif key == USER_ID and self.is_by_hand and current_app.testing:
            _sign_in_for_test(self, value)

    def __delitem__(self, key: str) -> None:
        if key == USER_ID:
            self._sign_out()
        elif key not in _THEIRS:
            super().__delitem__(key)

    def pop(self, key: str, *default: Any) -> Any:
        """Take a value out.

        Flask-Login would drop its remember cookie at this; see `Exchange.end_former_sign_in`, which says so.
        """
        return super().pop(key, *default) if key != _REMEMBER else None

    def clear(self) -> None:
        """Forget everything, and who is signed in."""
        super().clear()
        self._sign_out()

    def _tell(self, key: str) -> Any:
        principal = self.exchange.principal
        if key == _REMEMBER and self.exchange.cookie(_remember_cookie()) is not None:
            return "clear"
        if key in {USER_ID, _FRESH} and principal.account_id is not None and not principal.is_suspect:
            return principal.is_fresh if key == _FRESH else _id_of(principal.account_id)
        raise KeyError(key)

    def _sign_out(self) -> None:
        active = self.exchange.active
        if active is not None and active.principal.is_signed_in:
            self.exchange.services.login.sign_out(active, self.exchange.client)
            self.exchange.sign_out()


def install(app: Flask) -> None:
    """Have ``login_user`` start a session of Bastide's."""
    user_logged_in.connect(_sign_in, sender=app, weak=False)


def _sign_in(app: Flask, user: Any) -> None:
    """Go on as the account whose user the application hands to ``login_user``, having checked who it is.

    Threat: session fixation, a second factor that one way in leaves out, disabled accounts (V7.2.4, V6.3.3).
    """
    users = installed_in(app).users
    if not isinstance(user, users):
        msg = f"login_user got a {type(user).__name__}, and accounts are of the class {users.__name__}"
        raise ConfigurationError(msg)
    exchange = current_exchange()
    # What was put into the session before goes along as it does at Bastide's own page.
    app.session_interface.save_session(app, session, app.response_class())
    outcome = exchange.services.login.open_session(user.id, exchange.client, previous=exchange.active)
    match outcome:
        case LoggedIn():
            exchange.sign_in(outcome)
        case FactorNeeded(session=pending):
            g.pop("_login_user", None)
            exchange.adopt(pending)
            abort(redirect(url_for("accounts.second_factor", next=request.args.get("next")), 303))
        case Refused():
            g.pop("_login_user", None)
            raise AccessDenied(Denied(DenialReason.FORBIDDEN))
        case _:  # pragma: no cover -- mypy proves that no outcome is missing
            assert_never(outcome)


def _sign_in_for_test(values: LoginSession, user_id: Any) -> None:
    """Start the session that a test client of Flask-Login asks for by writing its user's id."""
    user = current_app.login_manager.user_callback(user_id)  # type: ignore[attr-defined]  # Flask-Login's
    outcome = values.exchange.services.login.open_session(user.id, values.exchange.client, previous=None)
    if isinstance(outcome, LoggedIn):
        values.exchange.sign_in(outcome)
        values.modified = True


def _remember_cookie() -> str:
    return str(current_app.config.get("REMEMBER_COOKIE_NAME", flask_login.COOKIE_NAME))


def _id_of(account_id: Any) -> str:
    """Return what Flask-Login's loader of users takes for the account."""
    installed: Installed = installed_in(current_app)
    get_id = getattr(installed.users, "get_id", flask_login.UserMixin.get_id)
    if get_id is flask_login.UserMixin.get_id:
        return str(account_id)
    user = installed.session.get(installed.users, account_id)
    return str(get_id(user))
