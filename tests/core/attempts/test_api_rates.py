"""How often programs may call, by token, account and network."""

from datetime import timedelta
from typing import Any

import pytest

from bastide.core.attempts import ApiRateSettings
from bastide.core.foundation import (
    ConfigurationError,
)
from support.rows import rows


@pytest.mark.asvs("V2.4.1")
def test_a_call_draws_from_token_and_account_or_from_the_network() -> None:
    rates = ApiRateSettings(token_limit=2, account_limit=5, network_limit=3, period=timedelta(minutes=1))

    def drawn(*caller: Any) -> list[tuple[str, int, str]]:
        return [(rate.name, rate.limit, subject) for rate, subject in rates.shares_of(*caller)]

    assert drawn("t1", 7, "203.0.113.1") == [("api-token", 2, "t1"), ("api-account", 5, "account:7")]
    assert drawn("", 7, "203.0.113.1") == [("api-account", 5, "account:7")]
    assert drawn("", None, "2001:db8::1") == [("api-network", 3, "2001:db8::/64")]


@rows(
    "values",
    [
        {"token_limit": 0},
        {"token_limit": 5, "account_limit": 4},
        {"network_limit": 0},
        {"period": timedelta()},
    ],
)
def test_api_rates_that_mean_nothing_stop_the_start(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        ApiRateSettings(**values)
