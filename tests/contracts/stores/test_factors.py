"""Second factors: each code works once, whoever is first."""

from dataclasses import replace

from bastide.core.records import Added, StoredTotp
from bastide.core.request import Stores
from bastide.testing.clock import START
from support.at_once import race
from support.stores import THREADS, enrolled, new_account, session


def test_an_authenticator_waits_until_it_is_confirmed(stores: Stores) -> None:
    factors = stores.factors
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    for number, waits in enumerate((False, False, True)):
        waiting = replace(session(bytes([number]) * 32, account), is_pending=waits)
        stores.sessions.create_session(waiting, now=START)
    assert factors.find_totp(account) is None
    assert factors.put_totp(account, b"first", step=3)
    assert factors.put_totp(account, b"second", step=4)
    assert factors.find_totp(account) == StoredTotp(b"second", is_confirmed=False, last_step=4)
    assert not factors.use_totp_step(account, 9)
    assert not factors.confirm_totp(account, sealed=b"first", step=7, codes=(), keep=b"")
    assert not factors.has_factor(account)
    loaded = stores.sessions.load_session(bytes(32))
    assert loaded is not None
    assert not loaded.has_factor
    outcomes = race(*[
        lambda: factors.confirm_totp(account, sealed=b"second", step=7, codes=(b"c" * 32,), keep=bytes(32))
        for _ in range(THREADS)
    ])  # fmt: skip
    assert sorted(outcomes) == [Added.NOTHING] * (THREADS - 1) + [Added.FIRST]  # type: ignore[type-var]
    assert factors.has_factor(account)
    assert factors.find_totp(account) == StoredTotp(b"second", is_confirmed=True, last_step=7)
    assert not factors.put_totp(account, b"third", step=3)
    assert factors.count_backup_codes(account) == 1
    kept = [stores.sessions.load_session(bytes([number]) * 32) for number in range(3)]
    assert [found is not None and found.has_factor for found in kept] == [True, False, False]


def test_a_step_and_a_backup_code_work_once_whoever_is_first(stores: Stores) -> None:
    factors, account = stores.factors, enrolled(stores)
    assert not factors.use_totp_step(account, 7)
    used = race(*[lambda: factors.use_totp_step(account, 8) for _ in range(THREADS)])
    assert used.count(True) == 1
    assert not factors.use_totp_step(account, 7)
    burnt = race(*[lambda: factors.burn_backup_code(account, b"c" * 32) for _ in range(THREADS)])
    assert burnt.count(True) == 1
    assert factors.count_backup_codes(account) == 0
    factors.replace_backup_codes(account, [b"d" * 32, b"e" * 32])
    assert not factors.burn_backup_code(account, b"c" * 32)
    assert factors.count_backup_codes(account) == 2


def test_removing_a_factor_forgets_its_codes_and_ends_other_sessions(stores: Stores) -> None:
    account = enrolled(stores)
    for number in range(2):
        stores.sessions.create_session(session(bytes([number]) * 32, account), now=START)
    assert stores.factors.remove_totp(account, keep=bytes(32))
    assert not stores.factors.remove_totp(account, keep=None)
    assert not stores.factors.has_factor(account)
    assert stores.factors.find_totp(account) is None
    assert stores.factors.count_backup_codes(account) == 0
    alive = [stores.sessions.load_session(bytes([number]) * 32) is not None for number in range(2)]
    assert alive == [True, False]
