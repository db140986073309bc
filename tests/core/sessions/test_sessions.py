"""Sessions over the memory stores: their limits, their rotation and their owner's list of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bastide.core.foundation import (
    STRANGER,
    AccountId,
    Client,
    ConfigurationError,
    Principal,
)
from bastide.core.records import Account, NewAccount
from bastide.core.request import Stores
from bastide.core.sessions import Sessions, SessionSettings
from bastide.core.sessions.sessions import AgentChange
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import FIREFOX

ME, OTHER = Principal(account_id=1, name="maud"), Principal(account_id=2, name="mallory")


def sessions(clock: FrozenClock, **settings: int) -> Sessions:
    return Sessions(
        store=memory_stores().sessions, clock=clock, entropy=SeededEntropy(),
        settings=SessionSettings(**settings),  # type: ignore[arg-type]
    )  # fmt: skip


def test_only_live_sessions_of_the_owner_are_listed_and_ended(clock: FrozenClock) -> None:
    made = sessions(clock)
    old = made.start(ME, Client(address="192.0.2.1"))
    clock.advance(timedelta(hours=1))
    live, foreign = (
        made.start(ME, Client(address="192.0.2.2")),
        made.start(OTHER, Client(address="192.0.2.3")),
    )
    assert [(entry.digest, entry.network) for entry in made.list_live(1)] == [(live.digest, "192.0.2.2")]
    assert not made.end_one(1, foreign.digest.hex()[:32])
    assert made.end_one(1, live.digest.hex()[:32])
    assert not made.end_one(1, live.digest.hex()[:32])
    assert made.list_live(1) == []
    assert made.end_one(1, old.digest.hex()[:32])


def test_a_new_session_ends_the_one_unused_the_longest(clock: FrozenClock) -> None:
    made = sessions(clock, max_per_account=2)
    started = []
    for _ in range(3):
        started.append(made.start(ME, Client()))
        clock.advance(timedelta(seconds=1))
    assert {entry.digest for entry in made.list_live(1)} == {started[1].digest, started[2].digest}
    waiting = []
    for _ in range(3):
        waiting.append(made.start_pending(1, Client()))
        clock.advance(timedelta(seconds=1))
    assert made.resume(waiting[0].session_id.reveal(), "").session is None
    account = Account(
        id=1, username="maud", email="m@example.org", password_hash=None, is_active=True, roles=frozenset()
    )
    done = made.complete(waiting[2], account, Client())
    assert done is not None
    assert {entry.digest for entry in made.list_live(1)} == {started[2].digest, done.digest}
    assert made.end(waiting[1].digest)
    with pytest.raises(ConfigurationError):
        SessionSettings(max_per_account=0)


HERE = Client(address="203.0.113.7", user_agent=FIREFOX)
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


@pytest.fixture
def account(stores: Stores, clock: FrozenClock) -> AccountId:
    new = NewAccount(
        username="Maud", username_key="maud", email="maud@example.org", email_key="maud@example.org",
        password_hash="hash", roles=frozenset({"reader"}),
    )  # fmt: skip
    return stores.accounts.add_account(new, ticket_digest=None, now=clock.now())


def sessions_of(
    stores: Stores, clock: FrozenClock, change: AgentChange = AgentChange.STEP_UP, **settings: Any
) -> Sessions:
    return Sessions(
        store=stores.sessions,
        clock=clock,
        entropy=SeededEntropy(),
        settings=SessionSettings(on_agent_change=change, **settings),
    )


def test_a_new_session_stays_where_a_clock_stands_or_another_machine_s_is_behind(
    stores: Stores, clock: FrozenClock, account: AccountId
) -> None:
    made = sessions_of(stores, clock, max_per_account=2)
    owner = stores.accounts.get_account(account)
    assert owner is not None
    for number in range(40):
        if number == 20:
            clock.advance(timedelta(seconds=-1))
        started = made.start(Principal(account_id=account, name="Maud"), HERE)
        waiting = made.start_pending(account, HERE)
        assert stores.sessions.load_session(started.digest) is not None, number
        assert stores.sessions.load_session(waiting.digest) is not None, number
        done = made.complete(waiting, owner, HERE)
        assert done is not None
        assert stores.sessions.load_session(done.digest) is not None, number
        assert len(made.list_live(account)) == 2


@pytest.mark.asvs("V7.2.1", "V7.2.3", "V7.3.1", "V7.3.2")
def test_sessions_resume_within_both_limits(stores: Stores, clock: FrozenClock, account: AccountId) -> None:
    sessions = sessions_of(stores, clock)
    started = sessions.start(Principal(account_id=account, name="Maud"), HERE)
    presented = started.session_id.reveal()
    assert started.digest != presented.encode()
    clock.advance(timedelta(minutes=59, seconds=59))
    resumed = sessions.resume(presented, HERE.user_agent)
    assert resumed.session is not None
    assert resumed.session.principal == Principal(
        account_id=account, name="Maud", roles=frozenset({"reader"}), permissions=frozenset({"read_post"})
    )
    clock.advance(timedelta(hours=1))
    assert sessions.resume(presented, HERE.user_agent).reason == "idle_timeout"
    assert sessions.resume(presented, HERE.user_agent).reason == "unknown"
    busy = sessions.start(Principal(account_id=account, name="Maud"), HERE).session_id.reveal()
    for _ in range(23):
        clock.advance(timedelta(minutes=30))
        assert sessions.resume(busy, HERE.user_agent).session is not None
    clock.advance(timedelta(minutes=30))
    assert sessions.resume(busy, HERE.user_agent).reason == "absolute_timeout"


@pytest.mark.asvs("V7.5.3")
def test_a_factor_stays_fresh_for_ten_minutes(stores: Stores, clock: FrozenClock, account: AccountId) -> None:
    sessions = sessions_of(stores, clock)
    started = sessions.start(Principal(account_id=account, name="Maud"), HERE)
    clock.advance(timedelta(minutes=9, seconds=59))
    session = sessions.resume(started.session_id.reveal(), HERE.user_agent).session
    assert session is not None
    assert session.principal.is_fresh
    clock.advance(timedelta(seconds=1))
    session = sessions.resume(started.session_id.reveal(), HERE.user_agent).session
    assert session is not None
    assert not session.principal.is_fresh


@pytest.mark.asvs("V7.2.4")
def test_rotation_kills_the_old_id_and_happens_once(
    stores: Stores, clock: FrozenClock, account: AccountId
) -> None:
    sessions = sessions_of(stores, clock)
    started = sessions.start(Principal(account_id=account, name="Maud"), HERE, state='{"a":1}')
    stores.accounts.grant_role(account, "author")
    marked = sessions.resume(started.session_id.reveal(), HERE.user_agent).session
    assert marked is not None
    assert marked.must_rotate
    rotated = sessions.rotate(marked, HERE, confirmed=False)
    assert rotated is not None
    assert sessions.rotate(marked, HERE, confirmed=False) is None
    assert sessions.resume(started.session_id.reveal(), HERE.user_agent).session is None
    after = sessions.resume(rotated.session_id.reveal(), HERE.user_agent).session
    assert after is not None
    assert (after.must_rotate, after.state) == (False, '{"a":1}')
    assert after.principal.permissions == {"read_post", "write_post"}


def test_a_changed_browser_is_answered_as_set(stores: Stores, clock: FrozenClock, account: AccountId) -> None:
    elsewhere = Client(address="203.0.113.7", user_agent=CHROME)
    for change, reason, lives in (
        (AgentChange.STEP_UP, "agent_changed", True), (AgentChange.IGNORE, "", True), (AgentChange.END, "agent_changed", False),
    ):  # fmt: skip
        sessions = sessions_of(stores, clock, change)
        started = sessions.start(Principal(account_id=account, name="Maud"), HERE)
        unknown = sessions.resume(started.session_id.reveal(), None)
        assert unknown.session is not None
        assert (unknown.reason, unknown.session.principal.is_suspect) == ("", False)
        resumed = sessions.resume(started.session_id.reveal(), elsewhere.user_agent)
        assert (resumed.reason, resumed.session is not None) == (reason, lives)
        if change is AgentChange.STEP_UP:
            assert resumed.session is not None
            assert resumed.session.principal == Principal(account_id=account, name="Maud", is_suspect=True)
            confirmed = sessions.rotate(resumed.session, elsewhere, confirmed=True)
            assert confirmed is not None
            again = sessions.resume(confirmed.session_id.reveal(), elsewhere.user_agent)
            assert again.reason == ""
        sessions.end(started.digest)


def test_state_outlives_nothing(stores: Stores, clock: FrozenClock, account: AccountId) -> None:
    sessions = sessions_of(stores, clock)
    stranger = sessions.start(STRANGER, HERE, state='{"x":1}')
    resumed = sessions.resume(stranger.session_id.reveal(), HERE.user_agent).session
    assert resumed is not None
    assert resumed.principal is STRANGER
    assert sessions.save_state(stranger, {}) == replace(stranger, state="{}")
    assert sessions.end(stranger.digest)
    assert not sessions.end(stranger.digest)
    assert sessions.save_state(stranger, {"x": 2}) is None
    mine = [sessions.start(Principal(account_id=account, name="Maud"), HERE) for _ in range(3)]
    assert sessions.end_others(account, keep=mine[0].digest) == 2
    assert sessions.resume(mine[0].session_id.reveal(), HERE.user_agent).session is not None
    stores.accounts.set_active(account, is_active=False)
    assert sessions.resume(mine[0].session_id.reveal(), HERE.user_agent).session is None
    sessions.start(STRANGER, HERE)
    clock.advance(timedelta(hours=1))
    assert sessions.purge() == 1


def test_only_a_stranger_s_values_go_on_at_a_sign_in(
    stores: Stores, clock: FrozenClock, account: AccountId
) -> None:
    sessions = sessions_of(stores, clock, dropped_at_sign_in=frozenset({"owner"}))
    assert sessions.end_before_sign_in(None) == "{}"
    for state, kept in (("{}", "{}"), ('{"basket":[1],"owner":7}', '{"basket": [1]}'), ('{"owner":7}', "{}")):
        stranger = sessions.start(STRANGER, HERE, state=state)
        assert sessions.end_before_sign_in(stranger) == kept
        assert sessions.resume(stranger.session_id.reveal(), HERE.user_agent).session is None
    mine = sessions.start(Principal(account_id=account, name="Maud"), HERE, state='{"basket":[1]}')
    assert sessions.end_before_sign_in(mine) == "{}"
    assert sessions.resume(mine.session_id.reveal(), HERE.user_agent).session is None


def test_a_disabled_account_is_refused_even_with_a_session(
    stores: Stores, clock: FrozenClock, account: AccountId
) -> None:
    sessions = sessions_of(stores, clock)
    stores.accounts.set_active(account, is_active=False)
    late = sessions.start(Principal(account_id=account, name="Maud"), HERE)
    assert sessions.resume(late.session_id.reveal(), HERE.user_agent).reason == "account_disabled"


def test_limits_that_mean_nothing_stop_the_start() -> None:
    for bad in (
        {"idle_timeout": timedelta(days=1)},
        {"touch_interval": timedelta()},
        {"freshness": timedelta()},
    ):
        with pytest.raises(ConfigurationError):
            SessionSettings(**bad)  # type: ignore[arg-type]
