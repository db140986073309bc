"""Every store of identities takes what its port says."""

from bastide.core.accounts import IdentityStore
from support.ports import keepers_of, taken_otherwise


def test_every_store_of_identities_is_one() -> None:
    assert taken_otherwise(IdentityStore, *keepers_of(IdentityStore)) == []
