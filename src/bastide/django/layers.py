"""The middleware of layers that are taken alone, beside the accounts that a project has (J4)."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import Resolver404, resolve

from bastide.core.access import Rule
from bastide.core.foundation import BastideError, ConfigurationError
from bastide.core.http import SAFE_METHODS
from bastide.core.request import Exchange, Layer
from bastide.core.tripwires import OnReflection
from bastide.django.around.charsets import check_charset
from bastide.django.around.exchanges import (
    add_headers,
    answer_preflight,
    check_origin,
    check_transport,
    offer_nonce,
    open_exchange,
)
from bastide.django.around.frame import Frame
from bastide.django.around.outside import locked
from bastide.django.around.tripwires import checked_answer
from bastide.django.asgi import is_cut
from bastide.django.errors import refuse, send
from bastide.django.requests.beside import LEFT_TO_VIEW, declared_rule, unmet
from bastide.django.requests.context import exchange_of
from bastide.django.requests.files import limit_files
from bastide.django.requests.guards import MethodRefused, chosen_view
from bastide.django.requests.routes import Pattern, RuleTable, all_patterns, missing_rules
from bastide.django.requests.streams import watch_stream
from bastide.django.requests.tokens import act_by_token
from bastide.django.wiring import bastide
from bastide.pages.answers import answer_status


class LayersMiddleware(Frame):
    """Puts the layers of ``BASTIDE["layers"]`` around the project; stands first, beside Django's own.

    Raises at the start:
        ConfigurationError: routes without a rule, all named, where the layer ``rules`` is on; a rule that
            asks for what no layer that is on knows.
    """

    def __init__(self, get_response: Callable[..., Any]) -> None:
        super().__init__(get_response)
        services = bastide().services
        if services.owns_accounts:
            msg = 'LayersMiddleware needs BASTIDE["layers"]; the whole has `*bastide_middleware()`'
            raise ImproperlyConfigured(msg)
        self._layers = services.layers
        self._rules = RuleTable(read_beside())
        self._origins = CsrfViewMiddleware(get_response)
        tripwires = services.settings.tripwires
        self._reads_answers = Layer.OUTPUT in self._layers and tripwires.on_reflection is not OnReflection.OFF

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Ask the guard about the route's rule, then about the request's origin."""
        exchange = exchange_of(request)
        exchange.route = request.resolver_match.view_name if request.resolver_match else ""
        if request.method == "OPTIONS" and Layer.API_TOKENS in self._layers:
            answer = answer_preflight(request, exchange, view, self._rules)
            if answer is not None:
                return answer
        try:
            rule = self._rule_of(request, view)
            if Layer.UPLOADS in self._layers and rule.takes_files:
                limit_files(request, takes_files=True)
            bastide().guard.check_rule(exchange, rule)
            if exchange.is_by_token:
                act_by_token(request, exchange)
            elif Layer.FORGERY in self._layers and not getattr(view, "csrf_exempt", False):
                self._check_origin(request, exchange)
        except MethodRefused as error:
            return HttpResponseNotAllowed(error.methods)
        except BastideError as error:
            return refuse(request, error)
        return None

    def _decides_slowly(self, request: HttpRequest, view: Callable[..., Any]) -> bool:
        try:
            rule = self._rule_of(request, view)
        except (Http404, MethodRefused):
            return True
        # A refusal's page may ask the database, and so may who acts; calls of an API are counted there.
        is_safe = request.method in SAFE_METHODS or Layer.FORGERY not in self._layers
        return not (rule.is_for_everybody and is_safe) or rule.takes_tokens

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what the layers refused; all else is the project's."""
        if isinstance(exception, RequestDataTooBig) and Layer.UPLOADS in self._layers:
            return send(request, answer_status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
        return refuse(request, exception) if isinstance(exception, BastideError) else None

    def _open(self, request: HttpRequest) -> Exchange:
        exchange = open_exchange(request)
        if Layer.HEADERS in self._layers:
            offer_nonce(request, exchange)
        return exchange

    def _check_transport(self, request: HttpRequest, exchange: Exchange) -> Callable[[], HttpResponse] | None:
        refusal = None
        if Layer.TRANSPORT in self._layers:
            refusal = check_transport(request, exchange, lambda: self._rule_at(request))
        elif is_cut(request):
            refusal = partial(send, request, answer_status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
        return refusal or (check_charset(request) if Layer.QUERIES in self._layers else None)

    def _check_origin(self, request: HttpRequest, exchange: Exchange) -> None:
        """Refuse what the browser says another site sent; whom ``CSRF_TRUSTED_ORIGINS`` names is none.

        The token stays with Django's own protection, which comes later.
        """
        if request.method in SAFE_METHODS:
            return
        trusted = settings.CSRF_TRUSTED_ORIGINS and "HTTP_ORIGIN" in request.META
        if trusted and self._origins._origin_verified(request):  # type: ignore[attr-defined]  # noqa: SLF001 -- reads that setting
            return
        check_origin(request, exchange)

    def _rule_of(self, request: HttpRequest, view: Callable[..., Any]) -> Rule:
        match: Any = request.resolver_match
        try:
            return self._rules.at(match, chosen_view(view, request.method))
        except KeyError:
            # Of another URLconf, which a middleware chose for this request.
            return self._declared(view)

    def _declared(self, view: Callable[..., Any]) -> Rule:
        found = declared_rule(view)
        if found is None and Layer.RULES in self._layers:
            raise Http404
        return found or LEFT_TO_VIEW

    def _rule_at(self, request: HttpRequest) -> Rule | None:
        try:
            match = resolve(request.path_info)
            return self._rules.at(match, chosen_view(match.func, request.method))
        except (Resolver404, MethodRefused, KeyError):
            return None

    def _settle(self, request: HttpRequest, response: Any) -> Any:
        error = locked(request)
        response = refuse(request, error) if error else response
        return checked_answer(request, response) if self._reads_answers else response

    def _settles_slowly(self, request: HttpRequest, response: Any) -> bool:  # noqa: ARG002 -- see above
        return self._reads_answers or locked(request) is not None

    def _finish(self, request: HttpRequest, exchange: Exchange, response: Any) -> Any:
        watch_stream(request, response)
        add_headers(exchange, response)
        return response


def read_beside() -> list[Pattern]:
    """Return every pattern with its rule; who declares none decides alone, unless the layer ``rules`` is on.

    Raises:
        ConfigurationError: patterns without a rule, or whose rule asks for what no layer that is on knows;
            all named.
    """
    own = bastide()
    found = list(all_patterns(own.prefix_rules))
    missing = missing_rules(own.prefix_rules)
    if missing and Layer.RULES in own.services.layers:
        msg = "routes without a rule (use @public to open one): " + ", ".join(missing)
        raise ConfigurationError(msg)
    patterns = [pattern if has_rule else pattern._replace(rule=LEFT_TO_VIEW) for pattern, has_rule in found]
    found_unmet = {pattern.path: unmet(pattern.rule, own.services.layers) for pattern in patterns}
    faults = [f"{path} {fault}" for path, fault in sorted(found_unmet.items()) if fault]
    if faults:
        raise ConfigurationError("; ".join(faults))
    return patterns
