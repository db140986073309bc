"""Beside accounts that are not Bastide's: who acts, what views of Django's declare, whose pages answer."""

import inspect
import sys
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, loader
from django.urls import get_resolver, get_urlconf
from django.utils.module_loading import import_string

from bastide.core.access import PUBLIC, Audience, Rule
from bastide.core.foundation import STRANGER, AccountId, ConfigurationError, Principal
from bastide.core.request import KEEPING_LAYERS, Layer
from bastide.django.connection import users_as_written
from bastide.django.requests.guards import class_of, rule_of
from bastide.pages.answers import Answer

# Whom such a view lets in, it asks itself.
LEFT_TO_VIEW: Final = Rule(audience=Audience.EVERYBODY)
CSRF: Final = "django.middleware.csrf.CsrfViewMiddleware"
# They stand on Bastide's accounts.
BACKEND: Final = "bastide.django.auth.BastideBackend"
SESSIONS: Final = "bastide.django.sessions"
# The apps of layers that hang into Django's own places, or keep a table.
APPS: Final[dict[str, frozenset[Layer]]] = {
    "bastide.django": frozenset({Layer.QUERIES, Layer.OUTPUT, *KEEPING_LAYERS}),
    "bastide.django.attempts": frozenset({Layer.ATTEMPTS}),
    "bastide.django.keys": frozenset({Layer.ENCRYPTION}),
    "bastide.django.log": frozenset({Layer.LOG}),
    "bastide.django.reports": frozenset({Layer.REPORTS}),
    "bastide.django.tokens": frozenset({Layer.API_TOKENS}),
    "bastide.django.uploads": frozenset({Layer.UPLOADS}),
}
_HANDLED: Final[dict[int, tuple[Exception, ...]]] = {
    400: (SuspiciousOperation(),), 403: (PermissionDenied(),), 404: (Http404(),), 500: (),
}  # fmt: skip


class UserPermissions(AbstractSet[str]):
    """What a user of Django's may do; the project's backends are asked when somebody wants to know."""

    def __init__(self, user: Any) -> None:
        self._user = user

    # What is made of two sets of names is such a set.
    _from_iterable = frozenset

    def __contains__(self, permission: object) -> bool:
        return bool(self._user.has_perm(permission))

    def __iter__(self) -> Iterator[str]:
        return iter(self._user.get_all_permissions())

    def __len__(self) -> int:
        return len(self._user.get_all_permissions())

    def __hash__(self) -> int:
        return hash(frozenset(self))


def principal_of_request(request: HttpRequest | None) -> Principal:
    """Return who ``request.user`` says acts, a stranger where nothing does."""
    user: Any = getattr(request, "user", None)
    return STRANGER if user is None or not user.is_authenticated else principal_of_user(user)


def load_owner(account_id: AccountId) -> Principal:
    """Return who has the id, as the project's users are now; nobody, and nobody active, is a stranger."""
    user = users_as_written().filter(pk=account_id).first()
    return STRANGER if user is None or not user.is_active else principal_of_user(user)


def principal_of_user(user: Any) -> Principal:
    """Return the user as who acts, with the rights that the project's backends give."""
    return Principal(account_id=user.pk, name=user.get_username(), permissions=UserPermissions(user))


def declared_rule(view: Callable[..., Any]) -> Rule | None:
    """Return the rule that a view declares in Bastide's words or in Django's, or None.

    Django's own are ``login_not_required``, the decorators, mixins and views of ``django.contrib.auth``, the
    admin's views, and ``LoginRequiredMiddleware``, which asks for all the rest; REST framework's views count
    where somebody chose permissions, for the view or for all. Those go on asking by themselves.
    """
    found = rule_of(view)
    if found is not None:
        return found
    view_class = class_of(view)
    if hasattr(view_class, "authentication_classes"):
        # They are all marked as needing no login, chosen or not.
        return LEFT_TO_VIEW if _asks_for_permissions(view_class) else None
    if not getattr(view, "login_required", True):
        return PUBLIC
    asks = (
        any(hasattr(view, mark) for mark in ("login_url", "admin_site", "model_admin"))
        or getattr(view_class, "__module__", "") == "django.contrib.auth.views"
        or _is_wrapped_by_admin(view)
        or _has_access_mixin(view_class)
        or _is_login_required_everywhere()
    )
    return LEFT_TO_VIEW if asks else None


