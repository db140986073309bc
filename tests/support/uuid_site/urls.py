"""The site on Django: the account pages, and a sheet that only its owner opens."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import include, path
from django.views.generic import View

from bastide import Owns
from bastide.django import PolicyRequiredMixin, login_required, principal, public, visible
from support.uuid_site.models import Sheet

handler400 = "bastide.django.errors.bad_request"
handler403 = "bastide.django.errors.forbidden"
handler404 = "bastide.django.errors.not_found"
handler500 = "bastide.django.errors.unexpected"
OWN = Owns("owner_id")


@public
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


@public
def csrf_token(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"token": get_token(request)})


@login_required
def sheets(request: HttpRequest) -> HttpResponse:
    found = visible(request, OWN, Sheet.objects.all())
    listed = [sheet.pk for sheet in found]
    may = [sheet.pk for sheet in Sheet.objects.all() if request.user.has_perm("read_sheet", sheet)]
    assert listed == may
    return JsonResponse({"me": principal(request).account_id, "listed": listed})


class OneSheet(PolicyRequiredMixin, View):
    policy = OWN
    pk_url_kwarg = "sheet_id"

    def get_queryset(self) -> Any:
        return Sheet.objects.all()

    def get(self, _request: HttpRequest, **_: Any) -> HttpResponse:
        return HttpResponse(str(self.get_object()))


urlpatterns = [
    path("", home),
    path("csrf-token", csrf_token),
    path("sheets", sheets),
    path("sheets/<uuid:sheet_id>", OneSheet.as_view()),
    path("raw-sheets/<sheet_id>", OneSheet.as_view()),
    path("", include("bastide.django.accounts.urls")),
]
