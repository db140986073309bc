"""One request and its answer, as far as security goes: read lazily, written at the end.

An adapter makes an :class:`Exchange` from plain values when a request arrives, hands it to the views,
and copies its headers and cookies to whatever answer comes out.
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from bastide.core.access import Rule
from bastide.core.api_tokens import Admitted, bearer_of, find_token
from bastide.core.attempts import Exhausted, Rate, Share, rate_headers, rate_of
from bastide.core.foundation import (
    STRANGER,
    UNKNOWN_ADDRESS,
    AccessDenied,
    Client,
    DenialReason,
    Denied,
    Principal,
    Secret,
    StoreUnavailable,
    TokenRefused,
    TooManyRequests,
    encode_token,
    network_of,
)
from bastide.core.http import (
    CLEAR_SITE_DATA,
    DEVICE_LIFETIME,
    DROPPED,
    NO_STORE,
    VARY_AUTHORIZATION,
    VARY_COOKIE,
    Cookie,
    Header,
    cors_headers,
    find_cookie,
    format_cookie,
    hidden_images,
    issue_nonce,
)
from bastide.core.records import Account
from bastide.core.request.assembly import Services
from bastide.core.request.layers import Layer
from bastide.core.security_log import AnyEventKind, Event, EventKind, Outcome, account_target
from bastide.core.sessions import UNKNOWN_SESSION, ActiveSession, DropOldest, keep_all, write_state
from bastide.core.sign_in import LoggedIn

REQUEST_ID_SIZE_BYTES: Final = 9
logger: Final = logging.getLogger("bastide")


class Exchange:
    """The session, the principal and everything to be added to the answer.

    A stranger's exchange reads no store and sends no cookie unless a form asks for a token. One with an
    API token reads and sends no cookie at all: it speaks for the token's owner where the route takes
    tokens, and for a stranger everywhere else.

    Args:
        services: the application's controls.
        scheme: ``http`` or ``https``, after the declared proxies.
        host: host with port, after the declared proxies, untrusted.
        address: the client's address, after the declared proxies.
        user_agent: header as sent, untrusted.
        cookies: the ``Cookie`` header as sent, untrusted.
        authorization: the ``Authorization`` header as sent, untrusted.
        origin: the ``Origin`` header as sent, untrusted, or None.
        query: the query string as sent, untrusted.
        mount: path that the application is mounted below, decoded; empty for none.

    Attributes:
        bearer: the API token as presented, untrusted, or None for a request without one.
        exposed_token: an API token in the query string, where it must never be, or None.
        route: name of the route, for the log; known once the request is routed.
        rule: what the route demands, or None before that.
        events: what happened, to be kept when the request is over.
        is_private: the answer belongs to one person and is never stored by caches.
        csp_overrides: directives that this answer states otherwise.
        rate_headers: what the answer of an API says of the rate that was drawn from last.
        new_cookies: what the answer sends, by name.
    """

    __slots__ = (
        "_active", "_admitted", "_clears_site_data", "_client", "_cookies_sent", "_is_loaded", "_names",
        "_nonce", "_request_id", "_visitor", "address", "bearer", "csp_overrides", "events", "exposed_token",
        "host", "is_private", "mount", "new_cookies", "origin", "rate_headers", "route", "rule", "scheme",
        "services", "user_agent",
    )  # fmt: skip

    def __init__(
        self,
        services: Services,
        *,
        scheme: str,
        host: str,
        address: str,
        user_agent: str,
        cookies: str,
        authorization: str = "",
        origin: str | None = None,
        query: str = "",
        mount: str = "",
    ) -> None:
        self.services: Services = services
        self.scheme: str = scheme
        self.host: str = host
        self.address: str = address
        self.user_agent: str = user_agent
        self.mount: str = mount
        self.origin: str | None = origin
        self.route: str = ""
        self.rule: Rule | None = None
        self.events: list[Event] = []
        takes_tokens = bool(authorization or query) and Layer.API_TOKENS in services.layers
        self.bearer: str | None = bearer_of(authorization) if authorization and takes_tokens else None
        self.exposed_token: str | None = find_token(query) if query and takes_tokens else None
        if self.bearer is not None:
            cookies = ""
        self._names = services.settings.cookies
        has_session = services.owns_accounts and self._names.session in cookies
        self.is_private: bool = self.bearer is not None or has_session
        self.csp_overrides: dict[str, tuple[str, ...]] = {}
        self.new_cookies: dict[str, Cookie] = {}
        self.rate_headers: list[Header] = []
        self._cookies_sent = cookies
        self._active: ActiveSession | None = None
        self._admitted: Admitted | None = None
        self._is_loaded = not has_session
        self._clears_site_data = False
        self._client: Client | None = None
        self._nonce: str | None = None
        self._request_id = ""
        self._visitor: str | None = None

    @property
    def own_origin(self) -> str:
        """Origin that the request was sent to."""
        return f"{self.scheme}://{self.host}"

    @property
    def active(self) -> ActiveSession | None:
        """The session, resumed in one read when it is first asked for."""
        if not self._is_loaded:
            self._is_loaded = self.is_private = True
            self._active = self._resume()
        return self._active

    @property
    def principal(self) -> Principal:
        """Who acts."""
        if self._admitted is not None:
            return self._admitted.principal
        if not self.services.owns_accounts:
            return self._found_by(self.services.load_principal)
        active = self.active
        return STRANGER if active is None else active.principal

    def _found_by(self, load: Callable[[], Principal]) -> Principal:
        found = load()
        if found.is_signed_in:
            self.is_private = True
        return found

    @property
    def is_by_token(self) -> bool:
        """Tell whether an API token was shown and found right: no browser adds one by itself."""
        return self._admitted is not None

    @property
    def client(self) -> Client:
        """The caller, for the controls."""
        # What was asked before the request was routed must not leave its events without a route.
        if self._client is None or self._client.route != self.route:
            self._client = Client(
                address=self.address or UNKNOWN_ADDRESS,
                user_agent=self.user_agent,
                device_cookie=self.cookie(self._names.device),
                request_id=self.request_id,
                route=self.route,
            )
        return self._client

    @property
    def request_id(self) -> str:
        """A random id that ties the error page to the log."""
        if not self._request_id:
            self._request_id = encode_token(self.services.entropy.token_bytes(REQUEST_ID_SIZE_BYTES))
        return self._request_id

    @property
    def nonce(self) -> str:
        """The answer's script nonce, drawn when a page first asks for it."""
        if self._nonce is None:
            self._nonce = issue_nonce(self.services.entropy)
            self.is_private = True
        return self._nonce

    @property
    def has_cookies(self) -> bool:
        """Tell whether the browser sent any cookie."""
        return bool(self._cookies_sent)

    def cookie(self, name: str) -> str | None:
        """Return a cookie as sent, untrusted."""
        return find_cookie(self._cookies_sent, name)

    def record(
        self, kind: AnyEventKind, outcome: Outcome = Outcome.SUCCESS, *, target: str = "", **detail: str
    ) -> None:
        """Append an event of the caller's to the security log.

        Raises:
            ConfigurationError: the application did not declare the kind.
        """
        active = self.active
        if self._admitted is not None:
            detail["token"] = self._admitted.token_id
        self.services.recorder.record(
            kind, outcome, self.client,
            actor=self.principal.account_id, target=target,
            session_digest=b"" if active is None else active.digest, **detail,
        )  # fmt: skip

    def draw_rate(self, rate: Rate) -> None:
        """Count one use of something costly by the caller's account, or network where signed out.

        Raises:
            TooManyRequests: the limit of the period is reached (V2.4.1).
        """
        account_id = self.principal.account_id
        subject = account_target(account_id) if account_id is not None else network_of(self.client.address)
        self._draw([Share(rate, subject)])

    def admit_call(self) -> None:
        """Count one call of the API, and go on as the owner of its token where it carries one.

        Raises:
            TokenRefused: the token opens nothing.
            TooManyRequests: the token, its account or the network called too often, or too many tokens of
                this network opened nothing.
        """
        try:
            if self.bearer is not None:
                self._admitted = self.services.bearer.match(self.bearer, self.client)
        except TokenRefused:
            self._draw_call()
            raise
        self._draw_call()

    def _draw_call(self) -> None:
        token_id = "" if self._admitted is None else self._admitted.token_id
        rates = self.services.settings.api_rates
        self._draw(rates.shares_of(token_id, self.principal.account_id, self.client.address))

    def _draw(self, shares: Sequence[Share]) -> None:
        drawn = self.services.attempts.draw_shares(shares)
        self.rate_headers = rate_headers(shares, drawn, now=self.services.clock.now())
        if isinstance(drawn, Exhausted):
            rate = rate_of(shares, drawn.lane)
            self.record(EventKind.RATE_REFUSED, Outcome.REFUSED, rate=rate.name)
            raise TooManyRequests(drawn.retry_after)

    def note_reveal(self, value: str) -> None:
        """Record that the caller is shown a sealed value of their own in full, and tell them.

        Raises:
            AccessDenied: nobody is signed in, or the session ended meanwhile.
        """
        session, account = self._require_account()
        self.services.reveals.note_reveal(session, account, self.client, value=value)

    def note_change(self, value: str) -> AbstractContextManager[None]:
        """Open the unit in which a sealed value of the caller's own is changed; see ``Reveals``.

        Raises:
            AccessDenied: nobody is signed in, or the session ended meanwhile.
        """
        session, account = self._require_account()
        return self.services.reveals.note_change(session, account, self.client, value=value)

    def share(self) -> None:
        """Let caches keep the answer, unless the session is read after all."""
        self.is_private = self.bearer is not None

    def forget_session(self) -> None:
        """Go on as a stranger: the store that knows better is away."""
        self._is_loaded, self._active = True, None

    def adopt(self, session: ActiveSession) -> None:
        """Go on with a new session; its id travels with this answer."""
        self._is_loaded, self._active = True, session
        self.send_cookie(self._names.session, Cookie(session.session_id, None))

    def sign_in(self, evidence: LoggedIn) -> None:
        """Go on as the person who signed in."""
        self.end_former_sign_in()
        self.adopt(evidence.session)
        self.vouch_for(evidence.device_cookie)
        self.send_cookie(self._names.visitor, DROPPED)

    def end_former_sign_in(self) -> bool:
        """Have the browser forget how it was signed in before Bastide; tell whether it was.

        Ask where it is told, since it is true once: the cookie that says so is believed in nothing else.
        """
        found = [
            former for former in self.services.former_cookies
            if former.is_sign_in(self.cookie(former.name) or "")
        ]  # fmt: skip
        for former in found:
            self.send_cookie(former.name, Cookie(Secret(""), 0, former.path, former.domain))
        return bool(found)

    def vouch_for(self, device_cookie: Secret) -> None:
        """Have the browser keep the proof that its person signed in here before."""
        lifetime = int(DEVICE_LIFETIME.total_seconds())
        self.send_cookie(self._names.device, Cookie(device_cookie, lifetime))

    def sign_out(self) -> None:
        """Go on as a stranger and have the browser forget what it kept."""
        self.forget_session()
        self._clears_site_data = True
        self.send_cookie(self._names.session, DROPPED)

    def read_state(self) -> dict[str, Any]:
        """Return the values that the session keeps; a stranger without one has none."""
        active = self.active
        return {} if active is None else json.loads(active.state)

    def save_state(self, values: Mapping[str, Any], *, drop_oldest: DropOldest = keep_all) -> None:
        """Keep the values; a stranger gets a session for them. See ``Sessions.save_state``."""
        if self.bearer is not None:
            # A program has no next page to be told anything on.
            return
        sessions = self.services.sessions
        if self.active is not None:
            saved = sessions.save_state(self.active, values, drop_oldest=drop_oldest)
            self._active = saved or self._active
        elif values:
            limit = sessions.settings.max_state_bytes
            state = write_state(values, max_size_bytes=limit, drop_oldest=drop_oldest)
            self.adopt(sessions.start(STRANGER, self.client, state=state))

    def send_cookie(self, name: str, cookie: Cookie) -> None:
        """Send a cookie with this answer, which nobody but this browser may keep."""
        if self.bearer is not None:
            return
        self.new_cookies[name] = cookie
        self.is_private = True

    def cookie_headers(self) -> list[Header]:
        """Return the ``Set-Cookie`` headers of the answer."""
        path = self._names.path
        cookies = self.new_cookies.items()
        return [("Set-Cookie", format_cookie(name, cookie, path=path)) for name, cookie in cookies]

    def csrf_binding(self) -> bytes | None:
        """Return what tokens are bound to, or None for a stranger without a visitor cookie."""
        active = self.active
        if active is not None and active.principal.is_signed_in:
            return b"session:" + active.digest
        if not self.services.owns_accounts:
            account_id = self.principal.account_id
            mark = self.services.mark_sign_in(account_id)
            if account_id is not None:
                return f"account:{account_id}:{mark}".encode()
        visitor = self.services.csrf.match_visitor(self._visitor or self.cookie(self._names.visitor))
        return None if visitor is None else b"visitor:" + visitor

    def csrf_token(self) -> str:
        """Return a token for a form on this page; a stranger gets a visitor cookie with it."""
        self.is_private = True
        csrf = self.services.csrf
        binding = self.csrf_binding()
        if binding is None:
            visitor = csrf.issue_visitor()
            self.send_cookie(self._names.visitor, Cookie(visitor, None))
            self._visitor = visitor.reveal()
            binding = b"visitor:" + (csrf.match_visitor(self._visitor) or b"")
        return csrf.issue_token(binding)

    def extra_headers(self, present: Collection[str]) -> list[Header]:
        """Return what the answer carries besides its own headers; cookies come apart.

        Args:
            present: names of the answer's headers, lower case. Where ``is_private`` holds, its own
                ``Cache-Control`` gives way.
        """
        headers = self.services.headers
        is_secure = self.scheme == "https"
        extra: list[Header] = []
        if headers is not None:
            extra += headers.constant(present, is_secure=is_secure)
            extra += headers.csp(self._nonce, self.csp_overrides, is_secure=is_secure, mount=self.mount)
        if self.is_private:
            extra.append(NO_STORE)
        if self.is_private or "cache-control" not in present:
            # A page for strangers is not the page of whoever comes with a cookie.
            extra.append(VARY_COOKIE)
        if self._clears_site_data:
            extra.append(CLEAR_SITE_DATA)
        if self.rule is not None and self.rule.is_api:
            extra += self.rate_headers
            if self.rule.takes_tokens:
                # What a stranger was told is not what a program with a token is told.
                extra.append(VARY_AUTHORIZATION)
                extra += cors_headers(self.services.settings.cors, self.origin)
        return extra

    def hidden_images(self, html: str, *, img_src: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return the addresses of pictures in clean HTML that this site's pages do not show.

        Args:
            html: what is going to be shown.
            img_src: what the page that shows it puts into ``csp_overrides["img-src"]``, if it does.
        """
        headers = self.services.headers
        if headers is None:
            return ()
        overrides = {} if img_src is None else {"img-src": img_src}
        return hidden_images(html, headers.image_sources(overrides), page=self.own_origin)

    def keep_events(self) -> None:
        """Store what happened, after the request's own transaction: a store that locks would wait for it."""
        events, self.events = self.events, []
        try:
            for event in events:
                self.services.log.append_event(event)
        except StoreUnavailable:
            logger.exception("events of request %s are in this log only", self.request_id)

    def _require_account(self) -> tuple[ActiveSession, Account]:
        active, account_id = self.active, self.principal.account_id
        account = None if account_id is None else self.services.stores.accounts.get_account(account_id)
        if active is None or account is None:
            raise AccessDenied(Denied(DenialReason.SIGN_IN_REQUIRED))
        return active, account

    def _resume(self) -> ActiveSession | None:
        resumed = self.services.sessions.resume(self.cookie(self._names.session) or "", self.user_agent)
        session = resumed.session
        # An unknown id may have been replaced by an answer that is still under way: dropping the cookie
        # could take the new one with it.
        if session is None and resumed.reason != UNKNOWN_SESSION:
            self.send_cookie(self._names.session, DROPPED)
        if resumed.reason:
            self.services.recorder.record(
                EventKind.SESSION_REFUSED if session is None else EventKind.SESSION_AGENT_CHANGED,
                Outcome.REFUSED if session is None else Outcome.NOTED,
                self.client,
                reason=resumed.reason,
            )
        if session is None or not session.must_rotate:
            return session
        # Before anything on the page is bound to the old id.
        rotated = self.services.sessions.rotate(session, self.client, confirmed=False)
        if rotated is None:
            return session
        self.send_cookie(self._names.session, Cookie(rotated.session_id, None))
        return rotated
