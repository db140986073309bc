"""The blog's addresses, and views that say in Django's own words whom they let in."""

from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views import View

from blog_django.urls import handler400, handler403, handler404, handler500
from blog_django.urls import urlpatterns as own

__all__ = ["handler400", "handler403", "handler404", "handler500"]


@login_required
def mine(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"of {request.user}")


@permission_required("bastide_accounts.admin_access", raise_exception=True)
def of_administrators(request: HttpRequest) -> HttpResponse:
    return HttpResponse("of administrators")


class Mine(LoginRequiredMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return mine(request)


urlpatterns = [
    *own,
    path("own/mine", mine),
    path("own/mine-too", Mine.as_view()),
    path("own/administrators", of_administrators),
    path("own/enter", LoginView.as_view(template_name="none.html")),
    path("own/password", PasswordChangeView.as_view(template_name="none.html")),
]