def require_parts(layers: frozenset[Layer], *, has_keys: bool, has_storage: bool) -> None:
    """Raise ``ConfigurationError`` where a layer lacks a part of the project that it works with.

    Args:
        layers: those that are on.
        has_keys: there is a key ring.
        has_storage: there is a place for files.
    """
    there = {
        **{f'the app "{app}" in INSTALLED_APPS': (of, apps.is_installed(app)) for app, of in APPS.items()},
        "BASTIDE_KEYS": ({Layer.ENCRYPTION}, has_keys),
        'BASTIDE["upload_storage"]': ({Layer.UPLOADS}, has_storage),
        'the app "django.contrib.auth", to whose users files and tokens belong': (
            {Layer.UPLOADS, Layer.API_TOKENS},
            has_accounts(),
        ),
        'the app "bastide.django" in INSTALLED_APPS, for LoginRequiredMiddleware to leave ruled views out': (
            {Layer.RULES},
            apps.is_installed("bastide.django") or not _is_login_required_everywhere(),
        ),
        f'"{CSRF}" in MIDDLEWARE': ({Layer.FORGERY}, contains_middleware(CSRF)),
        "AUTHENTICATION_BACKENDS of your own": (layers, BACKEND not in settings.AUTHENTICATION_BACKENDS),
        "a SESSION_ENGINE of your own": (layers, settings.SESSION_ENGINE != SESSIONS),
    }
    lacks = {part: layers & of for part, (of, is_there) in there.items() if not is_there}
    missing = [f"{part} ({', '.join(sorted(why))})" for part, why in lacks.items() if why]
    if missing:
        msg = f'BASTIDE["layers"] lacks {"; ".join(missing)}'
        raise ConfigurationError(msg)


def unmet(rule: Rule, layers: frozenset[Layer]) -> str:
    """Return what the rule asks for that no layer that is on knows; empty where it asks for nothing else."""
    if rule.needs_fresh:
        return "asks for a fresh factor: only Bastide's own accounts know of one"
    if rule.takes_tokens and Layer.ATTEMPTS not in layers:
        return "is an API whose calls are counted: take the layer attempts"
    if rule.takes_files and Layer.UPLOADS not in layers:
        return "takes files: take the layer uploads"
    if not rule.is_for_everybody and not has_accounts():
        return "asks who acts, and nothing tells: install django.contrib.auth"
    return ""


def _asks_for_permissions(view_class: Any) -> bool:
    of_all = next(known for known in view_class.__mro__ if known.__module__ == "rest_framework.views")
    return view_class.permission_classes is not of_all.permission_classes or any(
        permission.__name__ != "AllowAny" for permission in of_all.permission_classes
    )


def _is_wrapped_by_admin(view: Any) -> bool:
    """Tell whether ``AdminSite.admin_view`` stands around the view: it leaves no mark but itself."""
    while inspect.isfunction(view):
        if view.__globals__["__name__"] == "django.contrib.admin.sites":
            return True
        # As Django's decorators call what they stand around.
        view = inspect.getclosurevars(view).nonlocals.get("view_func")
    return False


def _has_access_mixin(view_class: type[Any] | None) -> bool:
    # Imported by whoever derives from them; without django.contrib.auth they cannot be.
    mixins = sys.modules.get("django.contrib.auth.mixins")
    return mixins is not None and view_class is not None and issubclass(view_class, mixins.AccessMixin)


def _is_login_required_everywhere() -> bool:
    return has_accounts() and contains_middleware("django.contrib.auth.middleware.LoginRequiredMiddleware")


def has_accounts() -> bool:
    """Tell whether the project has accounts of Django's kind."""
    return apps.is_installed("django.contrib.auth")


def contains_middleware(path: str) -> bool:
    """Tell whether ``MIDDLEWARE`` has the class, or one that derives from it."""
    wanted = import_string(path)
    found = (import_string(name) for name in settings.MIDDLEWARE)
    return any(isinstance(each, type) and issubclass(each, wanted) for each in found)


def answer_beside(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Return what the project itself answers: its way to sign in, or its page for the status.

    For a status that Django has no handler for there may be a template, such as ``429.html``.
    """
    if answer.way_out == "sign_in":
        # Only where accounts are there, and their models can be imported.
        from django.contrib.auth.views import redirect_to_login  # noqa: PLC0415

        view: Any = None if request.resolver_match is None else request.resolver_match.func
        return redirect_to_login(request.get_full_path(), getattr(view, "login_url", None))
    if answer.status in _HANDLED:
        handler = get_resolver(get_urlconf()).resolve_error_handler(answer.status)
        response: HttpResponse = handler(request, *_HANDLED[answer.status])
        return response
    try:
        page = loader.render_to_string(f"{answer.status}.html", {"reason": answer.text}, request)
    except TemplateDoesNotExist:
        return HttpResponse(str(answer.text), status=answer.status, content_type="text/plain")
    return HttpResponse(page, status=answer.status)
