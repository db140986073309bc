"""Everything that a configured Django project tells."""

import sys
from collections.abc import Mapping
from typing import Any, Final

from django.apps import apps
from django.urls import get_resolver

from bastide.check.findings import Finding, found
from bastide.check.live.answers import check_answers, safe_paths
from bastide.check.live.asking import ask_all, asking_django
from bastide.check.live.columns import check_columns
from bastide.check.live.django_models import check_fields, django_columns, own_models
from bastide.check.live.django_routes import is_of_rest_framework, routes_below
from bastide.check.live.django_settings import WHOLE, SettingPlaces, check_django_settings, layers_on
from bastide.check.live.flask_forms import BY_HEADER, LIMITING
from bastide.check.live.guards import functions_around
from bastide.check.live.parts import ApplicationError, Part, Routes
from bastide.check.live.places import Places
from bastide.check.live.routes import SIGN_IN, SeenRoute, check_routes
from bastide.core.access import Rule
from bastide.core.request import Layer

LIMITERS: Final = frozenset(
    {"axes", "defender", "django_ratelimit", "ratelimit", "brutebuster", "allauth", "two_factor"}
)
SECOND_FACTORS: Final = ("django_otp", "allauth.mfa", "two_factor", "django_mfa2", "mfa")


def django_parts(settings: Any, places: Places, routes: Routes, *, has_apps: bool) -> list[Part]:
    """Return what looks at the project, part by part.

    Args:
        settings: Django's.
        places: finds its lines.
        routes: reads them, once.
        has_apps: the apps are loaded, and with them models and routes.
    """
    if not has_apps:
        return [lambda: check_django_settings(settings, places)]
    return [
        *quiet_parts(settings, places, routes),
        lambda: _check_answers(settings, routes(), places),
    ]


def quiet_parts(settings: Any, places: Places, routes: Routes) -> list[Part]:
    """Return what looks at the project without asking for a page."""
    return [
        lambda: check_django_settings(settings, places),
        lambda: _check_models(settings, places),
        lambda: check_routes_of(settings, routes(), places),
    ]


def _check_models(settings: Any, places: Places) -> list[Finding]:
    models = own_models(apps.get_models(), places)
    columns = django_columns(models, _user_model(), places)
    has_keys = Layer.ACCOUNTS in layers_on(settings)
    return check_columns(columns, has_keys=has_keys) + check_fields(models, places)


def _check_answers(settings: Any, routes: list[SeenRoute], places: Places) -> list[Finding]:
    paths = safe_paths(_without_patterns(routes))
    has_proxy = settings.SECURE_PROXY_SSL_HEADER is not None or bool(layers_on(settings))
    asked = ask_all(asking_django(), paths, _host(settings), has_proxy=has_proxy)
    return check_answers(asked, SettingPlaces(settings, places)("MIDDLEWARE"))


def check_routes_of(settings: Any, routes: list[SeenRoute], places: Places) -> list[Finding]:
    """Return what the routes leave open."""
    at = SettingPlaces(settings, places)
    return [
        *check_routes(routes),
        *_check_exempt(routes),
        *_check_sign_in(settings, routes, at),
        *_check_admin(settings, routes, at),
    ]


def seen_routes(settings: Any, places: Places) -> list[SeenRoute]:
    """Return every pattern and method of the root URLconf.

    Raises:
        ApplicationError: it does not load.
    """
    try:
        patterns = get_resolver(settings.ROOT_URLCONF).url_patterns
    except Exception as error:
        problem = f"the URLconf {settings.ROOT_URLCONF} does not load: {type(error).__name__}: {error}"
        raise ApplicationError(problem) from error
    return routes_below(patterns, settings, places, rules=_bastide_rules(settings))


def bastide_roles(settings: Any) -> dict[str, frozenset[str]]:
    """Return the declared roles; none without Bastide's accounts."""
    given = getattr(settings, "BASTIDE", {}).get("roles", {}) if WHOLE in settings.MIDDLEWARE else {}
    return {str(name): frozenset(permissions) for name, permissions in given.items()}


