"""Where browsers send reports (``csp.report_path``): ``path("", include("bastide.django.reports.urls"))``."""

from collections.abc import Sequence

from django.urls import URLPattern, path

from bastide.core.foundation import ConfigurationError
from bastide.django.conf import read_settings
from bastide.django.visits import view_of
from bastide.pages.accounts import report_route
from bastide.pages.visits import AccountRoute

app_name = "bastide_reports"


def _routes() -> Sequence[AccountRoute]:
    try:
        return [report_route(read_settings())]
    except ConfigurationError:
        return []  # bastide.E001 says why, and the middleware does where no check runs


urlpatterns: list[URLPattern] = [path(route.path, view_of(route), name=route.name) for route in _routes()]
