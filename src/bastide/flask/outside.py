"""Accounts that are not Bastide's: who acts, and sign-ins that the application checks itself."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from flask import Flask, Response, request

from bastide.core.api_tokens import LoadOwner
from bastide.core.foundation import STRANGER, AccountId, ConfigurationError, InvalidInput, Principal
from bastide.core.http import SAFE_METHODS
from bastide.core.sign_in import Drawn
from bastide.flask.installed import Installed
from bastide.flask.state import current_exchange

ATTEMPT_KEY: Final = "bastide.sign_in"


class SignInAttempt:
    """One attempt at the application's own sign-in; a failure unless it is told otherwise."""

    def __init__(self, *names: str) -> None:
        self._exchange = current_exchange()
        self._sign_ins = self._exchange.services.outside_sign_ins
        self._drawn: Sequence[Drawn] = self._sign_ins.begin(names, self._exchange.client)
        self._is_settled = False

    def succeed(self, account_id: AccountId, *own_names: str) -> None:
        """Note that the account signed in; its browser gets a lane that no stranger can shut.

        Args:
            account_id: who signed in.
            own_names: of several that were drawn for, those that are the account's; no other is given back.
        """
        client = self._exchange.client
        vouching = self._exchange.new_cookies.get(self._exchange.services.settings.cookies.device)
        if vouching is not None:
            # `login_user` had the browser known for the account; it goes on being that.
            client = client._replace(device_cookie=vouching.value.reveal())
        cookie = self._sign_ins.succeed(self._drawn, account_id, client, names=own_names)
        if cookie is not None:
            self._exchange.vouch_for(cookie)
        self._is_settled = True

    def settle(self) -> None:
        """Record a failure unless the attempt succeeded."""
        if not self._is_settled:
            self._sign_ins.fail(self._drawn, self._exchange.client)


@contextmanager
def sign_in_attempt(*names: str) -> Iterator[SignInAttempt]:
    """Draw from the attempt budget before the application looks at a password.

    Args:
        names: the user name or address as typed; where the application looks at several, all of them.

    Raises:
        TooManyRequests: the budget of a name, the device or the network is used up; nothing is to be
            looked at.

    Threat: guessing in parallel, spraying, and strangers who lock an owner out (V6.1.1, V6.3.1).
    """
    attempt = SignInAttempt(*names)
    try:
        yield attempt
    finally:
        attempt.settle()


def watch_sign_ins(installed: Installed, sign_ins: Mapping[str, str | Sequence[str]]) -> None:
    """Count what is posted to somebody else's sign-in views; who is signed in afterwards succeeded.

    Args:
        installed: the application's controls, which tell who acts.
        sign_ins: endpoint to the field that carries the name, or to all that carry one.
    """

    def begin() -> None:
        fields = sign_ins.get(request.endpoint or "")
        if fields is not None and request.method not in SAFE_METHODS:
            sent = [_name_sent(field) for field in ((fields,) if isinstance(fields, str) else fields)]
            attempt = SignInAttempt(*(filter(None, sent) if any(sent) else sent))
            request.environ[ATTEMPT_KEY] = attempt, current_exchange().principal

    def settle(response: Response) -> Response:
        attempt, before = request.environ.pop(ATTEMPT_KEY, (None, STRANGER))
        if attempt is not None:
            now = current_exchange().principal
            # Who was in already may guess, too: at somebody else's account, or at the one they are in.
            is_new = now.account_id != before.account_id or (now.is_fresh and not before.is_fresh)
            if now.account_id is not None and is_new:
                attempt.succeed(now.account_id, now.name)
            attempt.settle()
        return response

    installed.app.before_request(begin)
    installed.app.after_request(settle)


def _name_sent(field: str) -> str:
    """Return the name that the view is asked about, wherever the view looks for it.

    Raises:
        InvalidInput: there are several; the view may look at another one than is counted (V15.3.7).
    """
    sent = {*request.args.getlist(field), *request.form.getlist(field)}
    try:
        # Views may read a document whatever its type is called.
        document = json.loads(request.get_data() or "null")
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, Mapping) and isinstance(document.get(field), str):
        sent.add(document[field])
    if len(sent) > 1:
        raise InvalidInput(field, "repeated_field")
    return "".join(sent)


def login_principal(app: Flask, roles: Mapping[str, frozenset[str]]) -> Callable[[], Principal]:
    """Return what tells who Flask-Login says is signed in.

    The account's id is the user's ``id``, or else what ``get_id`` says; its roles are the names in the user's
    ``roles``, and its permissions what ``roles`` grants to those.

    Raises:
        ConfigurationError: the application has no Flask-Login.
    """
    _login_manager(app)
    from flask_login import current_user, login_fresh  # noqa: PLC0415 -- only where the application has it

    def load() -> Principal:
        user: Any = current_user._get_current_object()  # noqa: SLF001 -- the user behind the proxy
        if user is None or not user.is_authenticated:
            return STRANGER
        return _principal_of(user, roles, is_fresh=login_fresh())

    return load


def login_owner(app: Flask, roles: Mapping[str, frozenset[str]]) -> LoadOwner:
    """Return what tells who Flask-Login's loader says has an id; whoever is not active is a stranger.

    Raises:
        ConfigurationError: the application has no Flask-Login.
    """
    manager = _login_manager(app)

    def load(account_id: AccountId) -> Principal:
        user = manager._user_callback(str(account_id))  # noqa: SLF001 -- what ``user_loader`` was given
        return _principal_of(user, roles) if user is not None and user.is_active else STRANGER

    return load


def _login_manager(app: Flask) -> Any:
    manager = getattr(app, "login_manager", None)
    if manager is None:
        msg = "who acts? Set Flask-Login up before the layers, or hand in principal= and owner="
        raise ConfigurationError(msg)
    return manager


def _principal_of(user: Any, roles: Mapping[str, frozenset[str]], *, is_fresh: bool = False) -> Principal:
    held = frozenset(str(getattr(role, "name", role)) for role in getattr(user, "roles", ()) or ())
    return Principal(
        account_id=getattr(user, "id", None) or user.get_id(),
        name=str(getattr(user, "username", None) or getattr(user, "email", "")),
        roles=held,
        permissions=frozenset[str]().union(*(roles.get(role, ()) for role in held)),
        is_fresh=is_fresh,
    )
