"""Django's settings, as they stand once the project is configured."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from bastide.check.findings import Finding, found
from bastide.check.live.places import Place, Places
from bastide.check.live.secret_keys import weakness
from bastide.check.rules import Severity
from bastide.core.request import EVERY_LAYER, Layer

WHOLE: Final = "bastide.django.middleware.BastideMiddleware"
LAYERS: Final = "bastide.django.layers.LayersMiddleware"
SECURITY: Final = "django.middleware.security.SecurityMiddleware"
SESSION: Final = "django.contrib.sessions.middleware.SessionMiddleware"
COMMON: Final = "django.middleware.common.CommonMiddleware"
CSRF: Final = "django.middleware.csrf.CsrfViewMiddleware"
AUTHENTICATION: Final = "django.contrib.auth.middleware.AuthenticationMiddleware"
LOGIN: Final = "django.contrib.auth.middleware.LoginRequiredMiddleware"
# Each must stand before those after it.
ORDER: Final = (
    (SESSION, AUTHENTICATION), (AUTHENTICATION, LOGIN), (SESSION, CSRF), (SECURITY, SESSION),
    (SECURITY, COMMON),
    (SESSION, "django.contrib.messages.middleware.MessageMiddleware"),
)  # fmt: skip
LONGEST_SECONDS: Final = 31 * 24 * 3600
WEAK_HASHERS: Final = re.compile(r"^(Unsalted|MD5|SHA1|Crypt|Plain)")
TOOLS: Final = ("debug_toolbar", "silk", "django_pdb", "pyinstrument")


class SettingPlaces:
    """Where settings are written: in the settings module, or one that it imports."""

    def __init__(self, settings: Any, places: Places) -> None:
        self._places = places
        name = str(getattr(settings, "SETTINGS_MODULE", ""))
        package = name.rpartition(".")[0] or name
        modules = [sys.modules.get(name)]
        modules += [each for each in places.own_modules if package and each.__name__.startswith(package)]
        self._files = [str(file) for module in modules if (file := getattr(module, "__file__", None))]

    def __call__(self, name: str) -> Place:
        """Return where the setting is written, else the settings module's first line."""
        place = self._places.of_word(name, self._files) if self._files else self._places.nowhere
        if place == self._places.nowhere and self._files:
            return self._places.at(self._files[0], 1)
        return place


def layers_on(settings: Any) -> frozenset[Layer]:
    """Return the layers of Bastide's that are on."""
    if WHOLE in settings.MIDDLEWARE:
        return EVERY_LAYER
    given = getattr(settings, "BASTIDE", {}).get("layers", ()) if LAYERS in settings.MIDDLEWARE else ()
    return frozenset(Layer(name) for name in given if name in set(Layer))


def check_django_settings(settings: Any, places: Places) -> list[Finding]:
    """Return what the settings leave open."""
    at, layers = SettingPlaces(settings, places), layers_on(settings)
    return [
        *_check_secrets(settings, at),
        *_check_debug(settings, at),
        *_check_hosts(settings, at),
        *_check_cookies(settings, at, layers),
        *_check_sessions(settings, at),
        *_check_middleware(settings, at, layers),
        *_check_passwords(settings, at, layers),
        *_check_templates(settings, at),
        *_check_folders(settings, at),
        *_check_libraries(settings, at),
    ]


def _check_secrets(settings: Any, at: SettingPlaces) -> list[Finding]:
    keys = [("SECRET_KEY", getattr(settings, "SECRET_KEY", ""))]
    keys += [("SECRET_KEY_FALLBACKS", key) for key in getattr(settings, "SECRET_KEY_FALLBACKS", ())]
    weak = [(name, weakness(key)) for name, key in keys if key]
    return [found("BST201", *at(name), f"the key of {name} {why}") for name, why in weak if why]


