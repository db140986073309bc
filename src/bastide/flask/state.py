"""What Bastide knows about the request at hand; read lazily, written at the end."""

from typing import TYPE_CHECKING, Any, Final, cast

from flask import request
from werkzeug.http import dump_cookie, parse_cookie

from bastide.core.access import Rule
from bastide.core.client import UNKNOWN_ADDRESS, Client
from bastide.core.csp import issue_nonce
from bastide.core.events import Event, EventKind, Outcome
from bastide.core.headers import CLEAR_SITE_DATA, NO_STORE, VARY_COOKIE, Header
from bastide.core.login import LoggedIn
from bastide.core.principal import STRANGER, Principal
from bastide.core.secret import Secret, encode_token
from bastide.core.sessions import ActiveSession

if TYPE_CHECKING:
    from bastide.flask.extension import Bastide

STATE_KEY: Final = "bastide.state"
SESSION_COOKIE: Final = "__Host-session"
DEVICE_COOKIE: Final = "__Host-device"
VISITOR_COOKIE: Final = "__Host-visitor"
DEVICE_LIFETIME_SECONDS: Final = 365 * 24 * 3600
REQUEST_ID_SIZE_BYTES: Final = 9


def current_state() -> "RequestState":
    """Return the state of the request at hand."""
    return cast("RequestState", request.environ[STATE_KEY])


