"""The one table from errors to answers: pages for people, problem details for programs."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, Literal, TypeAlias

from bastide.core.foundation import (
    AccessDenied,
    BastideError,
    BodyTooLarge,
    DataRefused,
    DenialReason,
    InvalidDocument,
    InvalidInput,
    MediaTypeRefused,
    PreconditionFailed,
    SealBroken,
    StatementRefused,
    StoreUnavailable,
    TokenRefused,
    TooManyRequests,
    VerificationFailed,
)
from bastide.core.request import Exchange, record_refusal
from bastide.core.security_log import EventKind, Outcome
from bastide.core.uploads import RangeRefused, UploadMissing
from bastide.pages.messages import MESSAGES

logger: Final = logging.getLogger("bastide")
WayOut: TypeAlias = Literal["", "sign_in", "confirm", "factors"]
CHALLENGE: Final = "WWW-Authenticate"
# Rules whose breach has a status of its own; every other is a 400.
_STATUS_OF_RULE: Final = {
    "file_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "file_extension": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "file_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "file_content": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "quota": HTTPStatus.CONFLICT,
}
# Of how a request came, what its sender may be told.
_TOLD: Final = frozenset({"plain_http", "token_in_query"})
RETRY_AFTER_OUTAGE: Final = timedelta(seconds=30)
_OWN_TEXTS: Final = frozenset({400, 403, 404, 405, 409, 412, 413, 415, 429, 500, 503})
_STATUS: Final = {
    DenialReason.SIGN_IN_REQUIRED: HTTPStatus.UNAUTHORIZED,
    DenialReason.CONFIRMATION_REQUIRED: HTTPStatus.FORBIDDEN,
    DenialReason.FACTOR_REQUIRED: HTTPStatus.FORBIDDEN,
    DenialReason.FORBIDDEN: HTTPStatus.FORBIDDEN,
    DenialReason.HIDDEN: HTTPStatus.NOT_FOUND,
}
_WAY_OUT: Final[dict[DenialReason, WayOut]] = {
    DenialReason.SIGN_IN_REQUIRED: "sign_in",
    DenialReason.CONFIRMATION_REQUIRED: "confirm",
    DenialReason.FACTOR_REQUIRED: "factors",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A refusal, ready to be sent.

    Attributes:
        status: HTTP status of the page or the problem.
        title: of the page.
        text: one sentence; never the raw input.
        members: what a problem says besides (RFC 9457, 3.2).
        headers: what the answer carries besides.
        retry_after: for the header, or None.
        way_out: the account page that people are sent to instead; empty for none.
        gives_back: whoever typed a form on a page of this site gets it back; see `bastide.pages.resend`.
    """

    status: int
    title: str
    text: str
    members: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    retry_after: timedelta | None = None
    way_out: WayOut = ""
    gives_back: bool = False

    def problem(self, request_id: str) -> dict[str, Any]:
        """Return the answer as problem details (RFC 9457)."""
        return {
            "type": "about:blank", "title": self.title, "status": self.status, "detail": self.text,
            **self.members, "request_id": request_id,
        }  # fmt: skip


def whole_seconds(wait: timedelta) -> int:
    """Return the wait for a ``Retry-After`` header: at least one second."""
    return max(1, int(wait.total_seconds()))


def answer_status(status: int) -> Answer:
    """Return the answer that says no more than its status."""
    known = status if status in _OWN_TEXTS else (400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500)
    title, text = getattr(MESSAGES, f"error_{known}_title"), getattr(MESSAGES, f"error_{known}_text")
    return Answer(status=status, title=title, text=text)


def answer_transport(reason: str) -> Answer:
    """Return the answer to a request that was refused for how it came; a foreign host is told no more."""
    if reason not in _TOLD:
        return answer_status(HTTPStatus.BAD_REQUEST)
    title, text = getattr(MESSAGES, f"{reason}_title"), getattr(MESSAGES, f"{reason}_text")
    return Answer(status=HTTPStatus.BAD_REQUEST, title=title, text=text)


