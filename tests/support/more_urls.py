"""The blog's addresses, and views as a project of one's own may write them: async, and on django.contrib.auth."""

from typing import Any

from django.contrib.auth import authenticate, get_user_model, login, logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from bastide.core.foundation import Secret
from bastide.core.sign_in import LoggedIn
from bastide.django import (
    LoginRequiredMixin,
    api,
    login_required,
    permission_required,
    probe,
    public,
    receive_upload,
)
from bastide.django.requests.context import exchange_of
from blog_django.urls import handler400, handler403, handler404, handler500
from blog_django.urls import urlpatterns as own

__all__ = ["handler400", "handler403", "handler404", "handler500"]


@public
@csrf_exempt
def enter(request: HttpRequest) -> HttpResponse:
    user = authenticate(request, username=request.GET["name"], password=request.GET["password"])
    if user is None:
        return HttpResponse("no", status=403)
    request.session["before"] = "kept"
    login(request, user)
    return HttpResponse(user.get_username())


@public
def enter_outright(request: HttpRequest) -> HttpResponse:
    """As libraries do that ask for no password: by a mailed code, or another site's word."""
    user = get_user_model().objects.get(username=request.GET["name"])
    request.session["before"] = "kept"
    login(request, user)
    return HttpResponse(user.get_username())


@probe
def healthy(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


@login_required
def leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponse("gone")


@login_required
def change_hands(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = "mine"
    exchange = exchange_of(request)
    assert exchange.active is not None
    if "name" in request.GET:
        secret = Secret(request.GET["password"])
        evidence = exchange.services.login.sign_in(
            request.GET["name"], secret, exchange.client, previous=exchange.active
        )
        assert isinstance(evidence, LoggedIn)
        exchange.sign_in(evidence)
    else:
        exchange.services.login.sign_out(exchange.active, exchange.client)
        exchange.sign_out()
    request.session["after"] = "theirs"
    return HttpResponse(request.session.get("seen", ""))


@public
def keep_before(request: HttpRequest) -> HttpResponse:
    request.session["before"] = "planted"
    return HttpResponse("kept")


@login_required
def rights_of(request: HttpRequest) -> HttpResponse:
    user = get_user_model().objects.get(username=request.GET["name"])
    return JsonResponse(sorted(user.get_all_permissions()), safe=False)


@public
def who(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"user": str(request.user), "before": request.session.get("before", "")})


@public
async def open_to_all(request: HttpRequest) -> HttpResponse:
    return HttpResponse("async")


@login_required
async def mine(request: HttpRequest) -> HttpResponse:
    user: Any = await request.auser()
    return HttpResponse(user.get_username())


@login_required
async def keep(request: HttpRequest) -> HttpResponse:
    kept = await request.session.aget("kept", "")
    await request.session.aset("kept", "a value")
    return HttpResponse(kept)


@permission_required("moderate_comments")
async def moderators(request: HttpRequest) -> HttpResponse:
    return HttpResponse("moderating")


@public
async def broken(request: HttpRequest) -> HttpResponse:
    message = "planted-secret"
    raise RuntimeError(message)


@api
@public
async def open_to_programs(_: HttpRequest) -> HttpResponse:
    return HttpResponse("async")


class AddNote(LoginRequiredMixin, View):
    takes_files = True

    def post(self, request: HttpRequest) -> HttpResponse:
        kept = receive_upload(request, "note:1", fields=("caption",))
        return HttpResponse(f"{kept.display_name}: {request.POST['caption']}")


urlpatterns = [
    *own,
    path("healthy", healthy),
    path("enter", enter),
    path("enter-outright", enter_outright),
    path("leave", leave),
    path("change-hands", change_hands),
    path("keep-before", keep_before),
    path("rights-of", rights_of),
    path("who", who),
    path("notes/add", AddNote.as_view()),
    path("async/open", open_to_all),
    path("async/open-to-programs", open_to_programs),
    path("async/mine", mine),
    path("async/keep", keep),
    path("async/moderators", moderators),
    path("async/broken", broken),
]
