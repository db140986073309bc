"""A principal has what its roles grant; a stranger has nothing."""

from uuid import uuid4

import pytest

from bastide.core.foundation import STRANGER, AccountId, Principal
from support.rows import rows


def test_a_stranger_is_nobody_and_may_nothing() -> None:
    assert Principal() == STRANGER
    assert not STRANGER.is_signed_in
    assert not STRANGER.has("")
    assert not STRANGER.has("read")


@rows("account_id", [0, 7, "", "7", uuid4()])
def test_whoever_has_an_account_is_signed_in_whatever_its_key(account_id: AccountId) -> None:
    assert Principal(account_id=account_id).is_signed_in


def test_a_right_is_held_under_its_whole_name() -> None:
    author = Principal(account_id=7, permissions=frozenset({"write_post"}))
    assert author.has("write_post")
    assert not author.has("write")
    assert not author.has("WRITE_POST")


def test_a_principal_is_never_changed() -> None:
    with pytest.raises(AttributeError):
        STRANGER.is_fresh = True  # type: ignore[misc]
