"""The one table from errors to answers: pages for people, problem details for programs."""

import logging
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound
from werkzeug.routing import RequestRedirect

from bastide.core.decisions import DenialReason, Denied
from bastide.core.errors import BastideError, InvalidInput, StoreUnavailable, VerificationFailed
from bastide.core.events import EventKind, Outcome
from bastide.flask.state import current_state
from bastide.pages import MESSAGES

if TYPE_CHECKING:
    from bastide.flask.extension import Bastide

__all__ = ["AccessDenied", "NotFound", "TooManyRequests", "install", "whole_seconds"]

logger = logging.getLogger("bastide")
_OWN_TEXTS = frozenset({400, 403, 404, 405, 413, 429, 500, 503})


def whole_seconds(wait: timedelta) -> int:
    """Return the wait for a ``Retry-After`` header: at least one second."""
    return max(1, int(wait.total_seconds()))


class AccessDenied(BastideError):
    """A rule or a policy refused; the log gets the reason, the person gets the table's answer."""

    def __init__(self, decision: Denied, *, target: str = "") -> None:
        super().__init__(decision.reason)
        self.decision = decision
        self.target = target


class TooManyRequests(BastideError):
    """A budget or a rate is used up.

    Attributes:
        retry_after_seconds: whole seconds, for the header.
    """

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("too many requests")
        self.retry_after_seconds = whole_seconds(retry_after)


def install(app: Flask, bastide: "Bastide") -> None:
    """Register a handler for every error that a request can end with."""
    answers = _Answers(bastide)
    app.register_error_handler(AccessDenied, answers.access_denied)
    app.register_error_handler(TooManyRequests, answers.too_many_requests)
    app.register_error_handler(InvalidInput, answers.invalid_input)
    app.register_error_handler(VerificationFailed, answers.verification_failed)
    for unavailable in (StoreUnavailable, OperationalError, PoolTimeoutError):
        app.register_error_handler(unavailable, answers.unavailable)
    app.register_error_handler(IntegrityError, answers.conflict)
    app.register_error_handler(DataError, answers.bad_data)
    app.register_error_handler(HTTPException, answers.http)
    app.register_error_handler(InternalServerError, answers.unexpected)


class _Answers:
    """The handlers."""

    def __init__(self, bastide: "Bastide") -> None:
        self._bastide = bastide

    def access_denied(self, error: AccessDenied) -> ResponseReturnValue:
        """Send strangers to sign in, doubtful sessions to confirm; refuse or hide the rest."""
        reason = error.decision.reason
        state = current_state()
        self._bastide.services.recorder.record(
            EventKind.ACCESS_DENIED, Outcome.REFUSED, state.client,
            actor=state.principal.account_id, target=error.target, reason=reason,
        )  # fmt: skip
        page = {
            DenialReason.SIGN_IN_REQUIRED: "accounts.sign_in",
            DenialReason.CONFIRMATION_REQUIRED: "accounts.confirm",
        }.get(reason)
        if page is not None and not _wants_problem():
            target = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else None
            return redirect(url_for(page, next=target), HTTPStatus.SEE_OTHER)
        status = {
            DenialReason.SIGN_IN_REQUIRED: HTTPStatus.UNAUTHORIZED,
            DenialReason.HIDDEN: HTTPStatus.NOT_FOUND,
        }.get(reason, HTTPStatus.FORBIDDEN)
        return self._answer(status)

    def too_many_requests(self, error: TooManyRequests) -> ResponseReturnValue:
        """Say when to come back."""
        answer = self._answer(HTTPStatus.TOO_MANY_REQUESTS)
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
        return answer

    def invalid_input(self, error: InvalidInput) -> ResponseReturnValue:
        """Name the field and the rule; never repeat the input (V7)."""
        self._record(EventKind.INPUT_REFUSED, field=error.field, code=error.code)
        text = f"{error.field}: {MESSAGES.error_text(error.code, error.limits)}"
        return self._answer(HTTPStatus.BAD_REQUEST, text=text, field=error.field, code=error.code)

    def verification_failed(self, error: VerificationFailed) -> ResponseReturnValue:
        """Refuse a request whose token or origin does not fit."""
        self._record(EventKind.CSRF_REFUSED, reason=error.reason)
        title, text = MESSAGES.form_expired_title, MESSAGES.form_expired_text
        return self._answer(HTTPStatus.FORBIDDEN, title=title, text=text)

    def unavailable(self, error: Exception) -> ResponseReturnValue:
        """Refuse while the database or a service is away; nothing is shown of it."""
        current_state().forget_session()
        logger.error("a store is unavailable: %s", type(error).__name__, exc_info=error)
        self._record(EventKind.STORE_UNAVAILABLE, error=type(error).__name__)
        answer = self._answer(HTTPStatus.SERVICE_UNAVAILABLE)
        answer.headers["Retry-After"] = "30"
        return answer

    def conflict(self, error: IntegrityError) -> ResponseReturnValue:
        """A database constraint had the last word."""
        return self._refuse_data(HTTPStatus.CONFLICT, error)

    def bad_data(self, error: DataError) -> ResponseReturnValue:
        """The database could not take a value."""
        return self._refuse_data(HTTPStatus.BAD_REQUEST, error)

    def http(self, error: HTTPException) -> ResponseReturnValue:
        """Give werkzeug's errors the site's page; keep their headers, such as ``Allow``."""
        if isinstance(error, RequestRedirect) or error.code is None:
            return error
        answer = self._answer(error.code)
        for name, value in error.get_headers(request.environ):
            if name.lower() not in {"content-type", "content-length"}:
                answer.headers[name] = value
        return answer

    def unexpected(self, error: InternalServerError) -> ResponseReturnValue:
        """One generic page with a request id; the cause goes to the server's log only (L3)."""
        cause = error.original_exception or error
        self._record(EventKind.UNEXPECTED_ERROR, error=type(cause).__name__)
        return self._answer(HTTPStatus.INTERNAL_SERVER_ERROR)

    def _refuse_data(self, status: HTTPStatus, error: Exception) -> ResponseReturnValue:
        self._record(EventKind.INPUT_REFUSED, code=type(error).__name__)
        return self._answer(status, title=MESSAGES.error_400_title, text=MESSAGES.error_400_text)

    def _record(self, kind: EventKind, **detail: str) -> None:
        outcome = Outcome.FAILURE if kind is EventKind.UNEXPECTED_ERROR else Outcome.REFUSED
        client = current_state().client
        self._bastide.services.recorder.record(kind, outcome, client, session_digest=b"", **detail)

    def _answer(self, status: int, *, title: str = "", text: str = "", **members: str) -> Response:
        state = current_state()
        known = (
            status if status in _OWN_TEXTS else (400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500)
        )
        title = title or getattr(MESSAGES, f"error_{known}_title")
        text = text or getattr(MESSAGES, f"error_{known}_text")
        if _wants_problem():
            # RFC 9457
            problem = {"type": "about:blank", "title": title, "status": status, "detail": text, **members}
            answer = jsonify({**problem, "request_id": state.request_id})
            answer.mimetype = "application/problem+json"
        else:
            context: dict[str, Any] = {"status": status, "title": title, "text": text}
            answer = Response(render_template("bastide/error.html", **context), mimetype="text/html")
        answer.status_code = status
        return answer


def _wants_problem() -> bool:
    rule = current_state().rule
    if rule is not None and rule.is_api:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"
