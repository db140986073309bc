"""What happens to every request, in order: transport, rule, forgery check."""

from typing import TYPE_CHECKING, assert_never

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue

from bastide.core.csrf import SAFE_METHODS, verify_origin
from bastide.core.decisions import Denied
from bastide.core.errors import VerificationFailed
from bastide.core.events import EventKind, Outcome
from bastide.core.transport import Peer, Proceed, RedirectToHttps, TransportRefused, check_transport
from bastide.flask.errors import AccessDenied
from bastide.flask.guards import CSRF_EXEMPT_ATTRIBUTE
from bastide.flask.state import RequestState, current_state

if TYPE_CHECKING:
    from bastide.flask.extension import Bastide

CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"


def guard(bastide: "Bastide") -> ResponseReturnValue | None:
    """Refuse, redirect, or let the request through to its view."""
    state = current_state()
    answer = _check_transport(bastide, state)
    if answer is not None or request.routing_exception is not None:
        return answer
    rule = bastide.rules[request.endpoint or ""]
    state.rule = rule
    decision = rule.decide(state.principal) if not rule.is_for_everybody else None
    if isinstance(decision, Denied):
        raise AccessDenied(decision)
    if request.method not in SAFE_METHODS:
        _check_forgery(bastide, state)
    return None


def _check_transport(  # noqa: RET503 -- abort never returns
    bastide: "Bastide", state: RequestState
) -> ResponseReturnValue | None:
    environ = state.environ
    scheme, host = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")
    if (scheme, host) in bastide.known_hosts:
        return None
    outcome = check_transport(
        Peer(state.client.address, scheme, host),
        path_and_query=request.full_path.rstrip("?"),
        may_redirect=request.method in {"GET", "HEAD"},
        settings=bastide.services.settings.transport,
    )
    match outcome:
        case Proceed():
            bastide.remember_host(scheme, host)
            return None
        case RedirectToHttps(location):
            return redirect(location, 308)
        case TransportRefused(reason):
            kind = EventKind.HOST_REFUSED if reason == "host" else EventKind.TRANSPORT_REFUSED
            bastide.services.recorder.record(kind, Outcome.REFUSED, state.client, reason=reason)
            abort(400)
        case _:  # pragma: no cover -- mypy proves that no outcome is missing
            assert_never(outcome)


def _check_forgery(bastide: "Bastide", state: RequestState) -> None:
    view = bastide.app_views[request.endpoint or ""]
    if getattr(view, CSRF_EXEMPT_ATTRIBUTE, False):
        return
    headers = request.headers
    verify_origin(
        own_origin=f"{state.environ['wsgi.url_scheme']}://{state.environ['HTTP_HOST']}",
        origin=headers.get("Origin"),
        referer=headers.get("Referer"),
        fetch_site=headers.get("Sec-Fetch-Site"),
    )
    binding = state.csrf_binding()
    if binding is None:
        reason = "csrf_no_binding"
        raise VerificationFailed(reason)
    presented = headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD)
    bastide.services.csrf.verify_token(presented, binding)
