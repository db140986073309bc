"""What happens to every request, in order: transport, rule, forgery check, and each statement it leads to."""

import logging
from collections.abc import Callable, Iterable
from typing import Final

from bastide.core.access import Rule
from bastide.core.foundation import (
    AccessDenied,
    DenialReason,
    Denied,
    StatementRefused,
    StoreUnavailable,
    VerificationFailed,
)
from bastide.core.http import (
    SAFE_METHODS,
    Header,
    Peer,
    Proceed,
    RedirectToHttps,
    TransportOutcome,
    TransportRefused,
    check_transport,
    preflight_headers,
    verify_origin,
)
from bastide.core.request.assembly import Services
from bastide.core.request.exchange import Exchange
from bastide.core.security_log import EventKind, Outcome
from bastide.core.tripwires import OnQuery, QueryTripwire, TripwireTripped, Value, find_reflected

MAX_KNOWN_HOSTS: Final = 64
_PROCEED: Final = Proceed()
TRANSPORT_LOGGER: Final = logging.getLogger("bastide.transport")
TRIPWIRE_LOGGER: Final = logging.getLogger("bastide.tripwires")


def record_refusal(
    exchange: Exchange,
    kind: EventKind,
    outcome: Outcome = Outcome.REFUSED,
    *,
    target: str = "",
    **detail: str,
) -> None:
    """Record the event; where the session cannot be read, it is a stranger's."""
    try:
        exchange.record(kind, outcome, target=target, **detail)
    except StoreUnavailable:
        exchange.forget_session()
        exchange.record(kind, outcome, target=target, **detail)


def refuse_object(exchange: Exchange, denied: Denied, *, target: str) -> None:
    """Refuse an object that was loaded; return where the caller may not know that it is there.

    The adapter answers that as it answers a key of which there is no object, by the framework's own means:
    handlers of the application and of other libraries tell both apart otherwise (V8.2.2).

    Raises:
        AccessDenied: the caller may know of it, and not do this to it.
    """
    if denied.reason is not DenialReason.HIDDEN:
        raise AccessDenied(denied, target=target)
    record_refusal(exchange, EventKind.ACCESS_DENIED, target=target, reason=denied.reason)


