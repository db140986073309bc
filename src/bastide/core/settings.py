"""All settings as one frozen value, read once from a plain mapping; unknown names are errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from bastide.core.attempts import AttemptSettings
from bastide.core.csp import CspSettings
from bastide.core.errors import ConfigurationError
from bastide.core.factors import FactorSettings
from bastide.core.headers import HeaderSettings
from bastide.core.passkeys import PasskeySettings
from bastide.core.passwords import HashingSettings, PolicySettings
from bastide.core.recovery import RecoverySettings
from bastide.core.registration import RegistrationSettings
from bastide.core.sessions import SessionSettings
from bastide.core.spam import SpamSettings
from bastide.core.tickets import TicketSettings
from bastide.core.transport import TransportSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of every control; each default is the secure one."""

    attempts: AttemptSettings = field(default_factory=AttemptSettings)
    csp: CspSettings = field(default_factory=CspSettings)
    factors: FactorSettings = field(default_factory=FactorSettings)
    hashing: HashingSettings = field(default_factory=HashingSettings)
    headers: HeaderSettings = field(default_factory=HeaderSettings)
    passkeys: PasskeySettings = field(default_factory=PasskeySettings)
    passwords: PolicySettings = field(default_factory=PolicySettings)
    recovery: RecoverySettings = field(default_factory=RecoverySettings)
    registration: RegistrationSettings = field(default_factory=RegistrationSettings)
    sessions: SessionSettings = field(default_factory=SessionSettings)
    spam: SpamSettings = field(default_factory=SpamSettings)
    tickets: TicketSettings = field(default_factory=TicketSettings)
    transport: TransportSettings = field(default_factory=TransportSettings)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Mapping[str, Any]]) -> "Settings":
        """Return settings from ``{control: {name: value}}``.

        Raises:
            ConfigurationError: an unknown control or name, or an unsafe value.
        """
        controls = {control.name: control.default_factory for control in fields(cls)}
        unknown = mapping.keys() - controls.keys()
        if unknown:
            msg = f"unknown controls in the settings: {sorted(unknown)}"
            raise ConfigurationError(msg)
        built: dict[str, Any] = {}
        for control, values in mapping.items():
            make: Any = controls[control]
            names = {setting.name for setting in fields(make)}
            if values.keys() - names:
                msg = f"unknown settings of {control}: {sorted(values.keys() - names)}"
                raise ConfigurationError(msg)
            built[control] = make(**values)
        return cls(**built)
