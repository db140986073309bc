"""The project's addresses, and the one that browsers report to."""

from django.urls import include, path

from support.beside.urls import urlpatterns as others

urlpatterns = [*others, path("", include("bastide.django.reports.urls"))]