class RequestState:
    """The session, the principal and everything to be added to the answer."""

    __slots__ = (
        "_active", "_client", "_cookies", "_cookies_sent", "_is_loaded", "_nonce", "_request_id",
        "bastide", "clears_site_data", "csp_overrides", "environ", "events", "is_private", "rule",
    )  # fmt: skip

    def __init__(self, bastide: "Bastide", environ: dict[str, Any]) -> None:
        self.bastide = bastide
        self.environ = environ
        self.rule: Rule | None = None
        self.events: list[Event] = []
        self.is_private = SESSION_COOKIE in environ.get("HTTP_COOKIE", "")
        self.clears_site_data = False
        self.csp_overrides: dict[str, tuple[str, ...]] = {}
        self._active: ActiveSession | None = None
        self._is_loaded = not self.is_private
        self._client: Client | None = None
        self._nonce: str | None = None
        self._request_id = ""
        self._cookies_sent: dict[str, str] | None = None
        self._cookies: dict[str, str] = {}

    @property
    def active(self) -> ActiveSession | None:
        """The session, resumed in one read when it is first asked for."""
        if not self._is_loaded:
            self._is_loaded = True
            self._active = self._resume()
        return self._active

    @property
    def principal(self) -> Principal:
        """Who acts."""
        active = self.active
        return STRANGER if active is None else active.principal

    @property
    def client(self) -> Client:
        """The caller, for the controls."""
        if self._client is None:
            self._client = Client(
                address=self.environ.get("REMOTE_ADDR") or UNKNOWN_ADDRESS,
                user_agent=self.environ.get("HTTP_USER_AGENT", ""),
                device_cookie=self.cookie(DEVICE_COOKIE),
                request_id=self.request_id,
                route=request.endpoint or "",
            )
        return self._client

    @property
    def request_id(self) -> str:
        """A random id that ties the error page to the log."""
        if not self._request_id:
            self._request_id = encode_token(self.bastide.services.entropy.token_bytes(REQUEST_ID_SIZE_BYTES))
        return self._request_id

    @property
    def nonce(self) -> str:
        """The response's script nonce, drawn when a page first asks for it."""
        if self._nonce is None:
            self._nonce = issue_nonce(self.bastide.services.entropy)
            self.is_private = True
        return self._nonce

    def cookie(self, name: str) -> str | None:
        """Return a cookie as sent, untrusted."""
        if self._cookies_sent is None:
            self._cookies_sent = dict(parse_cookie(self.environ.get("HTTP_COOKIE", "")))
        return self._cookies_sent.get(name)

    def _resume(self) -> ActiveSession | None:
        presented = self.cookie(SESSION_COOKIE) or ""
        resumed = self.bastide.services.sessions.resume(presented, self.client)
        if resumed.session is None:
            self._drop_cookie(SESSION_COOKIE)
        if resumed.reason:
            suspect = resumed.session is not None
            self.bastide.services.recorder.record(
                EventKind.SESSION_AGENT_CHANGED if suspect else EventKind.SESSION_REFUSED,
                Outcome.NOTED if suspect else Outcome.REFUSED,
                self.client,
                reason=resumed.reason,
            )
        if resumed.session is not None and resumed.session.must_rotate:
            return self._rotate(resumed.session)
        return resumed.session

    def _rotate(self, session: ActiveSession) -> ActiveSession:
        """Replace the id before anything on the page is bound to it."""
        rotated = self.bastide.services.sessions.rotate(session, self.client, confirmed=False)
        if rotated is None:
            return session
        self.send_session_id(rotated.session_id)
        return rotated

    def forget_session(self) -> None:
        """Go on as a stranger: the store that knows better is away."""
        self._is_loaded, self._active = True, None

    def adopt(self, session: ActiveSession) -> None:
        """Go on with a new session; its id travels with this answer."""
        self._is_loaded, self._active = True, session
        self.send_session_id(session.session_id)

    def sign_in(self, evidence: LoggedIn) -> None:
        """Go on as the person who signed in."""
        self.adopt(evidence.session)
        self._set_cookie(DEVICE_COOKIE, evidence.device_cookie, max_age=DEVICE_LIFETIME_SECONDS)
        self._drop_cookie(VISITOR_COOKIE)

    def sign_out(self) -> None:
        """Go on as a stranger and have the browser forget what it kept."""
        self.forget_session()
        self.clears_site_data = True
        self._drop_cookie(SESSION_COOKIE)
        # Clear-Site-Data takes every cookie; the device cookie is given back.
        device = self.cookie(DEVICE_COOKIE)
        if device is not None:
            self._set_cookie(DEVICE_COOKIE, Secret(device), max_age=DEVICE_LIFETIME_SECONDS)

    def send_session_id(self, session_id: Secret) -> None:
        """Send the session's id with this answer."""
        self._set_cookie(SESSION_COOKIE, session_id, max_age=None)
        self.is_private = True

    def csrf_binding(self) -> bytes | None:
        """Return what tokens are bound to, or None for a stranger without a visitor cookie."""
        active = self.active
        if active is not None and active.principal.is_signed_in:
            return b"session:" + active.digest
        visitor = self.bastide.services.csrf.match_visitor(self.cookie(VISITOR_COOKIE))
        return None if visitor is None else b"visitor:" + visitor

    def csrf_token(self) -> str:
        """Return a token for a form on this page; a stranger gets a visitor cookie with it."""
        self.is_private = True
        csrf = self.bastide.services.csrf
        binding = self.csrf_binding()
        if binding is None:
            visitor = csrf.issue_visitor()
            self._set_cookie(VISITOR_COOKIE, visitor, max_age=None)
            if self._cookies_sent is not None:
                self._cookies_sent[VISITOR_COOKIE] = visitor.reveal()
            binding = b"visitor:" + (csrf.match_visitor(visitor.reveal()) or b"")
        return csrf.issue_token(binding)

    def finish(self, headers: list[Header]) -> None:
        """Add to the answer what every answer carries and what this request decided."""
        present = {name.lower() for name, _ in headers}
        is_secure = self.environ["wsgi.url_scheme"] == "https"
        headers += [
            header for header in self.bastide.constant_headers[is_secure] if header[0].lower() not in present
        ]
        headers += self.bastide.csp_headers(self._nonce, self.csp_overrides)
        if self.is_private:
            headers[:] = [header for header in headers if header[0].lower() != "cache-control"]
            headers += (NO_STORE, VARY_COOKIE)
        if self.clears_site_data:
            headers.append(CLEAR_SITE_DATA)
        headers += [("Set-Cookie", cookie) for cookie in self._cookies.values()]

    def _set_cookie(self, name: str, value: Secret, *, max_age: int | None) -> None:
        self._cookies[name] = dump_cookie(
            name, value.reveal(), max_age=max_age, path="/", secure=True, httponly=True, samesite="Lax"
        )
        self.is_private = True

    def _drop_cookie(self, name: str) -> None:
        self._cookies[name] = dump_cookie(
            name, "", max_age=0, path="/", secure=True, httponly=True, samesite="Lax"
        )
