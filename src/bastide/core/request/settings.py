"""All settings as one frozen value, read once from a plain mapping; unknown names are errors."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from bastide.core.accounts import RecoverySettings, RegistrationSettings
from bastide.core.api_tokens import ApiTokenSettings
from bastide.core.attempts import ApiRateSettings, AttemptSettings
from bastide.core.foundation import ConfigurationError
from bastide.core.http import CookieSettings, CorsSettings, CspSettings, HeaderSettings, TransportSettings
from bastide.core.inputs import SpamSettings
from bastide.core.mail import OutboxSettings
from bastide.core.records import FactorSettings
from bastide.core.request.stores import StoreSettings
from bastide.core.security_log import LogSettings
from bastide.core.sessions import SessionSettings
from bastide.core.sign_in import (
    HashingSettings,
    PasskeySettings,
    PasswordPreset,
    PasswordSettings,
    TicketSettings,
)
from bastide.core.tripwires import TripwireSettings
from bastide.core.uploads import UploadSettings

# What each profile states otherwise than the defaults. ``asvs``: level 2 of ASVS 5.0 wherever it is stricter.
PROFILES: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "default": {},
    "asvs": {
        "factors": {"drift_steps": 0, "is_required": True},  # V6.5.5, V6.3.3
        "passwords": {"preset": PasswordPreset.NIST},  # V6.2.1, V6.2.5
        "tickets": {  # V6.5.5
            "registration_lifetime": timedelta(minutes=10),
            "email_change_lifetime": timedelta(minutes=10),
        },
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of every control; each default is the secure one."""

    api_rates: ApiRateSettings = field(default_factory=ApiRateSettings)
    api_tokens: ApiTokenSettings = field(default_factory=ApiTokenSettings)
    attempts: AttemptSettings = field(default_factory=AttemptSettings)
    cookies: CookieSettings = field(default_factory=CookieSettings)
    cors: CorsSettings = field(default_factory=CorsSettings)
    csp: CspSettings = field(default_factory=CspSettings)
    factors: FactorSettings = field(default_factory=FactorSettings)
    hashing: HashingSettings = field(default_factory=HashingSettings)
    headers: HeaderSettings = field(default_factory=HeaderSettings)
    log: LogSettings = field(default_factory=LogSettings)
    outbox: OutboxSettings = field(default_factory=OutboxSettings)
    passkeys: PasskeySettings = field(default_factory=PasskeySettings)
    passwords: PasswordSettings = field(default_factory=PasswordSettings)
    recovery: RecoverySettings = field(default_factory=RecoverySettings)
    registration: RegistrationSettings = field(default_factory=RegistrationSettings)
    sessions: SessionSettings = field(default_factory=SessionSettings)
    spam: SpamSettings = field(default_factory=SpamSettings)
    stores: StoreSettings = field(default_factory=StoreSettings)
    tickets: TicketSettings = field(default_factory=TicketSettings)
    transport: TransportSettings = field(default_factory=TransportSettings)
    tripwires: TripwireSettings = field(default_factory=TripwireSettings)
    uploads: UploadSettings = field(default_factory=UploadSettings)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "Settings":
        """Return settings from ``{control: {name: value}}``, over a profile where ``profile`` names one.

        Raises:
            ConfigurationError: an unknown profile, control or name, or an unsafe value.
        """
        given: dict[str, Mapping[str, Any]] = {**mapping}
        profile = str(given.pop("profile", "default"))
        if profile not in PROFILES:
            msg = f"unknown profile of settings: {profile!r}; there are {sorted(PROFILES)}"
            raise ConfigurationError(msg)
        for control, values in given.items():
            if not isinstance(values, Mapping):
                msg = f"the settings of {control} are {values!r}; they have to be a mapping"
                raise ConfigurationError(msg)
        for control, values in PROFILES[profile].items():
            given[control] = {**values, **given.get(control, {})}
        return cls._build(given)

    @classmethod
    def _build(cls, mapping: Mapping[str, Mapping[str, Any]]) -> "Settings":
        controls = {control.name: control.default_factory for control in fields(cls)}
        unknown = mapping.keys() - controls.keys()
        if unknown:
            msg = f"unknown controls in the settings: {sorted(unknown)}; there are {sorted(controls)}"
            raise ConfigurationError(msg)
        built: dict[str, Any] = {}
        for control, values in mapping.items():
            make: Any = controls[control]
            known = {setting.name: setting for setting in fields(make)}
            if values.keys() - known.keys():
                unknown_names = sorted(values.keys() - known.keys())
                msg = f"unknown settings of {control}: {unknown_names}; there are {sorted(known)}"
                raise ConfigurationError(msg)
            built[control] = make(
                **{name: _as_declared(known[name], value) for name, value in values.items()}
            )
        return cls(**built)


def _as_declared(setting: Field[Any], value: Any) -> Any:
    """Return a choice given by its name as the choice itself, a set or list as the declared collection.

    Raises:
        ConfigurationError: no such choice, or a value of another type than the default's.
    """
    default = setting.default
    if default is None:
        return value
    if isinstance(default, StrEnum):
        choices = type(default)
        if value not in list(choices):
            msg = f"{setting.name} is {value!r}; it may be {sorted(choices)}"
            raise ConfigurationError(msg)
        return choices(value)
    if isinstance(default, frozenset | tuple) and isinstance(value, set | frozenset | list | tuple):
        return type(default)(value)
    # True is an int to Python, and no number of failures.
    if not isinstance(value, type(default)) or isinstance(value, bool) != isinstance(default, bool):
        msg = f"{setting.name} is {value!r}; it has to be a {type(default).__name__}"
        raise ConfigurationError(msg)
    return value
