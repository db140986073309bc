"""Settings come from a mapping, by profile, and unknown names stop the start."""

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bastide.core.foundation import ConfigurationError
from bastide.core.records import FactorSettings
from bastide.core.request import Settings
from bastide.core.sessions.sessions import AgentChange
from bastide.core.sign_in import PasswordPreset


def test_settings_come_from_a_mapping_and_unknown_names_stop_the_start() -> None:
    settings = Settings.from_mapping({"attempts": {"account_limit": 3}})
    assert settings.attempts.account_limit == 3
    assert settings.sessions == Settings().sessions
    with pytest.raises(ConfigurationError, match="unknown controls"):
        Settings.from_mapping({"attemps": {}})
    with pytest.raises(ConfigurationError, match="unknown settings of attempts"):
        Settings.from_mapping({"attempts": {"acount_limit": 3}})


@pytest.mark.asvs("V6.5.5", "V6.3.3")
def test_a_profile_is_stricter_and_what_is_given_goes_over_it() -> None:
    strict = Settings.from_mapping({"profile": "asvs", "factors": {"backup_codes": 12}})
    assert strict.factors == FactorSettings(drift_steps=0, is_required=True, backup_codes=12)
    assert strict.tickets.registration_lifetime == timedelta(minutes=10)
    assert strict.passwords.preset is PasswordPreset.NIST
    assert Settings.from_mapping({"profile": "asvs", "factors": {"drift_steps": 1}}).factors.drift_steps == 1
    assert Settings.from_mapping({"profile": "default"}) == Settings.from_mapping({}) == Settings()
    with pytest.raises(ConfigurationError, match="unknown profile"):
        Settings.from_mapping({"profile": "asv"})


def test_a_choice_may_be_given_by_its_name_and_by_no_other() -> None:
    settings = Settings.from_mapping(
        {"sessions": {"on_agent_change": "end"}, "passwords": {"preset": "nist"}}
    )
    assert settings.sessions.on_agent_change is AgentChange.END
    assert settings.passwords.preset is PasswordPreset.NIST
    with pytest.raises(ConfigurationError, match="it may be"):
        Settings.from_mapping({"sessions": {"on_agent_change": "ends"}})


@pytest.mark.parametrize("hosts", [["localhost"], {"localhost"}, ("localhost",)])
def test_a_set_may_be_given_as_any_collection_and_never_as_one_word(hosts: Any) -> None:
    transport = {"allowed_hosts": hosts, "plain_http_hosts": hosts}
    settings = Settings.from_mapping({"transport": transport, "uploads": {"kinds": ["png"]}})
    assert settings.transport.plain_http_hosts == frozenset({"localhost"})
    assert settings.uploads.kinds == ("png",)
    with pytest.raises(ConfigurationError, match=r"^allowed_hosts is 'localhost'; it has to be a frozenset$"):
        Settings.from_mapping({"transport": {"allowed_hosts": "localhost"}})


@pytest.mark.parametrize(
    "given",
    [
        {"sessions": {"idle_timeout": 20}},
        {"attempts": {"account_limit": True}},
        {"attempts": {"account_limit": "5"}},
        {"factors": {"is_required": 1}},
        {"registration": {"role": None}},
        {"sessions": {"on_agent_change": []}},
        {"sessions": ["idle_timeout"]},
        {"profile": "asvs", "factors": None},
    ],
)
def test_a_value_of_another_type_is_refused_by_name(given: Any) -> None:
    name = next(reversed(given))
    wanted = next(iter(given[name])) if isinstance(given[name], dict) else name
    with pytest.raises(ConfigurationError, match=rf"{wanted} (is|are) .+; (it|they) (has|have|may) .*be"):
        Settings.from_mapping(given)


def test_the_page_of_settings_lists_each_with_its_default() -> None:
    page = (Path(__file__).parents[3] / "docs/settings.md").read_text(encoding="utf-8")
    listed = [
        (section.partition("`")[0], *row)
        for section in page.split("\n## `")[1:]
        for row in re.findall(r"^\| `(\w+)` \| `(.+?)` \|", section, flags=re.MULTILINE)
    ]
    settings = Settings()
    assert [row for row in listed if row[1] != "phrases"] == [
        (control.name, setting.name, _as_written(getattr(getattr(settings, control.name), setting.name)))
        for control in fields(settings)
        for setting in fields(getattr(settings, control.name))
        if setting.name != "phrases"
    ]


def _as_written(value: object) -> str:
    if not isinstance(value, timedelta):
        return f'"{value}"' if isinstance(value, str) else repr(value)
    units = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
    seconds = round(value.total_seconds())
    unit = next(unit for unit, length in units.items() if seconds % length == 0)
    return f"timedelta({unit}={seconds // units[unit]})"
