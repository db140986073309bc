"""What the views share."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from bastide.core.inputs import parse_identifier
from bastide.django import principal


def go_to(url: str) -> HttpResponseRedirect:
    """Redirect after a POST (303)."""
    response = HttpResponseRedirect(url)
    response.status_code = HTTPStatus.SEE_OTHER
    return response


def done(request: HttpRequest, text: str, url: str) -> HttpResponseRedirect:
    """Say that it worked and go on."""
    messages.success(request, text)
    return go_to(url)


def form_page(request: HttpRequest, template: str, view: Any, **context: Any) -> HttpResponse:
    """Show a form; one with errors is a 400."""
    status = HTTPStatus.BAD_REQUEST if view is not None and view.invalid else HTTPStatus.OK
    return render(request, template, {"form": view, **context}, status=status)


def caller_id(request: HttpRequest) -> int:
    """Return the id of the caller, whom the view's rule has let in."""
    return parse_identifier(str(principal(request).account_id))
