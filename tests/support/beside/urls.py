"""The project's addresses: its own, Django's sign-in, the admin; some say whom they let in."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required as django_login_required
from django.contrib.auth.decorators import permission_required as django_permission_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.generic import TemplateView
from django.views.generic.base import RedirectView

from bastide import Owns
from bastide.django import (
    by_method,
    login_required,
    permission_required,
    policy_required,
    principal,
    public,
)
from support.beside.models import Note


@public
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("welcome")


@public
def page(request: HttpRequest) -> HttpResponse:
    text = "<script nonce='{{ request.csp_nonce }}'></script>{{ request.csp_nonce }}"
    return HttpResponse(engines["django"].from_string(text).render({}, request))


@login_required
def me(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{principal(request).account_id} {principal(request).name}")


@permission_required("beside.change_note")
def edit(request: HttpRequest) -> HttpResponse:
    return HttpResponse("edited")


@policy_required(Owns("owner_id"), Note)
def read(request: HttpRequest, note: Note) -> HttpResponse:
    return HttpResponse(note.text)


@django_login_required
def mine(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"hello {request.user}")


@django_permission_required("beside.change_note", raise_exception=True)
def theirs(request: HttpRequest) -> HttpResponse:
    return HttpResponse("theirs")


class About(LoginRequiredMixin, TemplateView):
    template_name = "about.html"


@public
def find(request: HttpRequest) -> HttpResponse:
    name = request.GET["name"]
    with connection.cursor() as cursor:
        if "unsafe" in request.GET:
            cursor.execute(f"SELECT count(*) FROM auth_user WHERE username = '{name}'")
        else:
            cursor.execute("SELECT count(*) FROM auth_user WHERE username = %s", [name])
        return HttpResponse(cursor.fetchone()[0])


@public
def post(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"taken: {request.POST.get('text', '')}")


@public
async def later(request: HttpRequest) -> HttpResponse:
    return HttpResponse("welcome, later")


urlpatterns: list[Any] = [
    path("", home),
    path("page", page),
    path("me", me, name="me"),
    path("edit", edit),
    path("notes/<int:note_id>", read),
    path("mine", mine),
    path("theirs", theirs),
    path("about", About.as_view()),
    path("find", find),
    path("post", post),
    path("only", by_method(POST=post)),
    path("later", later),
    path("old", public(RedirectView.as_view(url="/"))),
    path("admin/", admin.site.urls),
    path("accounts/", include("django.contrib.auth.urls")),
]
