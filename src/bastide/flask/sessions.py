"""Flask's ``session`` over Bastide's server-side sessions."""

from collections.abc import Iterator
from typing import Any, Final

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

from bastide.core.request import Exchange
from bastide.core.sessions import ActiveSession
from bastide.flask.installed import installed_in
from bastide.flask.state import EXCHANGE_KEY, open_exchange

BY_HAND_KEY: Final = "bastide.by_hand"
MESSAGES_KEY: Final = "_flashes"  # where Flask's `flash` keeps them


class ServerSession(SessionMixin):
    """A mapping of JSON values; the store is asked when it is first read or written.

    Args:
        exchange: the request's.
        is_by_hand: the request context was made by hand, as Flask's test client does in
            ``session_transaction``: no gate sends the cookies.
    """

    def __init__(self, exchange: Exchange, *, is_by_hand: bool = False) -> None:
        self.exchange = exchange
        self.is_by_hand = is_by_hand
        self.modified: bool = False
        self._values: dict[str, Any] | None = None
        self._read_from: ActiveSession | None = None

    @property
    def values_now(self) -> dict[str, Any]:
        """The values of the session that is active now."""
        active = self.exchange.active
        if self._values is None or self._read_from is not active:
            self._values = self.exchange.read_state()
            self._read_from = active
        return self._values

    def __getitem__(self, key: str) -> Any:
        return self.values_now[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.values_now[key] = value
        self.modified = True

    def __delitem__(self, key: str) -> None:
        del self.values_now[key]
        self.modified = True

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_now)

    def __len__(self) -> int:
        return len(self.values_now)


class ServerSessionInterface(SessionInterface):
    """Opens sessions without touching the store and saves them when they changed.

    Args:
        with_logins: what a session is in an application with Flask-Login.
    """

    def __init__(self, with_logins: type[ServerSession] = ServerSession) -> None:
        self._with_logins = with_logins

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Return the session of this request; nothing is read yet.

        A request context made by hand, as tests and shells do, never came through the gate and gets
        its exchange here.
        """
        environ = request.environ
        if EXCHANGE_KEY not in environ:
            environ[BY_HAND_KEY] = True
        exchange = open_exchange(installed_in(app).services, environ)
        kind = self._with_logins if hasattr(app, "login_manager") else ServerSession
        return kind(exchange, is_by_hand=BY_HAND_KEY in environ)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002 -- Flask's signature
        """Store the values if they changed."""
        if isinstance(session, ServerSession) and session.modified:
            session.exchange.save_state(session.values_now, drop_oldest=_drop_oldest_message)
            session.modified = False
            if session.is_by_hand:
                response.headers.extend(session.exchange.cookie_headers())


def _drop_oldest_message(values: dict[str, Any]) -> bool:
    waiting = values.get(MESSAGES_KEY)
    if not waiting:
        return False
    values[MESSAGES_KEY] = waiting[1:]
    return True
