"""The project's addresses, with allauth's sign-in for programs beside that for people."""

from django.urls import include, path

from support.beside.allauth_urls import urlpatterns as others

urlpatterns = [*others, path("_allauth/", include("allauth.headless.urls"))]