def _check_debug(settings: Any, at: SettingPlaces) -> list[Finding]:
    findings = []
    if settings.DEBUG:
        findings.append(found("BST202", *at("DEBUG"), "DEBUG is on"))
        findings += [
            found("BST202", *at("INSTALLED_APPS"), f"{name} shows queries and settings to whoever comes")
            for name in TOOLS
            if name in settings.INSTALLED_APPS
        ]
    if getattr(settings, "DEBUG_PROPAGATE_EXCEPTIONS", False):
        findings.append(
            found("BST202", *at("DEBUG_PROPAGATE_EXCEPTIONS"), "DEBUG_PROPAGATE_EXCEPTIONS is on")
        )
    return findings


def _check_hosts(settings: Any, at: SettingPlaces) -> list[Finding]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    findings = [found("BST203", *at("ALLOWED_HOSTS"), "ALLOWED_HOSTS lets every host in")]
    if settings.USE_X_FORWARDED_HOST:
        message = "the host is taken from X-Forwarded-Host, and no host is refused"
        findings.append(found("BST228", *at("USE_X_FORWARDED_HOST"), message))
    return findings


def _has_sessions(settings: Any) -> bool:
    return any(name.endswith("SessionMiddleware") for name in settings.MIDDLEWARE)


def _check_cookies(settings: Any, at: SettingPlaces, layers: frozenset[Layer]) -> list[Finding]:
    findings = []
    if _has_sessions(settings) and Layer.ACCOUNTS not in layers:
        findings += _check_session_cookie(settings, at)
    is_sent = CSRF in settings.MIDDLEWARE and not settings.CSRF_USE_SESSIONS
    if is_sent and not settings.CSRF_COOKIE_SECURE:
        findings.append(found("BST207", *at("CSRF_COOKIE_SECURE"), "CSRF_COOKIE_SECURE is off"))
    return findings


def _check_session_cookie(settings: Any, at: SettingPlaces) -> list[Finding]:
    findings = []
    if not settings.SESSION_COOKIE_SECURE:
        message = "SESSION_COOKIE_SECURE is off: the session also goes over HTTP"
        findings.append(found("BST204", *at("SESSION_COOKIE_SECURE"), message))
    if not settings.SESSION_COOKIE_HTTPONLY:
        message = "SESSION_COOKIE_HTTPONLY is off: scripts read the session"
        findings.append(found("BST205", *at("SESSION_COOKIE_HTTPONLY"), message))
    if str(settings.SESSION_COOKIE_SAMESITE).lower() not in {"lax", "strict"}:
        findings.append(found("BST206", *at("SESSION_COOKIE_SAMESITE"), "SESSION_COOKIE_SAMESITE is off"))
    name, wide = settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_DOMAIN
    if wide or not name.startswith(("__Host-", "__Secure-")):
        why = (
            f"goes to every host below {wide}" if wide else f"is called {name!r}, which any subdomain can set"
        )
        findings.append(found("BST208", *at("SESSION_COOKIE_NAME"), f"the session cookie {why}"))
    return findings


def _check_sessions(settings: Any, at: SettingPlaces) -> list[Finding]:
    findings: list[Finding] = []
    if not _has_sessions(settings):
        return findings
    if settings.SESSION_ENGINE == "django.contrib.sessions.backends.signed_cookies":
        message = "sessions are kept in the cookie alone: signing out does not end them"
        findings.append(found("BST210", *at("SESSION_ENGINE"), message))
    if settings.SESSION_COOKIE_AGE > LONGEST_SECONDS:
        days = settings.SESSION_COOKIE_AGE // 86400
        findings.append(found("BST211", *at("SESSION_COOKIE_AGE"), f"sessions last {days} days"))
    return findings


def _check_middleware(settings: Any, at: SettingPlaces, layers: frozenset[Layer]) -> list[Finding]:
    names, findings = list(settings.MIDDLEWARE), []
    if Layer.FORGERY not in layers and not _contains(names, CSRF):
        findings.append(
            found("BST213", *at("MIDDLEWARE"), "CsrfViewMiddleware is missing: nothing asks for a token")
        )
    if not layers & {Layer.TRANSPORT, Layer.HEADERS} and not _contains(names, SECURITY):
        findings.append(found("BST223", *at("MIDDLEWARE"), "SecurityMiddleware is missing"))
    for first, second in ORDER:
        if first in names and second in names and names.index(first) > names.index(second):
            message = f"{_last(second)} stands before {_last(first)}"
            findings.append(found("BST223", *at("MIDDLEWARE"), message))
    return findings


