"""Everything that is kept has a port, and a store in every place."""

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from bastide.core.foundation import ConfigurationError, Units
from bastide.core.request import Stores, StoreSettings, absent_stores
from support.ports import keepers_of


def test_every_port_has_a_store_of_its_own_in_every_place() -> None:
    ports = [field.type for field in fields(Stores) if field.type is not Units]
    assert {port.__module__.rpartition(".")[2] for port in ports} == {"ports"}  # type: ignore[union-attr]
    kept = [keeper for port in ports for keeper in keepers_of(port)]  # type: ignore[arg-type]
    assert len(set(kept)) == len(kept) == 3 * len(ports)


@pytest.mark.parametrize(("lock", "statement"), [(0, 1000), (0.9, 1000), (-5, 1000), (1001, 1000)])
def test_a_wait_that_has_no_end_is_refused(lock: float, statement: float) -> None:
    with pytest.raises(ConfigurationError, match="lock_timeout <= statement_timeout"):
        StoreSettings(
            lock_timeout=timedelta(milliseconds=lock), statement_timeout=timedelta(milliseconds=statement)
        )


def test_waits_are_told_to_databases_in_milliseconds() -> None:
    settings = StoreSettings(lock_timeout=timedelta(milliseconds=1), statement_timeout=timedelta(minutes=1))
    assert (settings.lock_timeout_ms, settings.statement_timeout_ms) == (1, 60_000)


def test_every_store_is_absent_under_the_name_of_its_own_layer() -> None:
    stores = absent_stores()
    assert stores.keys() == {store.name for store in fields(Stores)}
    with stores.pop("units")():
        pass
    named = {name: _layer_that_is_off(store) for name, store in stores.items()}
    assert {name: layer for name, layer in named.items() if layer != "accounts"} == {
        "attempts": "attempts", "events": "log", "uploads": "uploads", "tokens": "api_tokens", "violations": "reports",
    }  # fmt: skip


def _layer_that_is_off(store: Any) -> str:
    with pytest.raises(ConfigurationError) as refused:
        store.ask()
    return str(refused.value).split()[2]
