"""The project's addresses, and one that does not say whom it lets in."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from support.beside.urls import urlpatterns as others


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"whoever {request.user} is")


urlpatterns = [*others, path("forgotten", forgotten)]
