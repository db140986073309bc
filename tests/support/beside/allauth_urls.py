"""The project's addresses, with allauth's sign-in in the place of Django's."""

from django.urls import include, path

from support.beside.urls import urlpatterns as others

urlpatterns = [path("accounts/", include("allauth.urls")), *others]
