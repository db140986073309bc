"""Every store of records takes what its port says."""

from typing import Any

from bastide.core.records import AccountStore, FactorStore, PasskeyStore, SessionStore, TokenStore
from support.ports import keepers_of, taken_otherwise
from support.rows import rows


@rows("port", [AccountStore, FactorStore, PasskeyStore, SessionStore, TokenStore])
def test_every_store_of_records_is_one(port: type[Any]) -> None:
    assert taken_otherwise(port, *keepers_of(port)) == []
