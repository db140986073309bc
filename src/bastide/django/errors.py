"""Sends the answers of `bastide.pages.answers`: pages for people, problem details for programs."""

import sys
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse

from bastide.core.foundation import BastideError, DataRefused, StoreUnavailable
from bastide.core.http import is_own_page
from bastide.django.connection import drop_read_only
from bastide.django.forms import secret_names
from bastide.django.requests.beside import answer_beside
from bastide.django.requests.context import exchange_of
from bastide.pages.answers import Answer, answer_error, answer_status, wants_problem, whole_seconds
from bastide.pages.resend import FILES_TYPE, FORM_TYPE, Resend, give_back, page_values


def refuse(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer an error of the controls."""
    return send(request, answer_error(error, exchange_of(request)))


def as_refusal(error: Exception) -> BastideError | None:
    """Return what an exception of a view means to the controls, or None for the unexpected."""
    match error:
        case BastideError():
            return error
        case IntegrityError() | DataError():
            return DataRefused(is_conflict=isinstance(error, IntegrityError))
        case DatabaseError() if drop_read_only(error):
            return _unavailable(error)
        case OperationalError() | InterfaceError():
            return _unavailable(error)
        case _:
            return None


def _unavailable(error: Exception) -> StoreUnavailable:
    unavailable = StoreUnavailable("the application's database did not answer")
    unavailable.__cause__ = error
    return unavailable


def send(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Return the response to an answer."""
    exchange = exchange_of(request)
    response: HttpResponse
    best = request.get_preferred_type(["text/html", "application/json"])
    if wants_problem(exchange, path=request.path_info, prefers_json=best == "application/json"):
        problem = answer.problem(exchange.request_id)
        response = JsonResponse(problem, status=answer.status, content_type="application/problem+json")
    elif not exchange.services.owns_accounts:
        response = answer_beside(request, answer)
    elif (resend := _typed(request, answer)) is None and answer.way_out:
        target = {"next": request.get_full_path()} if request.method in {"GET", "HEAD"} else {}
        query = f"?{urlencode(target, safe='/?')}" if target else ""
        response = HttpResponseRedirect(reverse(f"accounts:{answer.way_out}") + query)
        response.status_code = HTTPStatus.SEE_OTHER
    else:
        values = page_values(answer, resend)
        response = render(request, "bastide/error.html", values, status=answer.status)
    for name, value in answer.headers.items():
        response.headers[name] = value
    if answer.retry_after is not None:
        response.headers["Retry-After"] = str(whole_seconds(answer.retry_after))
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler400``: what Django itself found suspicious."""
    too_big = isinstance(exception, RequestDataTooBig)
    return _status(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_big else HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """``handler403``."""
    return _status(request, HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """``handler404``."""
    return _status(request, HTTPStatus.NOT_FOUND)


def unexpected(request: HttpRequest) -> HttpResponse:
    """``handler500``: one generic page with a request id (L3)."""
    # The handler is not handed the exception.
    cause = sys.exc_info()[1]
    return refuse(request, cause if isinstance(cause, Exception) else RuntimeError())


def fill_empty(request: HttpRequest, response: Any) -> Any:
    """Give a refusal without a body, such as Django's 405, the site's page; its headers stay."""
    if response.status_code < HTTPStatus.BAD_REQUEST or response.streaming or response.content:
        return response
    page = _status(request, response.status_code)
    for name, value in response.items():
        if name.lower() not in {"content-type", "content-length"}:
            page.headers[name] = value
    return page


def _status(request: HttpRequest, status: int) -> HttpResponse:
    return send(request, answer_status(status))


def _typed(request: HttpRequest, answer: Answer) -> Resend | None:
    """Return the form that a page of this site sent, to be given back with the refusal."""
    exchange = exchange_of(request)
    is_ours = is_own_page(
        own_origin=exchange.own_origin,
        origin=exchange.origin,
        fetch_site=request.headers.get("Sec-Fetch-Site"),
    )
    kind = request.content_type
    # Files of whoever was refused before they were read stay unread.
    is_form = kind == FORM_TYPE or (kind == FILES_TYPE and "_post" in vars(request))
    if not (answer.gives_back and is_ours and is_form and request.method == "POST"):
        return None
    try:
        given = give_back(dict(request.POST.lists()), request.FILES, secrets=secret_names())
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return None
    return None if given is None or (answer.way_out and not given.is_typed) else given
