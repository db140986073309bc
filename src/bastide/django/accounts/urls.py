"""The ready account pages: ``path("", include("bastide.django.accounts.urls"))``."""

from collections.abc import Sequence

from django.urls import URLPattern, path

from bastide.core.foundation import ConfigurationError
from bastide.django.conf import read_settings
from bastide.django.visits import view_of
from bastide.pages.accounts import account_routes
from bastide.pages.visits import AccountRoute

app_name = "accounts"


def _routes() -> Sequence[AccountRoute]:
    try:
        return account_routes(read_settings())
    except ConfigurationError:
        return ()  # bastide.E001 says why, and the middleware does where no check runs


urlpatterns: list[URLPattern] = [path(route.path, view_of(route), name=route.name) for route in _routes()]
