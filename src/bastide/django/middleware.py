"""The one middleware: around every request and answer, for sync and async alike.

It stands in the places of three of Django's own, and derives from them so that Django's checks see what
it stands for: sessions, authentication, and the CSRF protection, whose tokens stay Django's.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.csrf import CsrfViewMiddleware, RejectRequest
from django.urls import Resolver404, resolve
from django.utils.functional import SimpleLazyObject

from bastide.core.access import Rule
from bastide.core.foundation import AccessDenied, BastideError, DenialReason, Denied, VerificationFailed
from bastide.core.http import SAFE_METHODS
from bastide.core.request import Exchange
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
from bastide.django.around.tripwires import checked_answer
from bastide.django.auth import user_of
from bastide.django.errors import as_refusal, fill_empty, refuse
from bastide.django.requests.beside import LEFT_TO_VIEW
from bastide.django.requests.context import exchange_of
from bastide.django.requests.csrf import (
    find_secret,
    leaves_check_to_sessions,
    needs_secret,
    read_keys,
    send_visitor,
    share_secret,
)
from bastide.django.requests.files import limit_files
from bastide.django.requests.guards import MethodRefused, chosen_view
from bastide.django.requests.routes import RuleTable, methods_of, read_rules, routes_with_files
from bastide.django.requests.streams import watch_stream
from bastide.django.sessions import SessionStore
from bastide.django.wiring import bastide


class BastideMiddleware(Frame, SessionMiddleware, AuthenticationMiddleware, CsrfViewMiddleware):
    """Sets up the exchange, asks the guard, and adds to the answer what the exchange decided.

    Raises at the start:
        ConfigurationError: routes without a rule, all named; uploads with no place, or in a served one.
    """

    def __init__(self, get_response: Callable[..., Any]) -> None:
        Frame.__init__(self, get_response)
        if not bastide().services.owns_accounts:
            msg = 'BASTIDE["layers"] goes with "bastide.django.layers.LayersMiddleware"'
            raise ImproperlyConfigured(msg)
        self._keys: list[bytes] = read_keys()
        patterns = read_rules(bastide().prefix_rules)
        bastide().services.require_place_for_files(routes_with_files(patterns))
        self._rules = RuleTable(patterns)
        # Of the view itself: below `by_method` a view may stand for one method, elsewhere for more.
        self._methods = {pattern.view: methods_of(pattern.view) for pattern in patterns}

    def process_request(self, request: HttpRequest) -> None:
        """Do nothing: the exchange is opened around the whole request."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:  # noqa: ARG002 -- Django's signature
        """Do nothing: the answer is finished around the whole request."""
        return response

    def process_view(  # type: ignore[override]  # Django's stubs know one kind of refusal
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Ask the guard about the route's rule, then about forgery."""
        exchange = exchange_of(request)
        match: Any = request.resolver_match
        exchange.route = match.view_name
        chosen = self._choose(request, exchange, view)
        if isinstance(chosen, HttpResponse):
            return chosen
        view, rule = chosen, self._rules.at(match, chosen)
        is_unsafe = request.method not in SAFE_METHODS
        guarded = is_unsafe and not getattr(view, "csrf_exempt", False)
        is_left = is_unsafe and not guarded and leaves_check_to_sessions(view)
        if guarded and (request.content_type or "").startswith("multipart/"):
            limit_files(request, takes_files=rule.takes_files)
        if (guarded or is_left) and exchange.is_private:
            # A body may take its time, and its session may end meanwhile: that is looked at afterwards.
            request.POST  # noqa: B018 -- reads it
        try:
            bastide().guard.check_rule(exchange, rule)
            if rule is LEFT_TO_VIEW and exchange.principal.is_suspect:
                # Django's words know whether somebody is signed in, and not where.
                raise AccessDenied(Denied(DenialReason.CONFIRMATION_REQUIRED))
            request.csrf_processing_done = exchange.is_by_token  # type: ignore[attr-defined]  # as Django marks it
            if exchange.is_by_token or (rule.is_static and not guarded):
                # Nothing is read of the session, so that an answer to everybody may be kept.
                return None
            if guarded:
                check_origin(request, exchange)
            secret = self._get_secret(request)
        except BastideError as error:
            return refuse(request, error)
        share_secret(request, secret)
        if is_left:
            return self._check_session(request, exchange, rule)
        # Django's own mark of a test client that asks for no such check.
        if secret is None and guarded and not getattr(request, "_dont_enforce_csrf_checks", False):
            return self._reject(request, "csrf_no_binding")
        return CsrfViewMiddleware.process_view(self, request, view, args, kwargs)

    def _check_session(self, request: HttpRequest, exchange: Exchange, rule: Rule) -> HttpResponse | None:
        """Ask about forgery where the view does not, since a session may turn out to be what authenticates.

        What brings a credential of its own and no form token goes on by that alone, where the rule lets in
        who has no session: a header that says nothing must not open what the session opened.
        """
        if not exchange.principal.is_signed_in:
            return None
        try:
            check_origin(request, exchange)
            if not getattr(request, "_dont_enforce_csrf_checks", False):
                self._check_token(request)
        except (VerificationFailed, RejectRequest) as error:
            if "HTTP_AUTHORIZATION" not in request.META or not rule.is_for_everybody:
                return self._reject(request, error.reason)
            exchange.forget_session()
            request.user = SimpleLazyObject(lambda: user_of(exchange))  # type: ignore[assignment]  # as Django does
            share_secret(request, None)
        else:
            request.csrf_processing_done = True  # type: ignore[attr-defined]  # as Django marks it
        return None

    def _decides_slowly(self, request: HttpRequest, view: Callable[..., Any]) -> bool:  # noqa: ARG002 -- see ``Frame``
        rule = self._rule_of(request.resolver_match, request.method)
        # Who calls the API without a token is counted too.
        return exchange_of(request).is_private or (rule is not None and rule.takes_tokens)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what the controls or the database refused; the rest is Django's handlers'."""
        refusal = as_refusal(exception)
        return None if refusal is None else refuse(request, refusal)

    def _open(self, request: HttpRequest) -> Exchange:
        exchange = open_exchange(request)
        request.session = SessionStore(exchange=exchange)
        request.user = SimpleLazyObject(lambda: user_of(exchange))  # type: ignore[assignment]  # as Django does
        offer_nonce(request, exchange)

        async def auser() -> Any:
            return await sync_to_async(user_of)(exchange)

        request.auser = auser
        return exchange

    def _check_transport(self, request: HttpRequest, exchange: Exchange) -> Callable[[], HttpResponse] | None:
        return check_transport(request, exchange, lambda: self._rule_at(request)) or check_charset(request)

    def _choose(
        self, request: HttpRequest, exchange: Exchange, view: Callable[..., Any]
    ) -> Callable[..., Any] | HttpResponse:
        """Return the view that answers the method; or the answer, where there is none or a browser asks."""
        answer = (
            answer_preflight(request, exchange, view, self._rules) if request.method == "OPTIONS" else None
        )
        if answer is not None:
            return answer
        try:
            view = chosen_view(view, request.method)
        except MethodRefused as error:
            return HttpResponseNotAllowed(error.methods)
        methods = self._methods[view]
        if methods and request.method not in {*methods, "OPTIONS", "HEAD" if "GET" in methods else ""}:
            return HttpResponseNotAllowed(methods)
        return view

    def _rule_at(self, request: HttpRequest) -> Rule | None:
        try:
            return self._rule_of(resolve(request.path_info), request.method)
        except Resolver404:
            return None

    def _rule_of(self, match: Any, method: str | None) -> Rule | None:
        try:
            return self._rules.at(match, chosen_view(match.func, method))
        except MethodRefused:
            return None

    def _settle(self, request: HttpRequest, response: Any) -> Any:
        response = fill_empty(request, response)
        if request.session.modified:
            request.session.save()
        return checked_answer(request, response)

    def _settles_slowly(self, request: HttpRequest, response: Any) -> bool:
        # A refusal's page says who is looking.
        return bool(request.session.modified) or response.status_code >= HTTPStatus.BAD_REQUEST

    def _finish(self, request: HttpRequest, exchange: Exchange, response: Any) -> Any:
        watch_stream(request, response)
        if needs_secret(request, response):
            exchange.is_private = True
            self._set_csrf_cookie(request, response)
        add_headers(exchange, response)
        return response

    # The three places where Django's CSRF protection keeps its secret and says no.

    def _check_token(self, request: HttpRequest) -> None:
        """Take a token that was made under the secret key, or under one that it replaced."""
        for key in self._keys:
            request._csrf_key = key  # type: ignore[attr-defined]  # noqa: SLF001 -- ours
            try:
                super()._check_token(request)  # type: ignore[misc]  # the stubs leave it out
            except RejectRequest as error:
                refused = error
            else:
                return
        raise refused

    def _get_secret(self, request: HttpRequest) -> str | None:
        return find_secret(request, getattr(request, "_csrf_key", self._keys[0]))

    def _set_csrf_cookie(self, request: HttpRequest, response: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Give a stranger whom a form was shown a visitor's cookie; sessions need none."""
        secret = request.META["CSRF_COOKIE"]
        if not exchange_of(request).principal.is_signed_in and secret != self._get_secret(request):
            send_visitor(request, secret)

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return refuse(request, VerificationFailed(reason))
