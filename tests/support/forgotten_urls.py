"""The blog's addresses and two that somebody forgot to guard."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from blog_django.urls import urlpatterns as own


def forgotten(_: HttpRequest) -> HttpResponse:
    return HttpResponse("open to everybody")


urlpatterns = [*own, path("forgotten", forgotten), path("also", forgotten)]
