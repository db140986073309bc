"""``settings.BASTIDE`` and ``settings.BASTIDE_KEYS``, as the fields and the wiring read them."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import global_settings, settings
from django.utils.module_loading import import_string

from bastide.core.encryption import ColumnKeys
from bastide.core.foundation import ConfigurationError, Entropy, SystemEntropy
from bastide.core.request import Layer, Settings, read_layers
from bastide.core.security_log import Vocabulary
from bastide.core.uploads import UploadStorage
from bastide.django.in_tests import TEST_HOST, is_test_environment
from bastide.django.storages import require_unserved_storage
from bastide.key_file import read_ring
from bastide.stores.folder import FolderStorage

ADAPTER_KEYS: Final = frozenset(
    {
        "roles", "prefix_rules", "policies", "mailer", "breaches", "upload_storage", "scanner", "clock",
        "entropy", "event_kinds", "layers",
    }
)  # fmt: skip
# What belongs to Bastide's own accounts, and what to one layer.
_WITH_ACCOUNTS: Final = frozenset({"roles", "policies", "mailer", "breaches"})
_OF_UPLOADS: Final = frozenset({"upload_storage", "scanner"})


def bastide_apps() -> tuple[str, ...]:
    """Return what goes into ``INSTALLED_APPS``: every layer's app, and that of the accounts."""
    return (
        "bastide.django", "bastide.django.attempts", "bastide.django.log", "bastide.django.uploads",
        "bastide.django.tokens", "bastide.django.reports", "bastide.django.keys", "bastide.django.accounts",
    )  # fmt: skip


def bastide_middleware() -> tuple[str, ...]:
    """Return what goes first into ``MIDDLEWARE``."""
    return ("bastide.django.middleware.BastideMiddleware",)


def given_settings() -> dict[str, Any]:
    """Return ``settings.BASTIDE`` as it is written there."""
    return dict(getattr(settings, "BASTIDE", {}))


def chosen_layers() -> frozenset[Layer] | None:
    """Return the layers that stand beside other accounts, or None for the whole.

    Raises:
        ConfigurationError: an unknown layer, or one that stands on Bastide's accounts.
    """
    given = given_settings().get("layers")
    if given is None:
        return None
    return read_layers(given)


def declared_permissions() -> frozenset[str]:
    """Return every permission that a declared role holds."""
    return frozenset[str]().union(*given_settings().get("roles", {}).values())


def read_settings() -> Settings:
    """Return the controls' settings; allowed hosts are Django's.

    Raises:
        ConfigurationError: an unknown name or an unsafe value.
    """
    raw, layers = given_settings(), chosen_layers()
    given = {name: values for name, values in raw.items() if name not in ADAPTER_KEYS}
    if layers is not None:
        return _read_beside(raw, given, layers)
    given["transport"] = _with_hosts(given)
    given["cookies"] = {**_cookies_of_django(), **given.get("cookies", {})}
    own = Settings.from_mapping(given)
    own.registration.require_role(raw.get("roles", {}))
    own.transport.require_hosts()
    return own


def _read_beside(raw: dict[str, Any], given: dict[str, Any], layers: frozenset[Layer]) -> Settings:
    """Return the settings of layers beside other accounts; only what they work with has to be sound."""
    misplaced = raw.keys() & (_WITH_ACCOUNTS if Layer.UPLOADS in layers else _WITH_ACCOUNTS | _OF_UPLOADS)
    if misplaced:
        msg = f"no layer that is on works with {', '.join(sorted(misplaced))}"
        raise ConfigurationError(msg)
    if Layer.REPORTS not in layers:
        # Browsers report to nobody, unless the project names a page of its own.
        given["csp"] = {"report_path": "", **given.get("csp", {})}
    if Layer.TRANSPORT not in layers:
        return Settings.from_mapping(given)
    given["transport"] = _with_hosts(given)
    own = Settings.from_mapping(given)
    own.transport.require_hosts()
    return own


def _with_hosts(given: dict[str, Any]) -> dict[str, Any]:
    transport = {"allowed_hosts": frozenset(settings.ALLOWED_HOSTS), **given.get("transport", {})}
    if is_test_environment():
        for name in ("allowed_hosts", "plain_http_hosts"):
            transport[name] = {*transport.get(name, ()), TEST_HOST}
    return transport


def read_vocabulary() -> Vocabulary:
    """Return the kinds of events that are recorded, the project's own among them.

    Those are an ``AppEventKind``, its dotted path, or members of several.

    Raises:
        ConfigurationError: there is nothing under the path, or a kind is not sound.
    """
    given = given_settings().get("event_kinds", ())
    try:
        return Vocabulary(import_string(given) if isinstance(given, str) else given)
    except ImportError as error:
        msg = f"event_kinds: {error}"
        raise ConfigurationError(msg) from None


def _cookies_of_django() -> dict[str, str]:
    """Return what Django's own settings say of the session's cookie, where they are not its defaults."""
    named = settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_PATH
    usual = global_settings.SESSION_COOKIE_NAME, global_settings.SESSION_COOKIE_PATH
    return {
        key: value
        for key, value, default in zip(("session", "path"), named, usual, strict=True)
        if value != default
    }


@cache
def column_keys() -> ColumnKeys | None:
    """Return the keys of what is encrypted at rest, made on the first call, or None where there are none.

    Raises:
        ConfigurationError: the key ring is broken.
    """
    ring = read_ring(getattr(settings, "BASTIDE_KEYS", ""), clock=given_settings().get("clock"))
    return None if ring is None else ColumnKeys(ring, entropy=entropy())


def entropy() -> Entropy:
    """Return the source of randomness."""
    given: Entropy | None = given_settings().get("entropy")
    return given or SystemEntropy()


def upload_storage() -> UploadStorage | None:
    """Return the place for uploads, if there is one.

    Raises:
        ConfigurationError: a web server would send what is kept there, or the folder cannot be made.
    """
    given = given_settings().get("upload_storage")
    storage = FolderStorage(given) if isinstance(given, Path) else given
    require_unserved_storage(storage)
    return storage
