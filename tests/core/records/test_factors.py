"""Settings of second factors."""

from datetime import timedelta

import pytest

from bastide.core.foundation import ConfigurationError
from bastide.core.records import FactorSettings


def test_settings_are_held_to_what_makes_sense() -> None:
    for bad in (
        {"drift_steps": 3},
        {"drift_steps": -1},
        {"backup_codes": 0},
        {"enrollment_timeout": timedelta()},
    ):
        with pytest.raises(ConfigurationError):
            FactorSettings(**bad)
