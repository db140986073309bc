"""Accounts as the controls see them."""

import pytest

from bastide.core.records import LastHolder
from bastide.core.request import Services
from support.core import register


def test_the_last_holder_of_a_role_keeps_it(services: Services) -> None:
    account = register(services)
    with pytest.raises(LastHolder):
        services.stores.accounts.revoke_role(account, "reader", keep_holders=("reader",))
