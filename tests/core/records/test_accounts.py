"""Accounts as the controls see them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bastide.core.records import LastHolder, account_key
from bastide.core.request import Services
from support.core import register
from support.rows import rows


def test_the_last_holder_of_a_role_keeps_it(services: Services) -> None:
    account = register(services)
    with pytest.raises(LastHolder):
        services.stores.accounts.revoke_role(account, "reader", keep_holders=("reader",))


@pytest.mark.asvs("V6.3.1", "V6.3.8")
@rows("spelled", ["maud", "MAUD", " Maud ", "\uff2d\uff41\uff55\uff44", "\u2133aud"])
def test_a_name_has_one_key_however_it_is_spelled(spelled: str) -> None:
    assert account_key(spelled) == "maud"


@given(st.text())
@example("\u0130\u0320")  # folds to letters and marks in an order that normalising changes
def test_the_key_of_a_key_is_itself(name: str) -> None:
    assert account_key(account_key(name)) == account_key(name)
