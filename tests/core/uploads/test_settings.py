"""Unsafe settings are refused."""

from datetime import timedelta
from typing import Any

import pytest

from bastide.core.foundation import ConfigurationError
from bastide.core.request import Settings
from support.rows import rows


@pytest.mark.asvs("V5.2.1", "V5.2.6")
@rows(
    "settings",
    [{"kinds": ("zip",)}, {"max_size_bytes": 0}, {"max_pixels": 0}, {"quota_files": -1}, {"abandoned_after": timedelta()}],
)  # fmt: skip
def test_unsafe_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Settings.from_mapping({"uploads": settings})
