"""The project's addresses."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from bastide.django import login_required, permission_required, public


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


def shows_toolbar(request: HttpRequest) -> bool:
    return request.path == "/page"


@public
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<html><head></head><body>a page</body></html>")


urlpatterns: list[Any] = [
    path("", open_to_all),
    path("mine", mine),
    path("readers", readers),
    path("page", page),
    path("admin/", admin.site.urls),
    path("", include("bastide.django.accounts.urls")),
]