class Guard:
    """Asks the controls, in one order for every adapter."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._on_query = services.settings.tripwires.on_query
        self._queries = QueryTripwire()
        self.is_constant: Callable[[str], bool] = self._queries.is_constant
        self._known_hosts: set[tuple[str, str]] = set()

    def check_transport(
        self,
        exchange: Exchange,
        *,
        method: str,
        path: str,
        path_and_query: Callable[[], str],
        rule: Callable[[], Rule | None],
    ) -> TransportOutcome:
        """Decide on host and scheme; a host that passed once is remembered, within bounds.

        A token that travelled in the address or in clear is revoked. Programs are refused where people are
        redirected: they would follow, and their tokens travel in clear for ever (V4.1.2). Below the API's
        prefix that holds also where no route is.

        Args:
            exchange: the request.
            method: HTTP method.
            path: below the application's own root.
            path_and_query: gives them percent-encoded; asked for a redirect only.
            rule: gives the route's rule, or None where there is no such route; asked where the host or the
                scheme is not fine.
        """
        if exchange.exposed_token is not None:
            self._services.bearer.expose(exchange.exposed_token, exchange.client, where="query")
            return TransportRefused("token_in_query")
        key = (exchange.scheme, exchange.host)
        if key in self._known_hosts:
            return _PROCEED
        outcome = check_transport(
            Peer(exchange.address, exchange.scheme, exchange.host),
            path_and_query=path_and_query(),
            may_redirect=method in {"GET", "HEAD"} and exchange.bearer is None,
            settings=self._services.settings.transport,
        )
        if isinstance(outcome, Proceed):
            self._remember(key, exchange)
            return outcome
        exchange.rule = rule()
        if exchange.rule is not None and exchange.rule.is_probe:
            return _PROCEED
        is_api = path.startswith(self._services.settings.transport.api_prefix)
        if isinstance(outcome, RedirectToHttps):
            if not is_api and (exchange.rule is None or not exchange.rule.is_api):
                return outcome
            outcome = TransportRefused("plain_http")
        kind = EventKind.HOST_REFUSED if outcome.reason == "host" else EventKind.TRANSPORT_REFUSED
        self._services.recorder.record(kind, Outcome.REFUSED, exchange.client, reason=outcome.reason)
        if exchange.bearer is not None and outcome.reason == "plain_http":
            self._services.bearer.expose(exchange.bearer, exchange.client, where="plain_http")
        return outcome

    def _remember(self, host: tuple[str, str], exchange: Exchange) -> None:
        if len(self._known_hosts) == MAX_KNOWN_HOSTS:
            return
        self._known_hosts.add(host)
        if not exchange.address:
            TRANSPORT_LOGGER.warning(
                "requests for %s come without an address, as from a Unix socket: declare transport.proxies,"
                " or no attempt is counted by network",
                exchange.host,
            )

    def answer_preflight(
        self, exchange: Exchange, rule: Rule | None, *, method: str, headers: str | None
    ) -> list[Header] | None:
        """Return what answers a browser that asks for a page of another origin; None where it is refused.

        Args:
            exchange: the request.
            rule: of the route that would answer the method, or None where there is none.
            method: the method that is asked about, as sent.
            headers: the headers that are asked about, as sent, or None.
        """
        if rule is None or not rule.takes_tokens:
            return None
        exchange.rule = rule
        return preflight_headers(
            self._services.settings.cors, exchange.origin, method=method, headers=headers
        )

    @staticmethod
    def check_rule(exchange: Exchange, rule: Rule) -> None:
        """Raise ``AccessDenied`` unless the route's rule lets the caller in.

        Raises:
            TokenRefused: the route takes API tokens, and the one that came opens nothing.
            TooManyRequests: the caller calls too often; see ``Exchange.admit_call``.
        """
        exchange.rule = rule
        if rule.is_static:
            exchange.share()
        if rule.takes_tokens:
            exchange.admit_call()
        if rule.is_for_everybody:
            return
        decision = rule.decide(exchange.principal)
        if isinstance(decision, Denied):
            raise AccessDenied(decision)

    def check_forgery(
        self,
        exchange: Exchange,
        *,
        method: str,
        referer: str | None,
        fetch_site: str | None,
        token: Callable[[], str] | None,
    ) -> None:
        """Raise ``VerificationFailed`` unless an unsafe request comes from a page of this site.

        A request that was let in by an API token passes: no other site can make a browser send one.

        Args:
            exchange: the request.
            method: HTTP method; safe ones pass.
            referer: the ``Referer`` header as sent, or None.
            fetch_site: the ``Sec-Fetch-Site`` header as sent, or None.
            token: gives the token that came with the request; asked after the origin was checked. None where
                the tests of an application do without one.
        """
        if method in SAFE_METHODS or exchange.is_by_token:
            return
        verify_origin(
            own_origin=exchange.own_origin,
            origin=exchange.origin,
            referer=referer,
            fetch_site=fetch_site,
        )
        if token is None:
            return
        binding = exchange.csrf_binding()
        if binding is None:
            reason = "csrf_no_binding"
            raise VerificationFailed(reason)
        self._services.csrf.verify_token(token(), binding)

    def check_statement(self, exchange: Exchange, sql: str, values: Iterable[Value]) -> None:
        """Raise unless the text of the statement is the application's own (Q4).

        Args:
            exchange: the request that led to it.
            sql: the statement as the driver would get it, not known to be constant.
            values: what the request carried.

        Raises:
            StatementRefused: it carries a value of the request, and is blocked.
            TripwireTripped: it does, and this is an error of the application.
        """
        found = self._queries.find(sql, values)
        if found is None:
            return
        record_refusal(exchange, EventKind.QUERY_REFUSED, place=found.place)
        refused = StatementRefused(found.place)
        # The stack says where the statement was made; no value is in it, nor in the event.
        TRIPWIRE_LOGGER.error("%s; %s", refused, _named(exchange), stack_info=True)
        if self._on_query is OnQuery.RAISE:
            raise TripwireTripped(str(refused))
        raise refused


def check_reflection(exchange: Exchange, html: str, values: Iterable[Value]) -> None:
    """Raise ``TripwireTripped`` where the page gives markup of the request back as markup (O5)."""
    found = find_reflected(html, values)
    if found is not None:
        message = f"the page gives markup of the request ({found.place}) back unescaped"
        TRIPWIRE_LOGGER.error("%s; %s", message, _named(exchange))
        raise TripwireTripped(message)


def _named(exchange: Exchange) -> str:
    """Return what ties a line of the server's log to the security log and the error page."""
    return f"request {exchange.request_id}, route {exchange.route or '-'}"
