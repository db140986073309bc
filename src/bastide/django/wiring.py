"""The project's controls, wired as its settings say, and anew when they change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Final

from django.apps import apps
from django.conf import global_settings, settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.encoding import force_str

from bastide.core.access import Rule
from bastide.core.foundation import Clock, ConfigurationError, Principal, Secret, SystemClock
from bastide.core.http import FormerCookie, FormerKind
from bastide.core.request import (
    EVERY_LAYER,
    SIGNING_LAYERS,
    ExchangeSink,
    Guard,
    Layer,
    Services,
    Stores,
    assemble,
)
from bastide.django.conf import (
    chosen_layers,
    column_keys,
    entropy,
    given_settings,
    read_settings,
    read_vocabulary,
    upload_storage,
)
from bastide.django.connection import limits
from bastide.django.in_tests import is_test_environment
from bastide.django.keeping import layer_stores
from bastide.django.mail import DjangoMailer
from bastide.django.orm.encrypted import require_keys
from bastide.django.passwords import DjangoHasher
from bastide.django.requests.beside import principal_of_request, require_parts
from bastide.django.requests.current import CURRENT, find_exchange
from bastide.django.signals import event_recorded
from bastide.django.texts import TEXTS
from bastide.pages import CatalogueMails


@dataclass(frozen=True, slots=True, kw_only=True)
class Bastide:
    """Everything that one Django project configured.

    Attributes:
        services: the controls, wired.
        guard: asks them about each request.
        roles: role name to permissions.
        prefix_rules: rule for somebody else's URL patterns, by the beginning of their path.
        policies: permission name to the policy that ``has_perm(user, name, obj)`` asks.
    """

    services: Services
    guard: Guard
    roles: Mapping[str, frozenset[str]]
    prefix_rules: Mapping[str, Rule]
    policies: Mapping[str, Any] = field(default_factory=dict)


def bastide() -> Bastide:
    """Return the project's controls, wired on the first call.

    Raises:
        ImproperlyConfigured: the settings are unknown or unsafe, or encrypted fields miss a key.
    """
    # A test may import what wires them before its runner sets up what the settings read.
    return _wire(is_tested=is_test_environment())


@cache
def _wire(*, is_tested: bool) -> Bastide:  # noqa: ARG001 -- tells one wiring from the other
    given = given_settings()
    clock: Clock = given.get("clock") or SystemClock()
    try:
        layers, checked, keys = chosen_layers(), read_settings(), column_keys()
        if layers is not None:
            require_parts(layers, has_keys=keys is not None, has_storage=bool(given.get("upload_storage")))
        stores, secret_keys = _make_stores(layers), _secret_keys(layers)
        services = assemble(
            settings=checked,
            stores=stores,
            secret_key=secret_keys[0],
            former_keys=secret_keys[1:],
            mailer=given.get("mailer") or DjangoMailer(),
            mail_texts=CatalogueMails(TEXTS),
            sink=partial(
                ExchangeSink,
                units=stores.units,
                current=find_exchange,
                announce=lambda event: event_recorded.send(sender=Bastide, event=event),
            ),
            clock=clock,
            entropy=entropy(),
            breaches=given.get("breaches"),
            upload_storage=upload_storage(),
            scanner=given.get("scanner"),
            vocabulary=read_vocabulary(),
            hasher=DjangoHasher(checked.hashing, sample=stores.accounts.sample_password_hashes, clock=clock),
            key_ring=None if keys is None else keys.live,
            layers=EVERY_LAYER if layers is None else layers,
            load_principal=_load_principal,
            former_cookies=[_former_cookie(checked.cookies.former)],
        )
        require_keys(apps.get_models(), keys)
    except ConfigurationError as error:
        raise ImproperlyConfigured(str(error)) from error
    return Bastide(
        services=services,
        guard=Guard(services),
        roles={name: frozenset(permissions) for name, permissions in given.get("roles", {}).items()},
        prefix_rules=given.get("prefix_rules", {}),
        policies=given.get("policies", {}),
    )


def _make_stores(layers: frozenset[Layer] | None) -> Stores:
    # Session engines and a server's ASGI module import this before the apps, and their models, are loaded.
    if layers is None:
        from bastide.django.accounts.stores import django_stores  # noqa: PLC0415

        return django_stores()
    return layer_stores(layers)


def _secret_keys(layers: frozenset[Layer] | None) -> list[Secret]:
    if layers is not None and not layers & SIGNING_LAYERS:
        # Nobody asks for it.
        return [Secret(entropy().token_bytes(32).hex())]
    return [Secret(force_str(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _former_cookie(name: str) -> FormerCookie:
    """Return what Django's own sessions told who is signed in by."""
    return FormerCookie(
        kind=FormerKind.DJANGO, name=name or global_settings.SESSION_COOKIE_NAME,
        path=settings.SESSION_COOKIE_PATH, domain=settings.SESSION_COOKIE_DOMAIN or "",
    )  # fmt: skip


def _load_principal() -> Principal:
    return principal_of_request(CURRENT.get())


def create_roles() -> None:
    """Make the declared roles where they are missing; existing roles stay as they are."""
    bastide().services.stores.accounts.define_roles(dict(bastide().roles))


READ: Final = frozenset({
    "ALLOWED_HOSTS", "AUTH_USER_MODEL", "BASTIDE", "BASTIDE_KEYS", "SECRET_KEY", "SECRET_KEY_FALLBACKS",
    "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_NAME", "SESSION_COOKIE_PATH",
})  # fmt: skip


def forget_settings(*, setting: str, **_: Any) -> None:
    """Read the settings anew after one that matters changed."""
    if setting in READ:
        column_keys.cache_clear()
        _wire.cache_clear()
        limits.cache_clear()