def _contains(names: Iterable[str], wanted: str) -> bool:
    """Tell whether the middleware is there, or one that is called like it or derives from it."""
    from django.utils.module_loading import import_string  # noqa: PLC0415

    for name in names:
        if name == wanted or _last(name).endswith(_last(wanted)):
            return True
        try:
            made = import_string(name)
        except (ImportError, AttributeError):
            continue
        if isinstance(made, type) and any(
            f"{each.__module__}.{each.__qualname__}" == wanted for each in made.__mro__
        ):
            return True
    return False


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _check_passwords(settings: Any, at: SettingPlaces, layers: frozenset[Layer]) -> list[Finding]:
    if "django.contrib.auth" not in settings.INSTALLED_APPS:
        return []
    findings = []
    names = [_last(name) for name in settings.PASSWORD_HASHERS]
    weak = [name for name in names if WEAK_HASHERS.search(name)]
    if weak:
        # Further down it reads old hashes, which are made anew when their owners sign in.
        severity = None if names[0] == weak[0] else Severity.LOW
        message = f"{', '.join(weak)} is among PASSWORD_HASHERS"
        findings.append(found("BST224", *at("PASSWORD_HASHERS"), message, severity=severity))
    validators = {_last(each["NAME"]): each.get("OPTIONS", {}) for each in settings.AUTH_PASSWORD_VALIDATORS}
    if not validators and Layer.ACCOUNTS not in layers:
        findings.append(found("BST225", *at("AUTH_PASSWORD_VALIDATORS"), "AUTH_PASSWORD_VALIDATORS is empty"))
    length = validators.get("MinimumLengthValidator", {}).get("min_length", 8)
    if length < 8:  # noqa: PLR2004 -- ASVS's least
        message = f"passwords of {length} letters are taken"
        findings.append(found("BST225", *at("AUTH_PASSWORD_VALIDATORS"), message))
    return findings


def _check_templates(settings: Any, at: SettingPlaces) -> list[Finding]:
    return [
        found("BST240", *at("autoescape"), "TEMPLATES does not escape values")
        for engine in settings.TEMPLATES
        if engine.get("OPTIONS", {}).get("autoescape", True) is False
    ]


def _check_folders(settings: Any, at: SettingPlaces) -> list[Finding]:
    findings = []
    given = [each[1] if isinstance(each, list | tuple) else each for each in settings.STATICFILES_DIRS]
    static = [Path(each).resolve() for each in (settings.STATIC_ROOT, *given) if each]
    media = settings.MEDIA_ROOT and Path(settings.MEDIA_ROOT).resolve()
    if media and any(media.is_relative_to(each) for each in static):
        message = "MEDIA_ROOT is below a static folder: what people send is served as it came"
        findings.append(found("BST260", *at("MEDIA_ROOT"), message))
    if settings.DATA_UPLOAD_MAX_MEMORY_SIZE is None:
        message = "DATA_UPLOAD_MAX_MEMORY_SIZE is None: a request may be as large as it likes"
        findings.append(found("BST261", *at("DATA_UPLOAD_MAX_MEMORY_SIZE"), message))
    return findings


def _check_libraries(settings: Any, at: SettingPlaces) -> list[Finding]:
    findings = []
    everybody = [
        name for name in ("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL") if getattr(settings, name, False)
    ]
    if everybody and getattr(settings, "CORS_ALLOW_CREDENTIALS", False):
        message = f"{everybody[0]} is on with CORS_ALLOW_CREDENTIALS"
        findings.append(found("BST234", *at(everybody[0]), message))
    if "rest_framework" in settings.INSTALLED_APPS:
        given = getattr(settings, "REST_FRAMEWORK", {}).get("DEFAULT_PERMISSION_CLASSES", ())
        if not [name for name in given if not str(name).endswith("AllowAny")]:
            message = "DEFAULT_PERMISSION_CLASSES lets everybody in"
            findings.append(found("BST222", *at("REST_FRAMEWORK"), message))
    return findings