def answer_error(error: Exception, exchange: Exchange) -> Answer:  # noqa: C901, PLR0911, PLR0912 -- a table
    """Record the error and return the answer to it.

    What is not in the tree of errors is unexpected: one generic page with a request id, the cause goes
    to the server's log only (L3).
    """
    match error:
        case AccessDenied(decision=decision, target=target):
            record_refusal(exchange, EventKind.ACCESS_DENIED, target=target, reason=decision.reason)
            plain = answer_status(_STATUS[decision.reason])
            way_out = _WAY_OUT.get(decision.reason, "")
            return Answer(
                status=plain.status, title=plain.title, text=plain.text, way_out=way_out,
                headers=_challenge(exchange, plain.status), gives_back=bool(way_out),
            )  # fmt: skip
        case TokenRefused():
            # Recorded where it was looked at, with whose token it is.
            title, text = MESSAGES.token_refused_title, MESSAGES.token_refused_text
            headers = {CHALLENGE: 'Bearer error="invalid_token"'}
            return Answer(status=HTTPStatus.UNAUTHORIZED, title=title, text=text, headers=headers)
        case TooManyRequests(retry_after=wait):
            return _later(HTTPStatus.TOO_MANY_REQUESTS, wait)
        case InvalidInput():
            return _invalid([error], exchange)
        case InvalidDocument(errors=errors):
            return _invalid(errors, exchange)
        case MediaTypeRefused(expected=expected):
            record_refusal(exchange, EventKind.INPUT_REFUSED, code="media_type")
            plain = answer_status(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            headers = {"Accept": expected}
            return Answer(status=plain.status, title=plain.title, text=plain.text, headers=headers)
        case PreconditionFailed():
            return answer_status(HTTPStatus.PRECONDITION_FAILED)
        case BodyTooLarge():
            record_refusal(exchange, EventKind.INPUT_REFUSED, code="too_large")
            return answer_status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        case VerificationFailed(reason=reason):
            record_refusal(exchange, EventKind.CSRF_REFUSED, reason=reason)
            return _expired(reason, exchange)
        case DataRefused(is_conflict=is_conflict):
            record_refusal(exchange, EventKind.INPUT_REFUSED, code=str(error))
            plain = answer_status(HTTPStatus.BAD_REQUEST)
            status = HTTPStatus.CONFLICT if is_conflict else HTTPStatus.BAD_REQUEST
            return Answer(status=status, title=plain.title, text=plain.text)
        case StatementRefused():
            return answer_status(HTTPStatus.BAD_REQUEST)
        case StoreUnavailable():
            exchange.forget_session()
            logger.error("a store is unavailable: %s", error, exc_info=error)
            record_refusal(
                exchange, EventKind.STORE_UNAVAILABLE, error=type(error.__cause__ or error).__name__
            )
            return _later(HTTPStatus.SERVICE_UNAVAILABLE, RETRY_AFTER_OUTAGE)
        case SealBroken(place=place, reason=reason):
            logger.error("%s", error)
            record_refusal(exchange, EventKind.SEAL_BROKEN, Outcome.FAILURE, target=place, reason=reason)
            return answer_status(HTTPStatus.INTERNAL_SERVER_ERROR)
        case RangeRefused(size_bytes=size):
            plain = answer_status(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            headers = {"Content-Range": f"bytes */{size}"}
            return Answer(status=plain.status, title=plain.title, text=plain.text, headers=headers)
        case UploadMissing():
            logger.error("the bytes of upload %s are gone", error)
            return answer_status(HTTPStatus.NOT_FOUND)
        case BastideError():
            # No framework logs what has a handler of its own.
            logger.error("unexpected, in request %s: %s", exchange.request_id, error, exc_info=error)
            return _unexpected(error, exchange)
        case _:
            return _unexpected(error, exchange)


def _challenge(exchange: Exchange, status: int) -> dict[str, str]:
    """Return the header that tells a refused program why (RFC 6750, 3)."""
    rule = exchange.rule
    if status == HTTPStatus.UNAUTHORIZED:
        is_for_programs = exchange.bearer is not None or (rule is not None and rule.takes_tokens)
        return {CHALLENGE: 'Bearer realm="api"'} if is_for_programs else {}
    if status == HTTPStatus.FORBIDDEN and exchange.is_by_token:
        needed = "" if rule is None or rule.permission is None else f', scope="{rule.permission}"'
        return {CHALLENGE: f'Bearer error="insufficient_scope"{needed}'}
    return {}


def wants_problem(exchange: Exchange, *, path: str, prefers_json: bool) -> bool:
    """Tell whether the caller is a program: problem details instead of pages.

    Args:
        exchange: the request.
        path: below the application's own root; where no route is, nothing else tells.
        prefers_json: what the caller says to read.
    """
    is_api = path.startswith(exchange.services.settings.transport.api_prefix) or (
        exchange.rule is not None and exchange.rule.is_api
    )
    return is_api or exchange.bearer is not None or prefers_json


def _invalid(errors: Sequence[InvalidInput], exchange: Exchange) -> Answer:
    first = errors[0]
    record_refusal(exchange, EventKind.INPUT_REFUSED, field=first.field, code=first.code)
    told = [
        {"field": error.field, "code": error.code, "detail": MESSAGES.error_text(error.code, error.limits)}
        for error in errors
    ]
    status = _STATUS_OF_RULE.get(first.code, HTTPStatus.BAD_REQUEST)
    plain = answer_status(status)
    text = f"{first.field}: {told[0]['detail']}"
    return Answer(status=status, title=plain.title, text=text, members={"errors": told})


def _unexpected(error: Exception, exchange: Exchange) -> Answer:
    record_refusal(exchange, EventKind.UNEXPECTED_ERROR, Outcome.FAILURE, error=type(error).__name__)
    return answer_status(HTTPStatus.INTERNAL_SERVER_ERROR)


def _expired(reason: str, exchange: Exchange) -> Answer:
    title, text = MESSAGES.form_expired_title, MESSAGES.form_expired_text
    if reason == "csrf_no_binding" and not exchange.has_cookies and exchange.bearer is None:
        title = MESSAGES.no_cookie_title
        is_plain = exchange.scheme == "http"
        text = MESSAGES.no_cookie_plain_text if is_plain else MESSAGES.no_cookie_text
    return Answer(status=HTTPStatus.FORBIDDEN, title=title, text=text, gives_back=True)


def _later(status: int, wait: timedelta) -> Answer:
    plain = answer_status(status)
    return Answer(status=status, title=plain.title, text=plain.text, retry_after=wait)
