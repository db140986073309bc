"""Sends the answers of `bastide.pages.answers`: pages for people, problem details for programs."""

from typing import Any, Final

from flask import Response, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, IntegrityError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError, default_exceptions
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as WerkzeugResponse

from bastide.core.foundation import BastideError, DataRefused, StoreUnavailable
from bastide.core.http import is_own_page
from bastide.flask.forms import secret_names
from bastide.flask.installed import Installed
from bastide.flask.state import current_exchange, path_and_query
from bastide.pages.answers import Answer, answer_error, answer_status, wants_problem, whole_seconds
from bastide.pages.resend import FILES_TYPE, FORM_TYPE, Resend, give_back, page_values

ANSWERED_KEY: Final = "bastide.answered"


def install(installed: Installed) -> None:
    """Register a handler for every error that a request can end with.

    Beside other accounts only for what the layers refuse: the application goes on answering its own.
    """
    app = installed.app
    app.register_error_handler(BastideError, refuse)
    _record_what_others_answer(installed)
    if not installed.services.owns_accounts:
        return
    for kind in (
        OperationalError, PoolTimeoutError, InternalError, IntegrityError, DataError, StaleDataError
    ):  # fmt: skip
        app.register_error_handler(kind, _database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _unexpected)


def refuse(error: Exception) -> ResponseReturnValue:
    """Answer an error of the controls."""
    request.environ[ANSWERED_KEY] = error
    return send(answer_error(error, current_exchange()))


def _record_what_others_answer(installed: Installed) -> None:
    """Have refusals in the log whoever answers them.

    A blueprint's handler goes before the application's, however little it knows of the error.

    Threat: refusals that nobody sees, since a handler for everything took them (V16.3.2).
    """
    app = installed.app
    answer = app.handle_user_exception

    def handle(error: Exception) -> Any:
        answered = answer(error)
        refusal = as_refusal(error, owns_accounts=installed.services.owns_accounts)
        if refusal is not None and request.environ.get(ANSWERED_KEY) is not error:
            answer_error(refusal, current_exchange())
        return answered

    app.handle_user_exception = handle  # type: ignore[method-assign, assignment]  # as with the application behind the gate


def as_refusal(error: Exception, *, owns_accounts: bool) -> BastideError | None:
    """Return what an exception of a view means to the controls, or None for the unexpected.

    Args:
        error: the exception.
        owns_accounts: what the application's database says is answered, too.
    """
    match error:
        case BastideError():
            return error
        case _ if not owns_accounts:
            return None
        case IntegrityError() | DataError() | StaleDataError():
            return DataRefused(is_conflict=not isinstance(error, DataError))
        case InternalError() if not error.connection_invalidated:
            return None
        # Dropped for it: read-only after a fail-over.
        case InternalError() | OperationalError() | PoolTimeoutError():
            unavailable = StoreUnavailable("the application's database did not answer")
            unavailable.__cause__ = error
            return unavailable
        case _:
            return None


def _database(error: Exception) -> ResponseReturnValue:
    answered = refuse(as_refusal(error, owns_accounts=True) or error)
    request.environ[ANSWERED_KEY] = error
    return answered


def _http(error: HTTPException) -> ResponseReturnValue:
    """Give werkzeug's errors the site's page; keep their headers, such as ``Allow``."""
    if isinstance(error, RequestRedirect) or error.code is None:
        return error
    response = send(answer_status(error.code))
    for name, value in error.get_headers(request.environ):
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _unexpected(error: InternalServerError) -> ResponseReturnValue:
    return refuse(error.original_exception or error)  # type: ignore[arg-type]  # handlers get exceptions only


def _beside(answer: Answer) -> WerkzeugResponse:
    """Return what the application itself answers: its way to sign in, or its page for the status."""
    if answer.way_out == "sign_in":
        manager: Any = getattr(current_app, "login_manager", None)
        if manager is not None:
            try:
                return current_app.make_response(manager.unauthorized())
            except HTTPException as own:
                return current_app.make_response(current_app.handle_user_exception(own))
    error = default_exceptions[answer.status](description=answer.text)
    return current_app.make_response(current_app.handle_user_exception(error))


def send(answer: Answer) -> WerkzeugResponse:
    """Return the response to an answer."""
    exchange = current_exchange()
    response: WerkzeugResponse
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    if wants_problem(exchange, path=request.path, prefers_json=best == "application/json"):
        response = jsonify(answer.problem(exchange.request_id))
        response.mimetype = "application/problem+json"
        response.status_code = answer.status
    elif not exchange.services.owns_accounts:
        response = _beside(answer)
    elif (resend := _typed(answer)) is None and answer.way_out:
        target = path_and_query() if request.method in {"GET", "HEAD"} else None
        location = url_for(f"accounts.{answer.way_out}", next=target)
        return redirect(location, 303)
    else:
        page = render_template("bastide/error.html", **page_values(answer, resend))
        response = Response(page, answer.status, mimetype="text/html")
    response.headers.update(answer.headers)
    if answer.retry_after is not None:
        response.headers["Retry-After"] = str(whole_seconds(answer.retry_after))
    return response


def _typed(answer: Answer) -> Resend | None:
    """Return the form that a page of this site sent, to be given back with the refusal."""
    exchange = current_exchange()
    is_ours = is_own_page(
        own_origin=exchange.own_origin,
        origin=exchange.origin,
        fetch_site=request.headers.get("Sec-Fetch-Site"),
    )
    # Files of whoever was refused before they were read stay unread.
    is_form = request.mimetype == FORM_TYPE or (request.mimetype == FILES_TYPE and "form" in vars(request))
    if not (answer.gives_back and is_ours and is_form and request.method == "POST"):
        return None
    try:
        given = give_back(dict(request.form.lists()), request.files, secrets=secret_names())
    except HTTPException:
        return None
    return None if given is None or (answer.way_out and not given.is_typed) else given
