"""The project's addresses, a page for API tokens of one's own, and an API that takes them."""

from django.contrib.auth.decorators import login_required as django_login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from bastide.django import (
    api,
    issue_token,
    login_required,
    own_tokens,
    permission_required,
    principal,
    public,
    revoke_token,
)
from support.beside.urls import urlpatterns as others


@django_login_required
def tokens(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return JsonResponse([token.id for token in own_tokens(request)], safe=False)
    if request.method == "DELETE":
        return JsonResponse({"revoked": revoke_token(request, request.GET["id"])})
    issued = issue_token(request, "script", request.POST.getlist("scope"))
    return HttpResponse("" if issued is None else issued.text.reveal())


@api
@login_required
def who(request: HttpRequest) -> HttpResponse:
    user = request.user
    names = ("beside.change_note", "beside.delete_note")
    return JsonResponse(
        {
            "name": user.get_username(), "same": principal(request).account_id == user.pk,
            "may": [name for name in names if user.has_perm(name)], "both": user.has_perms(names),
            "all": sorted(user.get_all_permissions()), "module": user.has_module_perms("auth"),
        }
    )  # fmt: skip


@api
@permission_required("beside.change_note")
def change(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"changed {request.POST.get('text', '')}")


@api
@permission_required("beside.change_note")
async def change_later(request: HttpRequest) -> HttpResponse:
    user = await request.auser()
    return HttpResponse(f"{user} {await user.ahas_perm('beside.change_note')}")


@api
@public
def anybody(request: HttpRequest) -> HttpResponse:
    return HttpResponse(principal(request).name or "stranger")


@public
def own_bearer(request: HttpRequest) -> HttpResponse:
    """Takes tokens of the project's own."""
    return HttpResponse(f"{request.headers.get('Authorization')} {request.user}")


urlpatterns = [
    *others,
    path("tokens", tokens),
    path("api/who", who),
    path("api/change", change),
    path("api/change-later", change_later),
    path("api/anybody", anybody),
    path("own", own_bearer),
]
