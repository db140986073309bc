"""Around every request: its exchange, what transport says of it, and the headers of its answer."""

from collections.abc import Callable
from functools import partial
from typing import Any, assert_never

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from bastide.core.access import Rule
from bastide.core.foundation import BastideError
from bastide.core.http import Peer, Proceed, RedirectToHttps, TransportRefused, resolve_peer, verify_origin
from bastide.core.request import Exchange, Layer
from bastide.django.around.tripwires import note_body
from bastide.django.asgi import is_cut
from bastide.django.errors import bad_request, refuse, send
from bastide.django.in_tests import is_test_environment
from bastide.django.requests.guards import MethodRefused, chosen_view
from bastide.django.requests.routes import RuleTable
from bastide.django.wiring import bastide
from bastide.pages.answers import answer_transport


def open_exchange(request: HttpRequest) -> Exchange:
    """Return the exchange of a request, which finds it as ``request.bastide``, and its nonce beside it."""
    services = bastide().services
    peer = _peer_of(request, services.settings.transport.proxies)
    exchange = Exchange(
        services,
        scheme=peer.scheme,
        host=peer.host,
        address=peer.address,
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
        cookies=request.META.get("HTTP_COOKIE", ""),
        authorization=request.META.get("HTTP_AUTHORIZATION", ""),
        origin=request.META.get("HTTP_ORIGIN"),
        query=request.META.get("QUERY_STRING", ""),
        mount=request.META.get("SCRIPT_NAME", ""),
    )
    if Layer.QUERIES in services.layers:
        note_body(request)
    request.bastide = exchange  # type: ignore[attr-defined]  # where every adapter function finds it
    return exchange


def offer_nonce(request: HttpRequest, exchange: Exchange) -> None:
    """Give the nonce under the names that django-csp, Django 6 and what heeds them look under."""
    nonce = SimpleLazyObject(lambda: exchange.nonce)
    request.csp_nonce = request._csp_nonce = nonce  # type: ignore[attr-defined]  # noqa: SLF001


def check_transport(
    request: HttpRequest, exchange: Exchange, rule: Callable[[], Rule | None]
) -> Callable[[], HttpResponse] | None:
    """Return what makes the refusal, whose page asks the database who is looking; None lets through."""
    try:
        outcome = bastide().guard.check_transport(
            exchange,
            method=request.method or "",
            path=request.path_info,
            path_and_query=request.get_full_path,
            rule=rule,
        )
    except BastideError as error:
        return partial(refuse, request, error)
    match outcome:
        case Proceed():
            return partial(bad_request, request, RequestDataTooBig()) if is_cut(request) else None
        case RedirectToHttps(location):
            return partial(_redirect_to_https, location)
        case TransportRefused(reason):
            return partial(send, request, answer_transport(reason))
        case _:  # pragma: no cover -- mypy proves that no outcome is missing
            assert_never(outcome)


def answer_preflight(
    request: HttpRequest, exchange: Exchange, view: Callable[..., Any], rules: RuleTable
) -> HttpResponse | None:
    """Return what answers a browser that asks for a page of another origin; None where the view does."""
    wanted, match = request.headers.get("Access-Control-Request-Method", ""), request.resolver_match
    try:
        rule = None if match is None else rules.at(match, chosen_view(view, wanted))
    except (MethodRefused, KeyError):
        return None
    asked = request.headers.get("Access-Control-Request-Headers")
    headers = bastide().guard.answer_preflight(exchange, rule, method=wanted, headers=asked)
    return None if headers is None else HttpResponse(status=204, headers=dict(headers))


def add_headers(exchange: Exchange, response: Any) -> None:
    """Give the answer the headers and cookies that the exchange decided on."""
    if exchange.is_private:
        del response.headers["Cache-Control"]
    present = response.headers._store.keys()  # noqa: SLF001 -- lower-case names
    for name, value in exchange.extra_headers(present):
        if name == "Vary" and "vary" in present:
            patch_vary_headers(response, (value,))
            continue
        # Straight into the mapping: these were made here, and checking them costs more than all else.
        response.headers._store[name.lower()] = (name, value)  # noqa: SLF001
    path = exchange.services.settings.cookies.path
    for name, cookie in exchange.new_cookies.items():
        response.set_cookie(
            name,
            cookie.value.reveal(),
            max_age=cookie.max_age,
            path=cookie.path or path,
            domain=cookie.domain or None,
            secure=True,
            httponly=True,
            samesite="Lax",
        )


def check_origin(request: HttpRequest, exchange: Exchange) -> None:
    """Raise ``VerificationFailed`` when the browser says that another site sent the request."""
    verify_origin(
        own_origin=exchange.own_origin,
        origin=exchange.origin,
        referer=request.META.get("HTTP_REFERER"),
        fetch_site=request.META.get("HTTP_SEC_FETCH_SITE"),
    )


def _redirect_to_https(location: str) -> HttpResponse:
    response = HttpResponsePermanentRedirect(location)
    response.status_code = 308
    return response


def _peer_of(request: HttpRequest, proxies: int) -> Peer:
    """Return the caller after the declared proxies, and have Django see the same."""
    meta = request.META
    # Django's test client names the host as a server would name itself.
    named = meta.get("SERVER_NAME", "") if is_test_environment() else ""
    direct = Peer(meta.get("REMOTE_ADDR", ""), request.scheme or "http", meta.get("HTTP_HOST", named))
    peer = resolve_peer(
        direct,
        forwarded_for=meta.get("HTTP_X_FORWARDED_FOR"),
        forwarded_proto=meta.get("HTTP_X_FORWARDED_PROTO"),
        forwarded_host=meta.get("HTTP_X_FORWARDED_HOST"),
        proxies=proxies,
    )
    if peer == direct:
        return peer
    meta["REMOTE_ADDR"], meta["wsgi.url_scheme"], meta["HTTP_HOST"] = peer
    if hasattr(request, "scope"):
        request.scope = {**request.scope, "scheme": peer.scheme}
    return peer
