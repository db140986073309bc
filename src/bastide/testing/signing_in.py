"""A client that somebody is signed in at, in one line."""

from collections.abc import Callable, Collection
from hashlib import sha256
from importlib import import_module
from typing import Any, Final, Literal, TypeAlias

import pytest

from bastide.core.foundation import (
    AccountId,
    ConfigurationError,
    Secret,
    agent_family,
    decode_token,
    digest,
    encode_token,
    network_of,
)
from bastide.core.http import SAFE_METHODS
from bastide.core.records import NewSession
from bastide.core.request import Services
from bastide.core.sessions import ID_SIZE_BYTES

LOOPBACK: Final = "127.0.0.1"
Factor: TypeAlias = Literal["shown", "pending"]


def sign_in(
    app: Any,
    user: Any,
    *,
    permissions: Collection[str] = (),
    is_fresh: bool = True,
    factor: Factor | None = None,
) -> Any:
    """Return a test client at which the account is signed in; no password is asked for.

    Args:
        app: a Flask application, or a test client of Django's, which is then the one returned. A Flask client
            asks over HTTPS and sends the form token with whatever it posts.
        user: the account's row, or its id.
        permissions: what the account may do besides what its roles grant.
        is_fresh: whether a factor was shown just now; otherwise sensitive views ask to confirm.
        factor: ``"shown"`` gives the account a second factor that was shown; ``"pending"`` one that is still
            to be, so that the session reaches nothing.

    Raises:
        ConfigurationError: the application has no Bastide with accounts.
    """
    account_id: AccountId = getattr(user, "pk", None) or getattr(user, "id", user)
    is_flask = hasattr(app, "test_client")
    services = _services_of_flask(app) if is_flask else _services_of_django()
    client = _flask_client(app, services) if is_flask else app
    sent = client.environ_base if is_flask else client.defaults
    if permissions:
        _grant(services, account_id, frozenset(permissions))
    agent = str(sent.get("HTTP_USER_AGENT", ""))
    session_id = _start(services, account_id, agent, is_fresh=is_fresh, factor=factor)
    name = services.settings.cookies.session
    if is_flask:
        client.set_cookie(name, session_id.reveal(), domain=client.host, secure=True)
    else:
        client.cookies[name] = session_id.reveal()
    return client


@pytest.fixture
def signed_in(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return ``sign_in`` for the application at hand: Flask's in the fixture ``app``, or else Django's."""
    try:
        app = request.getfixturevalue("app")
    except pytest.FixtureLookupError:
        app = import_module("django.test").Client()
    return lambda user, **states: sign_in(app, user, **states)


def _services_of_flask(app: Any) -> Services:
    installed = app.extensions.get("bastide")
    if installed is None:
        msg = "this application has no Bastide: call init_app first"
        raise ConfigurationError(msg)
    found: Services = installed.services
    return found


def _services_of_django() -> Services:
    found: Services = import_module("bastide.django.wiring").bastide().services
    return found


def _grant(services: Services, account_id: AccountId, permissions: frozenset[str]) -> None:
    name = f"in-test-{sha256(','.join(sorted(permissions)).encode()).hexdigest()[:8]}"
    services.stores.accounts.define_roles({name: permissions})
    services.stores.accounts.grant_role(account_id, name)


def _start(
    services: Services, account_id: AccountId, agent: str, *, is_fresh: bool, factor: Factor | None
) -> Secret:
    """Store the session as a sign-in would have left it, and return its id."""
    raw, now = services.entropy.token_bytes(ID_SIZE_BYTES), services.clock.now()
    key = digest(raw)
    if factor is not None:
        services.second_factors.begin(account_id)
        waiting = services.stores.factors.find_totp(account_id)
        if waiting is not None:
            services.stores.factors.confirm_totp(
                account_id, sealed=waiting.sealed, step=0, codes=(), keep=key
            )
    shown_at = now if is_fresh else now - services.settings.sessions.freshness
    services.stores.sessions.create_session(
        NewSession(
            digest=key, account_id=account_id, state="{}", is_pending=factor == "pending",
            confirmed_at=None if factor == "pending" else shown_at,
            agent_family=agent_family(agent), network=network_of(LOOPBACK),
        ),
        now=now,
    )  # fmt: skip
    return Secret(encode_token(raw))


def _flask_client(app: Any, services: Services) -> Any:
    """Return a client of the application's own kind that asks as its pages would."""
    kind = app.test_client_class or import_module("flask.testing").FlaskClient
    headers_of = import_module("werkzeug.datastructures").Headers
    hosts = sorted(host for host in services.settings.transport.allowed_hosts if not host.startswith("."))
    name = services.settings.cookies.session

    class SignedIn(kind):  # type: ignore[misc, valid-type]  # the application's own
        host = hosts[0] if hosts else "localhost"

        def open(self, *args: Any, **options: Any) -> Any:
            origin = f"https://{self.host}"
            is_page = options.setdefault("base_url", origin) == origin
            if is_page and options.get("method", "GET") not in SAFE_METHODS:
                headers = options["headers"] = headers_of(options.get("headers"))
                headers.setdefault("Origin", origin)
                headers.setdefault("X-CSRF-Token", self._token())
            return super().open(*args, **options)

        def _token(self) -> str:
            cookie = self.get_cookie(name, domain=self.host)
            raw = decode_token("" if cookie is None else cookie.value, size_bytes=ID_SIZE_BYTES)
            return "" if raw is None else services.csrf.issue_token(b"session:" + digest(raw))

    return SignedIn(app, app.response_class, use_cookies=True)
