"""System checks: what would make the project unsafe, by id."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 -- Django's name
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from bastide.adopting import unadopted_warning
from bastide.core.encryption import NO_KEYS, Rotation
from bastide.core.foundation import ConfigurationError
from bastide.core.request import EVERY_LAYER, Layer
from bastide.django.conf import (
    ADAPTER_KEYS,
    bastide_apps,
    bastide_middleware,
    chosen_layers,
    column_keys,
    given_settings,
    read_settings,
    read_vocabulary,
    upload_storage,
)
from bastide.django.orm.encrypted import require_keys
from bastide.django.orm.sealed import sealed_columns
from bastide.django.requests.routes import all_patterns, missing_rules, routes_with_files
from bastide.django.wiring import bastide

POLICIES = {"django.middleware.csp.ContentSecurityPolicyMiddleware", "csp.middleware.CSPMiddleware"}
REPLACED = {
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    *POLICIES,
}
LAYERS_MIDDLEWARE = "bastide.django.layers.LayersMiddleware"
# What works where fields and templates are, whoever answers the request.
WITHOUT_REQUESTS = {Layer.ENCRYPTION, Layer.OUTPUT}
FACTORS_OF_OTHERS = ("allauth.mfa", "django_otp")
PAGE = "bastide.django.templating.page"


@register(Tags.security)
def check_settings(**_: Any) -> list[CheckMessage]:
    """``bastide.E001``: unknown or unsafe settings; ``bastide.E010``: their tables would be missing."""
    if "layers" in given_settings():
        return _check_layers()
    missing = [app for app in bastide_apps() if not apps.is_installed(app)]
    if missing:
        hint = "INSTALLED_APPS = [..., *bastide_apps()]"
        what = f"Apps with Bastide's tables are not installed: {', '.join(missing)}"
        return [Error(what, hint=hint, id="bastide.E010")]
    try:
        read_settings()
        read_vocabulary()
    except ConfigurationError as error:
        hint = f"settings.BASTIDE holds the controls and, besides, {', '.join(sorted(ADAPTER_KEYS))}."
        return [Error(str(error), hint=hint, id="bastide.E001")]
    return []


def _check_layers() -> list[CheckMessage]:
    if check_keys():
        return []  # bastide.E006 says why
    try:
        bastide()
    except (ConfigurationError, ImproperlyConfigured) as error:
        return [Error(str(error), id="bastide.E001")]
    return []


def _layers() -> frozenset[Layer]:
    """Return the layers that are on; of unknown ones ``bastide.E001`` says why none is."""
    try:
        chosen = chosen_layers()
    except ConfigurationError:
        return frozenset()
    return EVERY_LAYER if chosen is None else chosen


@register(Tags.security)
def check_middleware(**_: Any) -> list[CheckMessage]:
    """``bastide.E002``: the middleware is missing or not first; ``bastide.W002``: one is there twice."""
    found, layers = list(settings.MIDDLEWARE), _layers()
    problems: list[CheckMessage] = []
    first, hint, replaced = list(bastide_middleware()), "MIDDLEWARE = [*bastide_middleware(), ...]", REPLACED
    if Layer.ACCOUNTS not in layers:
        first = [LAYERS_MIDDLEWARE] if layers - WITHOUT_REQUESTS else []
        hint, replaced = (
            f'MIDDLEWARE = ["{LAYERS_MIDDLEWARE}", ...]',
            POLICIES if Layer.HEADERS in layers else set(),
        )
    if found[: len(first)] != first:
        problems.append(Error("Bastide's middleware must come first", hint=hint, id="bastide.E002"))
    for name in replaced.intersection(found):
        hint = "Take it out: Bastide's middleware stands in its place."
        problems.append(Warning(f"{name} does its work twice", hint=hint, id="bastide.W002"))
    return problems


@register(Tags.security)
def check_backends(**_: Any) -> list[CheckMessage]:
    """``bastide.E003``: another backend is a way in around the attempt budget."""
    if Layer.ACCOUNTS not in _layers() or list(settings.AUTHENTICATION_BACKENDS) == [
        "bastide.django.auth.BastideBackend"
    ]:
        return []
    hint = 'AUTHENTICATION_BACKENDS = ["bastide.django.auth.BastideBackend"]'
    return [Error("Every way in must draw from the attempt budget", hint=hint, id="bastide.E003")]


@register(Tags.security)
def check_factors(**_: Any) -> list[CheckMessage]:
    """``bastide.W010``: the sign-in page asks nobody for the second factor that another library keeps."""
    hint = "Have its users set one up under /account/factors; silence this check once they have."
    return [
        Warning(f"Bastide's sign-in asks for no second factor of {name}", hint=hint, id="bastide.W010")
        for name in FACTORS_OF_OTHERS
        if Layer.ACCOUNTS in _layers() and apps.is_installed(name)
    ]


@register(Tags.security)
def check_engine(**_: Any) -> list[CheckMessage]:
    """``bastide.E004``: sessions are kept elsewhere."""
    if Layer.ACCOUNTS not in _layers() or settings.SESSION_ENGINE == "bastide.django.sessions":
        return []
    hint = 'SESSION_ENGINE = "bastide.django.sessions"'
    return [Error("Sessions must be Bastide's", hint=hint, id="bastide.E004")]


@register(Tags.security)
def check_cookie(**_: Any) -> list[CheckMessage]:
    """``bastide.W003``: Django's own test client would look for the session under another name."""
    try:
        own = read_settings().cookies.session
    except ConfigurationError:
        return []  # another check says what is wrong
    if Layer.ACCOUNTS not in _layers() or own == settings.SESSION_COOKIE_NAME:
        return []
    hint = f'SESSION_COOKIE_NAME = "{own}"'
    return [Warning("The session cookie has another name than Bastide's", hint=hint, id="bastide.W003")]