def _bastide_rules(settings: Any) -> Mapping[tuple[str, Any], Rule]:
    if Layer.RULES not in layers_on(settings):
        return {}
    from bastide.django.requests.routes import all_patterns  # noqa: PLC0415 -- only where Bastide is in it

    given = getattr(settings, "BASTIDE", {}).get("prefix_rules", {})
    return {
        (pattern.path, pattern.view): pattern.rule for pattern, has_rule in all_patterns(given) if has_rule
    }


def _user_model() -> Any:
    if not apps.is_installed("django.contrib.auth"):
        return None
    from django.contrib.auth import get_user_model  # noqa: PLC0415 -- only where it is installed

    return get_user_model()


def _without_patterns(routes: list[SeenRoute]) -> list[SeenRoute]:
    """Return those whose path is an address as it stands."""
    return [route for route in routes if not set(route.path) & set("^$\\*+?|")]


def _host(settings: Any) -> str:
    given = getattr(settings, "BASTIDE", {}).get("transport", {}).get("allowed_hosts", ())
    hosts = [str(host) for host in (*sorted(given), *settings.ALLOWED_HOSTS) if "*" not in str(host)]
    return f"www{hosts[0]}" if hosts and hosts[0].startswith(".") else next(iter(hosts), "localhost")


def _check_exempt(routes: list[SeenRoute]) -> list[Finding]:
    """Return views that are taken out of the forgery check; REST framework's check it themselves."""
    return [
        found("BST214", *route.place, f"{route.method} {route.path} is taken out of the forgery check")
        for route in routes
        if route.is_own and route.is_change and getattr(route.view, "csrf_exempt", False)
        and not is_of_rest_framework(route.view) and not BY_HEADER.search(route.decided_by)
        and not any(word in route.words.lower() for word in ("hook", "callback", "notify", "csp", "report"))
        and not (route.rule is not None and (route.rule.takes_tokens or route.is_open))
    ]  # fmt: skip


def _check_sign_in(settings: Any, routes: list[SeenRoute], at: SettingPlaces) -> list[Finding]:
    """Return the first sign-in whose attempts nothing counts."""
    if Layer.ATTEMPTS in layers_on(settings) or any(name in settings.INSTALLED_APPS for name in LIMITERS):
        return []
    if any(LIMITING.search(name) for name in settings.MIDDLEWARE):
        return []
    for route in routes:
        if route.method != "POST" or not SIGN_IN.search(route.words) or LIMITING.search(_words(route.view)):
            continue
        place = route.place if route.is_own else at("MIDDLEWARE")
        return [found("BST221", *place, f"POST {route.path} checks passwords, and nothing counts attempts")]
    return []


def _words(view: Any) -> str:
    return " ".join(
        " ".join((each.__code__.co_qualname, *each.__code__.co_names)) for each in functions_around(view)
    )


def _check_admin(settings: Any, routes: list[SeenRoute], at: SettingPlaces) -> list[Finding]:
    """Return that the admin's own sign-in stands beside second factors; under Bastide there is none."""
    if WHOLE in settings.MIDDLEWARE or not any(name in settings.INSTALLED_APPS for name in SECOND_FACTORS):
        return []
    sites: Any = sys.modules.get("django.contrib.admin.sites")
    plain = getattr(getattr(sites, "AdminSite", None), "login", None)
    for route in routes:
        if route.name.endswith(":login") and plain is not None:
            site = next(
                (each for each in getattr(sites, "all_sites", ()) if route.name.startswith(each.name)), None
            )
            if site is not None and type(site).login is plain and "login" not in vars(site):
                message = f"{route.path} signs in by password alone, beside a second factor elsewhere"
                return [found("BST220", *at("INSTALLED_APPS"), message)]
    return []
