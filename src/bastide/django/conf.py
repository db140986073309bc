"""``settings.BASTIDE`` and ``settings.BASTIDE_KEYS``, read anew when they change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from bastide.core.access import Rule
from bastide.core.foundation import ConfigurationError, Secret, SystemClock, SystemEntropy
from bastide.core.request import ExchangeSink, Guard, Services, Settings, assemble
from bastide.core.uploads import UploadStorage
from bastide.django.current import find_exchange
from bastide.django.mail import DjangoMailer
from bastide.django.passwords import DjangoHasher
from bastide.django.signals import event_recorded
from bastide.django.storages import require_unserved_storage
from bastide.key_file import read_ring
from bastide.stores.folder import FolderStorage

ADAPTER_KEYS: Final = frozenset(
    {
        "roles", "prefix_rules", "policies", "mailer", "breaches", "upload_storage", "scanner", "clock",
        "entropy",
    }
)  # fmt: skip


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


def read_settings() -> Settings:
    """Return the controls' settings; allowed hosts are Django's.

    Raises:
        ConfigurationError: an unknown name or an unsafe value.
    """
    raw = _raw()
    given = {name: values for name, values in raw.items() if name not in ADAPTER_KEYS}
    hosts = frozenset(settings.ALLOWED_HOSTS)
    given["transport"] = {"allowed_hosts": hosts, **given.get("transport", {})}
    own = Settings.from_mapping(given)
    own.registration.require_role(raw.get("roles", {}))
    own.transport.require_hosts()
    return own


@cache
def bastide() -> Bastide:
    """Return the project's controls, wired on the first call.

    Raises:
        ImproperlyConfigured: the settings are unknown or unsafe, or encrypted fields miss a key.
    """
    # Models are there only once the apps are loaded, and encrypted fields come back here for their keys.
    from bastide.django.accounts.stores import django_stores  # noqa: PLC0415
    from bastide.django.encrypted import require_keys  # noqa: PLC0415

    raw, stores, keys = _raw(), django_stores(), getattr(settings, "BASTIDE_KEYS", "")
    try:
        services = assemble(
            settings=read_settings(),
            stores=stores,
            secret_key=Secret(settings.SECRET_KEY),
            mailer=raw.get("mailer") or DjangoMailer(),
            sink=partial(
                ExchangeSink,
                units=stores.units,
                current=find_exchange,
                announce=lambda event: event_recorded.send(sender=Bastide, event=event),
            ),
            clock=raw.get("clock") or SystemClock(),
            entropy=raw.get("entropy") or SystemEntropy(),
            breaches=raw.get("breaches"),
            upload_storage=upload_storage(),
            scanner=raw.get("scanner"),
            hasher=DjangoHasher(),
            key_ring=read_ring(keys),
        )
        require_keys(apps.get_models(), services.column_keys)
    except ConfigurationError as error:
        raise ImproperlyConfigured(str(error)) from error
    return Bastide(
        services=services,
        guard=Guard(services),
        roles={name: frozenset(permissions) for name, permissions in raw.get("roles", {}).items()},
        prefix_rules=raw.get("prefix_rules", {}),
        policies=raw.get("policies", {}),
    )


def create_roles() -> None:
    """Make the declared roles where they are missing; existing roles stay as they are."""
    bastide().services.stores.accounts.define_roles(dict(bastide().roles))


def forget_settings(*, setting: str, **_: Any) -> None:
    """Read the settings anew after one that matters changed."""
    if setting in {"BASTIDE", "BASTIDE_KEYS", "ALLOWED_HOSTS", "SECRET_KEY", "AUTH_USER_MODEL"}:
        bastide.cache_clear()


def upload_storage() -> UploadStorage | None:
    """Return the place for uploads, if there is one.

    Raises:
        ConfigurationError: a web server would send what is kept there, or the folder cannot be made.
    """
    given = _raw().get("upload_storage")
    storage = FolderStorage(given) if isinstance(given, Path) else given
    require_unserved_storage(storage)
    return storage


def _raw() -> dict[str, Any]:
    return dict(getattr(settings, "BASTIDE", {}))
