"""The blog's addresses, and a small API as a project of one's own may write it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views import View

from bastide.django import (
    ApiMixin,
    PermissionRequiredMixin,
    api,
    login_required,
    permission_required,
    principal,
    public,
)
from blog_django.urls import handler400, handler403, handler404, handler500
from blog_django.urls import urlpatterns as own

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def answer(request: HttpRequest) -> HttpResponse:
    who = principal(request)
    request.session["note"] = "kept for nobody"
    return JsonResponse({"name": who.name, "rights": sorted(who.permissions), "user": str(request.user)})


class Notes(ApiMixin, PermissionRequiredMixin, View):
    permission = "write_post"

    def get(self, request: HttpRequest) -> HttpResponse:
        return answer(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        return answer(request)


@api
@permission_required("admin_access")
def admin(request: HttpRequest) -> HttpResponse:
    return answer(request)


@api
@public
def open_to_all(request: HttpRequest) -> HttpResponse:
    return answer(request)


@api
@permission_required("write_post")
async def asynchronous(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"name": principal(request).name})


@login_required
def page(request: HttpRequest) -> HttpResponse:
    return answer(request)


urlpatterns = [
    *own,
    path("api/notes", Notes.as_view()),
    path("api/admin", admin),
    path("api/open", open_to_all),
    path("api/async", asynchronous),
    path("no-api", page),
]
