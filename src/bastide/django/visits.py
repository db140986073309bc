"""Ready pages as views of Django's: a request as their functions see it, and what comes back."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from bastide.core.access import declare
from bastide.core.foundation import InvalidInput
from bastide.core.request import Exchange
from bastide.django.requests.context import exchange_of
from bastide.django.templating import home_url
from bastide.pages.answers import whole_seconds
from bastide.pages.visits import AccountRoute, Data, Done, GoTo, Page, Result


class DjangoVisit:
    """A request; see ``Visit``."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def exchange(self) -> Exchange:
        """See ``Visit``."""
        return exchange_of(self._request)

    @property
    def path(self) -> str:
        """See ``Visit``."""
        return self._request.path

    @property
    def next(self) -> str:
        """See ``Visit``."""
        return self._request.GET.get("next", "")

    @property
    def query(self) -> Mapping[str, Sequence[str]]:
        """See ``Visit``."""
        return dict(self._request.GET.lists())

    @cached_property
    def sent(self) -> Mapping[str, Sequence[str]] | None:
        """See ``Visit``."""
        return dict(self._request.POST.lists()) if self._request.method == "POST" else None

    @property
    def content_type(self) -> str:
        """See ``Visit``."""
        return self._request.content_type or ""

    def body(self, max_size_bytes: int) -> bytes:
        """See ``Visit``."""
        if int(self._request.META.get("CONTENT_LENGTH") or 0) > max_size_bytes:
            raise InvalidInput("body", "too_long", max=max_size_bytes)
        return self._request.body

    def url(self, page: str, **arguments: str) -> str:
        """See ``Visit``."""
        return home_url() if page == "home" else reverse(f"accounts:{page}", kwargs=arguments)

    def absolute_url(self, page: str, **arguments: str) -> str:
        """See ``Visit``."""
        return self._request.build_absolute_uri(self.url(page, **arguments))


def view_of(route: AccountRoute) -> Any:
    """Return the view of a ready page, with the page's rule."""

    def view(request: HttpRequest, **arguments: str) -> HttpResponse:
        if request.method not in {*route.methods, "HEAD" if "GET" in route.methods else ""}:
            return HttpResponseNotAllowed(route.methods)
        return _send(request, route.view(DjangoVisit(request), **arguments))

    view.methods = route.methods  # type: ignore[attr-defined]  # what the access matrix shows
    ruled = declare(view, route.rule)
    return csrf_exempt(ruled) if route.is_csrf_exempt else ruled


def _send(request: HttpRequest, result: Result) -> HttpResponse:
    match result:
        case Page(template=template, context=context, status=status, retry_after=wait):
            response = render(request, f"bastide/{template}.html", dict(context), status=status)
            if wait is not None:
                response.headers["Retry-After"] = str(whole_seconds(wait))
            return response
        case GoTo(url=url, notice=notice):
            if notice is not None:
                level = messages.DEFAULT_LEVELS[notice.level.upper()]
                messages.add_message(request, level, notice.text, fail_silently=True)
            redirect = HttpResponseRedirect(url)
            redirect.status_code = HTTPStatus.SEE_OTHER
            return redirect
        case Data(values=values):
            return JsonResponse(values)
        case Done():
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        case _:
            raise Http404
