"""Every store of attempts takes what the port says."""

from bastide.core.attempts import AttemptStore
from support.ports import keepers_of, taken_otherwise


def test_every_store_of_attempts_is_one() -> None:
    assert taken_otherwise(AttemptStore, *keepers_of(AttemptStore)) == []
