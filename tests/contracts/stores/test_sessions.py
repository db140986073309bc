"""Sessions: rotated, touched, written to and ended, each once."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bastide.core.records import SessionSummary
from bastide.core.request import Stores
from bastide.core.sessions import keep_all
from bastide.core.sessions.session_state import save_state
from bastide.testing.clock import START
from support.at_once import race
from support.stores import LATER, THREADS, new_account, session


def test_sessions_rotate_once_and_never_come_back(stores: Stores) -> None:
    stores.sessions.create_session(session(b"s" * 32), now=START)
    outcomes = race(*[
        lambda number=number: stores.sessions.rotate_session(
            b"s" * 32, new_digest=bytes([number]) * 32, confirmed_at=None, agent_family=None)
        for number in range(THREADS)
    ])  # fmt: skip
    assert outcomes.count(True) == 1
    alive = [number for number in range(THREADS) if stores.sessions.load_session(bytes([number]) * 32)]
    assert alive == [outcomes.index(True)]
    key = bytes([alive[0]]) * 32
    ended = race(*[lambda: stores.sessions.end_session(key) for _ in range(THREADS)])
    assert ended.count(True) == 1
    assert not stores.sessions.save_session_state(key, '{"a":1}', previous="{}")
    assert stores.sessions.load_session(key) is None


def test_sessions_are_touched_once_per_interval(stores: Stores) -> None:
    stores.sessions.create_session(session(b"s" * 32), now=START)
    minute = START + timedelta(minutes=1)
    outcomes = race(*[
        lambda: stores.sessions.touch_session(b"s" * 32, now=minute, seen_before=START) for _ in range(THREADS)
    ])  # fmt: skip
    assert outcomes.count(True) == 1
    loaded = stores.sessions.load_session(b"s" * 32)
    assert loaded is not None
    assert (loaded.created_at, loaded.last_seen_at, loaded.account_is_active) == (START, minute, True)
    assert not stores.sessions.save_session_state(b"s" * 32, '{"b":1}', previous='{"c":1}')
    saved = race(*[
        lambda: stores.sessions.save_session_state(b"s" * 32, '{"a":1}', previous="{}") for _ in range(THREADS)
    ])  # fmt: skip
    assert saved.count(True) == 1
    assert stores.sessions.rotate_session(
        b"s" * 32, new_digest=b"r" * 32, confirmed_at=minute, agent_family="y"
    )
    rotated = stores.sessions.load_session(b"r" * 32)
    assert rotated is not None
    assert (rotated.state, rotated.confirmed_at, rotated.agent_family) == ('{"a":1}', minute, "y")


@pytest.mark.asvs("V15.4.2")
def test_values_that_are_written_at_once_are_all_kept(stores: Stores) -> None:
    stores.sessions.create_session(session(b"s" * 32), now=START)

    def keep(number: int) -> bool:
        values = {f"value {number}": number}
        return save_state(
            stores.sessions, b"s" * 32, values, base="{}", max_size_bytes=9_999, drop_oldest=keep_all
        )

    assert race(*[partial(keep, number) for number in range(THREADS)]) == [True] * THREADS
    loaded = stores.sessions.load_session(b"s" * 32)
    assert loaded is not None
    assert json.loads(loaded.state) == {f"value {number}": number for number in range(THREADS)}


def test_sessions_end_by_account_and_by_age(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    for name in b"abc":
        stores.sessions.create_session(session(bytes([name]) * 32, account), now=START)
    assert stores.sessions.end_account_sessions(account, keep=b"a" * 32) == 2
    assert stores.sessions.end_account_sessions(account, keep=None) == 1
    stores.sessions.create_session(session(b"s" * 32), now=START)
    stores.sessions.create_session(session(b"r" * 32), now=LATER)
    assert stores.sessions.purge_sessions(created_before=START - timedelta(1), seen_before=START) == 1
    assert stores.sessions.load_session(b"r" * 32) is not None


def test_sessions_are_listed_for_their_owner_the_last_used_first(stores: Stores) -> None:
    account, other = (
        stores.accounts.add_account(new_account(name), ticket_digest=None, now=START) for name in ("a1", "b1")
    )
    for number, owner in enumerate((account, account, other, None)):
        now = START + timedelta(minutes=number)
        stores.sessions.create_session(session(bytes([number]) * 32, owner), now=now)
    listed = stores.sessions.list_sessions(account)
    assert [entry.digest[0] for entry in listed] == [1, 0]
    assert listed[1] == SessionSummary(
        digest=bytes(32), created_at=START, last_seen_at=START, agent_family="x", network="n"
    )
    assert listed[1].handle == "0" * 32


def test_a_session_waits_until_a_factor_was_shown(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    waiting = replace(session(b"a" * 32, account), is_pending=True, confirmed_at=None)
    stores.sessions.create_session(waiting, now=START)
    assert stores.sessions.list_sessions(account) == []
    for new, moment, still in ((b"b", None, True), (b"c", LATER, False)):
        old = bytes([new[0] - 1]) * 32
        assert stores.sessions.rotate_session(
            old, new_digest=new * 32, confirmed_at=moment, agent_family=None
        )
        found = stores.sessions.load_session(new * 32)
        assert found is not None
        assert found.is_pending is still
    assert len(stores.sessions.list_sessions(account)) == 1
