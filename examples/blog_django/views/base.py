"""What the views share."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import F, Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from bastide import parse_identifier
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


def hidden_images(request: HttpRequest, html: str) -> tuple[str, ...]:
    """Return the pictures that readers will not see."""
    hidden: tuple[str, ...] = request.bastide.hidden_images(html)  # type: ignore[attr-defined]  # set by the middleware
    return hidden


@contextmanager
def held(row: Model) -> Iterator[None]:
    """Keep others from changing the row meanwhile, on SQLite too, and go on from what it is now.

    Raises:
        Http404: it is gone meanwhile.
    """
    key = row._meta.pk.name  # noqa: SLF001 -- Django's documented name
    with transaction.atomic():
        # A write locks on every database; reading first would leave a gap before it.
        if not type(row)._default_manager.filter(pk=row.pk).update(**{key: F(key)}):  # noqa: SLF001 -- the same
            raise Http404
        row.refresh_from_db()
        yield
