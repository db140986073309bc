"""What happens to every request, in order: transport, rule, forgery check."""

from collections.abc import Callable
from typing import Final

from bastide.core.access import Rule
from bastide.core.assembly import Services
from bastide.core.csrf import SAFE_METHODS, verify_origin
from bastide.core.decisions import AccessDenied, Denied
from bastide.core.errors import VerificationFailed
from bastide.core.exchange import Exchange
from bastide.core.transport import (
    Peer,
    Proceed,
    RedirectToHttps,
    TransportOutcome,
    TransportRefused,
    check_transport,
)
from bastide.core.vocabulary import EventKind, Outcome

MAX_KNOWN_HOSTS: Final = 64
_PROCEED: Final = Proceed()


class Guard:
    """Asks the controls, in one order for every adapter."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known_hosts: set[tuple[str, str]] = set()

    def check_transport(
        self,
        exchange: Exchange,
        *,
        method: str,
        path_and_query: Callable[[], str],
        rule: Callable[[], Rule | None],
    ) -> TransportOutcome:
        """Decide on host and scheme; a host that passed once is remembered, within bounds.

        A token that travelled in the address or in clear is revoked. Programs are refused where people are
        redirected: they would follow, and their tokens travel in clear for ever (V4.1.2).

        Args:
            exchange: the request.
            method: HTTP method.
            path_and_query: gives them percent-encoded; asked for a redirect only.
            rule: gives the route's rule, or None where there is no such route; asked for a redirect only.
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
        if isinstance(outcome, RedirectToHttps):
            exchange.rule = rule()
            if exchange.rule is not None and exchange.rule.is_api:
                outcome = TransportRefused("plain_http")
        if isinstance(outcome, TransportRefused):
            kind = EventKind.HOST_REFUSED if outcome.reason == "host" else EventKind.TRANSPORT_REFUSED
            self._services.recorder.record(kind, Outcome.REFUSED, exchange.client, reason=outcome.reason)
            if exchange.bearer is not None and outcome.reason == "plain_http":
                self._services.bearer.expose(exchange.bearer, exchange.client, where="plain_http")
        elif isinstance(outcome, Proceed) and len(self._known_hosts) < MAX_KNOWN_HOSTS:
            self._known_hosts.add(key)
        return outcome

    @staticmethod
    def check_rule(exchange: Exchange, rule: Rule) -> None:
        """Raise ``AccessDenied`` unless the route's rule lets the caller in.

        Raises:
            TokenRefused: the route takes API tokens, and the one that came opens nothing.
            TooManyRequests: too many of this network opened nothing.
        """
        exchange.rule = rule
        if rule.takes_tokens:
            exchange.admit_bearer()
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
        header: Callable[[str], str | None],
        token: Callable[[], str],
    ) -> None:
        """Raise ``VerificationFailed`` unless an unsafe request comes from a page of this site.

        A request that was let in by an API token passes: no other site can make a browser send one.

        Args:
            exchange: the request.
            method: HTTP method; safe ones pass.
            header: gives a request header as sent, or None.
            token: gives the token that came with the request; asked after the origin was checked.
        """
        if method in SAFE_METHODS or exchange.is_by_token:
            return
        verify_origin(
            own_origin=exchange.own_origin,
            origin=header("Origin"),
            referer=header("Referer"),
            fetch_site=header("Sec-Fetch-Site"),
        )
        binding = exchange.csrf_binding()
        if binding is None:
            reason = "csrf_no_binding"
            raise VerificationFailed(reason)
        self._services.csrf.verify_token(token(), binding)
