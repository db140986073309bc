"""Passkeys: whole, limited, and with codes of their own."""

from dataclasses import replace

import pytest

from bastide.core.records import Added, StoredPasskey
from bastide.core.request import Stores
from bastide.testing.clock import START
from support.at_once import race
from support.stores import LATER, THREADS, enrolled, new_account, passkey, session


def add(
    stores: Stores, new: StoredPasskey, *, keep: bytes = b"", limit: int = 20, code: bytes = b"c"
) -> Added:
    return stores.passkeys.add_passkey(new, codes=(code * 32,), keep=keep, limit=limit)


def test_a_passkey_comes_back_whole_and_belongs_to_one_account(stores: Stores) -> None:
    one, two = (
        stores.accounts.add_account(new_account(name), ticket_digest=None, now=START) for name in ("a1", "b1")
    )
    bare = passkey(one, 2, transports=(), is_backed_up=False, sign_count=2**32 - 1, user_handle=None)
    assert not stores.factors.has_factor(one)
    assert [add(stores, bare), add(stores, passkey(one))] == [Added.FIRST, Added.FURTHER]
    assert add(stores, passkey(two)) is Added.NOTHING
    assert stores.factors.count_backup_codes(two) == 0
    assert stores.passkeys.list_passkeys(one) == [passkey(one), bare]
    assert stores.passkeys.list_passkeys(two) == []
    assert stores.passkeys.find_passkey(b"\x02" * 64) == bare
    assert stores.passkeys.find_passkey(b"") is None
    assert [stores.factors.has_factor(account) for account in (one, two)] == [True, False]
    assert not stores.passkeys.rename_passkey(two, bare.credential_id, "mine")
    assert not stores.passkeys.remove_passkey(two, bare.credential_id, keep=None)
    assert stores.passkeys.rename_passkey(one, bare.credential_id, "Key")
    assert stores.passkeys.find_passkey(bare.credential_id) == replace(bare, name="Key")
    assert not stores.passkeys.use_passkey(b"x", old_count=0, new_count=1, now=START)


@pytest.mark.asvs("V15.4.2")
def test_a_counter_moves_on_once_whoever_is_first(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    add(stores, passkey(account))
    used = race(*[
        lambda: stores.passkeys.use_passkey(b"\x01" * 64, old_count=3, new_count=4, now=LATER) for _ in range(THREADS)
    ])  # fmt: skip
    assert used.count(True) == 1
    found = stores.passkeys.find_passkey(b"\x01" * 64)
    assert found == passkey(account, sign_count=4, last_used_at=LATER)


def test_an_account_has_no_more_passkeys_than_its_limit(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    added = race(*[
        lambda number=number: add(stores, passkey(account, number), limit=3, code=bytes([number]))
        for number in range(THREADS)
    ])  # fmt: skip
    assert sorted(added) == [Added.NOTHING] * (THREADS - 3) + [Added.FIRST, Added.FURTHER, Added.FURTHER]  # type: ignore[type-var]
    assert len(stores.passkeys.list_passkeys(account)) == 3
    first = added.index(Added.FIRST)
    assert stores.factors.count_backup_codes(account) == 1
    assert stores.factors.burn_backup_code(account, bytes([first]) * 32)


def test_one_credential_is_added_once(stores: Stores) -> None:
    accounts = [
        stores.accounts.add_account(new_account(f"n{number}"), ticket_digest=None, now=START)
        for number in range(4)
    ]
    added = race(*[lambda account=account: add(stores, passkey(account)) for account in accounts])
    assert sorted(added) == [Added.NOTHING] * 3 + [Added.FIRST]  # type: ignore[type-var]
    assert sum(stores.factors.count_backup_codes(account) for account in accounts) == 1


def test_codes_come_with_the_first_factor_and_go_with_the_last(stores: Stores) -> None:
    account = enrolled(stores)
    for number in range(2):
        stores.sessions.create_session(session(bytes([number]) * 32, account), now=START)
    assert add(stores, passkey(account), keep=bytes(32), code=b"d") is Added.FURTHER
    assert stores.sessions.load_session(b"\x01" * 32) is None
    assert stores.factors.remove_totp(account, keep=bytes(32))
    loaded = stores.sessions.load_session(bytes(32))
    assert loaded is not None
    assert loaded.has_factor
    assert stores.factors.put_totp(account, b"again", step=3)
    assert (
        stores.factors.confirm_totp(account, sealed=b"again", step=9, codes=(b"e" * 32,), keep=bytes(32))
        is Added.FURTHER
    )
    assert stores.factors.remove_totp(account, keep=bytes(32))
    assert stores.factors.burn_backup_code(account, b"c" * 32)
    stores.factors.replace_backup_codes(account, [b"f" * 32])
    stores.sessions.create_session(session(b"\x01" * 32, account), now=START)
    removed = race(*[
        lambda: stores.passkeys.remove_passkey(account, b"\x01" * 64, keep=bytes(32)) for _ in range(THREADS)
    ])  # fmt: skip
    assert removed.count(True) == 1
    assert stores.factors.count_backup_codes(account) == 0
    alive = [stores.sessions.load_session(bytes([number]) * 32) for number in range(2)]
    assert [found is not None and found.has_factor for found in alive] == [False, False]
    assert alive[0] is not None
    assert alive[1] is None


def test_two_first_factors_at_once_share_one_set_of_codes(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    assert stores.factors.put_totp(account, b"sealed", step=3)
    outcomes = race(
        lambda: stores.factors.confirm_totp(account, sealed=b"sealed", step=7, codes=(b"t" * 32,), keep=b""),
        *[
            lambda number=number: add(stores, passkey(account, number), code=bytes([number]))
            for number in range(7)
        ],
    )
    assert sorted(outcomes) == [Added.FIRST] + [Added.FURTHER] * 7  # type: ignore[type-var]
    winner = [b"t", *(bytes([number]) for number in range(7))][outcomes.index(Added.FIRST)]
    assert stores.factors.burn_backup_code(account, winner * 32)
    assert stores.factors.count_backup_codes(account) == 0


def test_of_two_last_factors_removed_at_once_the_later_takes_the_codes(stores: Stores) -> None:
    account = enrolled(stores)
    add(stores, passkey(account))
    outcomes = race(
        lambda: stores.factors.remove_totp(account, keep=b""),
        lambda: stores.passkeys.remove_passkey(account, b"\x01" * 64, keep=b""),
    )
    assert outcomes == [True, True]
    assert stores.factors.count_backup_codes(account) == 0
