"""Flask's ``session`` over Bastide's server-side sessions."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

from bastide.core.errors import BastideError
from bastide.core.principal import STRANGER
from bastide.core.sessions import ActiveSession
from bastide.flask.state import STATE_KEY, RequestState


class ServerSession(SessionMixin):
    """A mapping of JSON values; the store is asked when it is first read or written."""

    def __init__(self, state: RequestState) -> None:
        self.state = state
        self.modified = False
        self._values: dict[str, Any] | None = None
        self._read_from: ActiveSession | None = None

    @property
    def values_now(self) -> dict[str, Any]:
        """The values of the session that is active now."""
        active = self.state.active
        if self._values is None or self._read_from is not active:
            self._values = {} if active is None else json.loads(active.state)
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
    """Opens sessions without touching the store and saves them when they changed."""

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Return the session of this request; nothing is read yet."""
        if STATE_KEY not in request.environ:
            # A request context made by hand, as tests and shells do, never came through the gate.
            request.environ[STATE_KEY] = RequestState(app.extensions["bastide"], request.environ)
        return ServerSession(request.environ[STATE_KEY])

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Store the values if they changed."""
        if not isinstance(session, ServerSession):
            return
        if session.modified:
            self._save_values(session)
            session.modified = False

    def _save_values(self, session: ServerSession) -> None:
        state = session.state
        services = state.bastide.services
        text = json.dumps(session.values_now, separators=(",", ":"))
        if len(text.encode()) > services.settings.sessions.max_state_bytes:
            msg = "the session holds more than its limit"
            raise BastideError(msg)
        if state.active is not None:
            services.sessions.save_state(state.active.digest, text)
        elif session.values_now:
            state.adopt(services.sessions.start(STRANGER, state.client, state=text))
