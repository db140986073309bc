"""The project's addresses, and one that asks a backend itself, many times for one request."""

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse
from django.urls import path

from support.beside.urls import urlpatterns as others


def many(request: HttpRequest) -> HttpResponse:
    name, backend = request.POST["name"], ModelBackend()
    guesses = request.POST.getlist("guesses")
    found = [backend.authenticate(request, name, guess) for guess in guesses]
    return HttpResponse(" ".join(str(user) for user in found))


urlpatterns = [*others, path("many", many)]
