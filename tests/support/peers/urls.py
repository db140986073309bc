"""The project's addresses."""

from typing import Any

import django
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt, csrf_protect, ensure_csrf_cookie

from bastide.django import login_required, permission_required, public
from support.peers import drf


@public
def open_to_all(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"hello {request.user}")


@login_required
def mine(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        request.session["note"] = request.POST["note"]
    return HttpResponse(f"{request.user}: {request.session.get('note', '')}")


@permission_required("read_note")
def readers(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a note")


@public
def basket(request: HttpRequest) -> HttpResponse:
    request.session["basket"] = "full"
    return HttpResponse("full")


def shows_toolbar(request: HttpRequest) -> bool:
    return request.path == "/page"


@public
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<html><head></head><body>a page</body></html>")


@public
def nonces(request: HttpRequest) -> JsonResponse:
    request_names: Any = request
    found = [
        str(request_names.csp_nonce),
        engines["django"].from_string("{{ csp_nonce }}").render({}, request),
    ]
    if django.VERSION >= (6,):
        from django.template.context_processors import csp  # type: ignore[attr-defined]  # of Django 6

        found.append(str(csp(request)["csp_nonce"]))
    return JsonResponse(found, safe=False)


@public
def form(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return HttpResponse("taken")
    return HttpResponse(engines["django"].from_string("{% csrf_token %}").render({}, request))


urlpatterns: list[Any] = [
    path("", open_to_all),
    path("mine", mine),
    path("readers", readers),
    path("page", page),
    path("basket", basket),
    path("nonces", nonces),
    path("form", form),
    path("protected", csrf_protect(form)),
    path("protected-inside", csrf_exempt(csrf_protect(form))),
    path("ensured", ensure_csrf_cookie(form)),
    path("drf/", include(drf.open_urls)),
    *drf.own_urls,
    path("__debug__/", include("debug_toolbar.urls")),
    path("admin/", admin.site.urls),
    path("", include("bastide.django.accounts.urls")),
]
