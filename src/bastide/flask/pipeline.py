"""Asks the guard about every request, before its view runs."""

from typing import assert_never

from flask import Request, abort, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bastide.core.http import SAFE_METHODS, Proceed, RedirectToHttps, TransportRefused
from bastide.core.request import Exchange, Layer
from bastide.flask.errors import send
from bastide.flask.form_tokens import is_token_asked, sent_token
from bastide.flask.installed import Installed
from bastide.flask.state import EXCHANGE_KEY, REQUEST_KEY, path_and_query
from bastide.flask.uploads import allow_files
from bastide.pages.answers import answer_transport


def guard(installed: Installed) -> ResponseReturnValue | None:
    """Refuse, redirect, or let the request through to its view; of the layers, those that are on."""
    asked = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- Flask's proxy
    environ, layers = asked.environ, installed.services.layers
    environ[REQUEST_KEY] = asked
    exchange: Exchange = environ[EXCHANGE_KEY]
    endpoint = exchange.route = asked.endpoint or ""
    refusal = _check_transport(installed, exchange, asked) if Layer.TRANSPORT in layers else None
    if refusal is not None or asked.routing_exception is not None:
        return refusal
    if asked.method == "OPTIONS" and Layer.API_TOKENS in layers:
        answer = _preflight(installed, exchange)
        if answer is not None:
            return answer
    rule = installed.rules.get(endpoint)
    is_guarded = Layer.FORGERY in layers and endpoint not in installed.csrf_exempt
    if rule is not None and rule.takes_files:
        allow_files(exchange)
    if is_guarded and exchange.is_private and asked.method not in SAFE_METHODS:
        # A body may take its time, and its session may end meanwhile: the session is looked at afterwards.
        asked.get_data(parse_form_data=True)
    if rule is not None:
        installed.guard.check_rule(exchange, rule)
    elif Layer.RULES in layers:
        abort(404)
    if is_guarded:
        installed.guard.check_forgery(
            exchange,
            method=asked.method,
            referer=environ.get("HTTP_REFERER"),
            fetch_site=environ.get("HTTP_SEC_FETCH_SITE"),
            token=(lambda: sent_token(asked)) if is_token_asked(installed.app) else None,
        )
        # What Flask-WTF's forms look at before they check the token themselves.
        g.csrf_valid = asked.method not in SAFE_METHODS
    return None


def _check_transport(installed: Installed, exchange: Exchange, asked: Request) -> ResponseReturnValue | None:
    outcome = installed.guard.check_transport(
        exchange,
        method=asked.method,
        path=asked.path,
        path_and_query=path_and_query,
        rule=lambda: installed.rules.get(exchange.route),
    )
    match outcome:
        case Proceed():
            return None
        case RedirectToHttps(location):
            return redirect(location, 308)
        case TransportRefused(reason):
            return send(answer_transport(reason))
        case _:  # pragma: no cover -- mypy proves that no outcome is missing
            assert_never(outcome)


def _preflight(installed: Installed, exchange: Exchange) -> ResponseReturnValue | None:
    wanted = request.headers.get("Access-Control-Request-Method", "")
    adapter = current_app.create_url_adapter(request)
    if not wanted or adapter is None:
        return None
    try:
        endpoint, _ = adapter.match(method=wanted)
    except HTTPException:
        return None
    asked = request.headers.get("Access-Control-Request-Headers")
    rule = installed.rules.get(endpoint)
    headers = installed.guard.answer_preflight(exchange, rule, method=wanted, headers=asked)
    return None if headers is None else ("", 204, headers)