@register(Tags.security)
def check_policy(**_: Any) -> list[CheckMessage]:
    """``bastide.W005``: Django 6's own content security policy is set, and never sent."""
    hint = 'BASTIDE = {"csp": {"directives": {...}, "report_only": {...}}}'
    return [
        Warning(f"settings.{name} is not sent: Bastide's policy counts", hint=hint, id="bastide.W005")
        for name in ("SECURE_CSP", "SECURE_CSP_REPORT_ONLY")
        if Layer.HEADERS in _layers() and getattr(settings, name, None)
    ]


@register(Tags.security)
def check_keys(**_: Any) -> list[CheckMessage]:
    """``bastide.E006``: the key ring is broken or missing, or encrypted fields miss a key."""
    try:
        keys = column_keys()
        if keys is None and {Layer.ENCRYPTION, Layer.ACCOUNTS} & _layers() == {Layer.ENCRYPTION}:
            raise ConfigurationError(NO_KEYS)  # noqa: TRY301 -- told as all others
        require_keys(apps.get_models(), keys)
    except ConfigurationError as error:
        return [Error(str(error), hint="See settings.BASTIDE_KEYS.", id="bastide.E006")]
    return []


@register(Tags.database, deploy=True)
def check_sealed(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """``bastide.E011``: stored values that no key of the ring opens; with ``--deploy --database default``.

    A deployment's own step, since it reads every sealed column as a whole.
    """
    if Layer.ENCRYPTION not in _layers():
        return []
    try:
        keys = bastide().services.column_keys
    except ImproperlyConfigured:
        return []  # bastide.E001 or E006 says why
    if keys is None or not databases:
        return []
    hint = (
        "Put the key back into settings.BASTIDE_KEYS, and no other one under its id; what no key sealed was"
        " written by somebody else."
    )
    counts = Rotation(keys, sealed_columns()).count()
    return [Error(str(each), hint=hint, id="bastide.E011") for each in counts if not each.can_open]


@register(Tags.database, deploy=True)
def check_hashes(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """``bastide.W006``: users whose stored hash nothing reads; with ``--deploy --database default``.

    A deployment's own step, since it reads every hash.
    """
    try:
        stored = bastide().services.stored_hashes
    except ImproperlyConfigured:
        return []  # bastide.E001 or E006 says why
    hint = "settings.PASSWORD_HASHERS lacks the hasher that made them, or they cost absurdly much to check."
    unread = stored.count_unread() if databases and Layer.ACCOUNTS in _layers() else {}
    return [
        Warning(f"{number} users cannot sign in: {why}", hint=hint, id="bastide.W006")
        for why, number in sorted(unread.items())
    ]


@register(Tags.database)
def check_users(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """``bastide.W007``: users without the keys that they sign in under; with ``--database default``."""
    if Layer.ACCOUNTS not in _layers():
        return []
    try:
        warning = unadopted_warning(bastide().services, "manage.py bastide_adopt") if databases else None
    except ImproperlyConfigured:
        return []  # bastide.E001 or E006 says why
    hint = "Users are taken up where nobody else has their names; the command names all others."
    return [] if warning is None else [Warning(warning, hint=hint, id="bastide.W007")]


@register(Tags.security, Tags.urls)
def check_uploads(**_: Any) -> list[CheckMessage]:
    """``bastide.E009``: there is no place for files that views take, or one that is sent to everybody."""
    try:
        upload_storage()
        found = bastide()
        patterns = (pattern for pattern, _ in all_patterns(found.prefix_rules))
        found.services.require_place_for_files(routes_with_files(patterns))
    except ImproperlyConfigured:
        return []  # bastide.E001 or E006 says why
    except ConfigurationError as error:
        hint = 'BASTIDE["upload_storage"] = BASE_DIR / "uploads", apart from static and media files'
        return [Error(str(error), hint=hint, id="bastide.E009")]
    return []


@register(Tags.security, Tags.urls)
def check_pages(**_: Any) -> list[CheckMessage]:
    """``bastide.E012``: nobody can be sent to sign in; ``bastide.W004``: the ready pages come out empty."""
    problems: list[CheckMessage] = []
    if (
        Layer.ACCOUNTS not in _layers()
        or not apps.is_installed("bastide.django.accounts")
        or check_settings()
    ):
        return problems  # bastide.E001 or E010 says why
    try:
        reverse("accounts:sign_in")
    except NoReverseMatch:
        hint = 'urlpatterns += [path("", include("bastide.django.accounts.urls"))]'
        problems.append(Error("The account pages have no addresses", hint=hint, id="bastide.E012"))
    engines: list[dict[str, Any]] = settings.TEMPLATES
    found = [engine.get("OPTIONS", {}).get("context_processors", ()) for engine in engines]
    if not any(PAGE in processors for processors in found):
        hint = f'TEMPLATES[0]["OPTIONS"]["context_processors"].append("{PAGE}")'
        problems.append(Warning("The ready pages miss their context", hint=hint, id="bastide.W004"))
    return problems


@register(Tags.security, Tags.urls)
def check_reports(**_: Any) -> list[CheckMessage]:
    """``bastide.E012``: browsers are told of an address for reports where there is none."""
    layers = _layers()
    if Layer.ACCOUNTS in layers or Layer.REPORTS not in layers or check_settings():
        return []  # the account pages have it, or bastide.E001 says why
    try:
        resolve(read_settings().csp.report_path)
    except Resolver404:
        hint = 'urlpatterns += [path("", include("bastide.django.reports.urls"))]'
        return [Error("Reports of browsers have no address", hint=hint, id="bastide.E012")]
    return []


@register(Tags.security, Tags.urls)
def check_rules(**_: Any) -> list[CheckMessage]:
    """``bastide.E005``: a URL pattern declares no rule."""
    try:
        found = bastide()
    except ImproperlyConfigured:
        return []  # bastide.E001 or E006 says why
    if Layer.RULES not in found.services.layers:
        return []
    hint = "Declare one: @public, @login_required, a mixin, or a prefix rule for somebody else's patterns."
    missing = missing_rules(found.prefix_rules)
    return [Error(f"{path} has no rule", hint=hint, id="bastide.E005") for path in missing]
