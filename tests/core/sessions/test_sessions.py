"""Attempts, devices, tickets and sessions over the memory stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bastide.core.attempts import Attempts, AttemptSettings, Devices, Exhausted, Rate, Reserved
from bastide.core.foundation import (
    STRANGER,
    AccountId,
    Client,
    ConfigurationError,
    Principal,
    Secret,
    Signer,
    agent_family,
)
from bastide.core.records import NewAccount, account_key
from bastide.core.request import Stores
from bastide.core.sessions import Sessions, SessionSettings
from bastide.core.sessions.sessions import AgentChange
from bastide.core.sign_in import TicketPurpose, Tickets, TicketSettings
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import FIREFOX

MINUTES = 15
HERE = Client(address="203.0.113.7", user_agent=FIREFOX)
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


@pytest.fixture
def stores() -> Stores:
    made = memory_stores()
    made.accounts.define_roles({"reader": frozenset({"read_post"}), "author": frozenset({"write_post"})})
    return made


@pytest.fixture
def account(stores: Stores, clock: FrozenClock) -> AccountId:
    new = NewAccount(
        username="Maud", username_key="maud", email="maud@example.org", email_key="maud@example.org",
        password_hash="hash", roles=frozenset({"reader"}),
    )  # fmt: skip
    return stores.accounts.add_account(new, ticket_digest=None, now=clock.now())


@pytest.fixture
def attempts(stores: Stores, clock: FrozenClock) -> Attempts:
    return Attempts(store=stores.attempts, clock=clock, settings=AttemptSettings(network_limit=7))


def draw(
    attempts: Attempts, address: str = "203.0.113.7", device: str | None = None, account: int | None = 1
) -> object:
    return attempts.reserve(account, name_key=f"name {account}", address=address, device_id=device)


@pytest.mark.asvs("V6.3.1")
def test_five_draws_per_account_then_none_for_a_quarter_hour(attempts: Attempts, clock: FrozenClock) -> None:
    answers = [draw(attempts, f"203.0.113.{number}") for number in range(5)]
    assert [isinstance(answer, Reserved) and bool(answer.filled) for answer in answers] == [False] * 4 + [
        True
    ]
    clock.advance(timedelta(minutes=14, seconds=59))
    refused = draw(attempts, "198.51.100.1")
    assert isinstance(refused, Exhausted)
    assert refused.retry_after == timedelta(seconds=1)
    clock.advance(timedelta(seconds=1))
    assert isinstance(draw(attempts, "198.51.100.1"), Reserved)
    assert isinstance(draw(attempts, "198.51.100.1"), Reserved)


def test_one_network_has_one_budget_whatever_the_account(attempts: Attempts) -> None:
    answers = [draw(attempts, f"2001:db8::{number}", account=number) for number in range(8)]
    assert [isinstance(answer, Reserved) for answer in answers] == [True] * 7 + [False]
    assert isinstance(draw(attempts, "2001:db8:0:1::1", account=9), Reserved)


def test_unknown_names_have_a_budget_of_their_own(attempts: Attempts) -> None:
    answers = [draw(attempts, f"203.0.113.{number}", account=None) for number in range(6)]
    assert isinstance(answers[5], Exhausted)
    assert isinstance(draw(attempts, "203.0.113.9"), Reserved)


def test_a_flood_leaves_each_network_a_few_tries(stores: Stores, clock: FrozenClock) -> None:
    settings = AttemptSettings(global_limit=4, flood_network_limit=2)
    attempts = Attempts(store=stores.attempts, clock=clock, settings=settings)
    for number in range(4):
        assert isinstance(draw(attempts, f"203.0.113.{number}", account=number), Reserved)
    fresh = [draw(attempts, "198.51.100.1", account=number) for number in range(10, 13)]
    assert [isinstance(answer, Reserved) for answer in fresh] == [True, True, False]
    assert isinstance(fresh[2], Exhausted)
    assert fresh[2].lane.kind == "network"
    assert isinstance(fresh[0], Reserved)
    attempts.settle_success(fresh[0])
    assert isinstance(draw(attempts, "198.51.100.1", account=10), Reserved)


def test_a_lock_under_one_name_is_not_told_under_another(attempts: Attempts) -> None:
    for _ in range(5):
        attempts.reserve(1, name_key="maud", address="203.0.113.1", device_id=None)
    told = attempts.reserve(1, name_key="maud", address="203.0.113.1", device_id=None)
    hidden = attempts.reserve(1, name_key="maud@example.org", address="203.0.113.1", device_id=None)
    assert isinstance(told, Exhausted)
    assert isinstance(hidden, Exhausted)
    assert (told.may_be_told, hidden.may_be_told) == (True, False)


@pytest.mark.asvs("V6.1.1")
def test_a_known_device_draws_from_its_own_lane_only(attempts: Attempts) -> None:
    for number in range(7):
        draw(attempts, f"203.0.113.{number}")
    own = draw(attempts, device="device")
    assert isinstance(own, Reserved)
    assert len(own.lanes) == 1
    for _ in range(4):
        draw(attempts, device="device")
    assert isinstance(draw(attempts, device="device"), Exhausted)
    assert isinstance(draw(attempts, device="other"), Reserved)


def test_success_clears_the_own_lane_and_refunds_one_to_the_shared(attempts: Attempts) -> None:
    for _ in range(4):
        draw(attempts)
    right = draw(attempts)
    assert isinstance(right, Reserved)
    attempts.settle_success(right)
    assert [isinstance(draw(attempts), Reserved) for _ in range(4)] == [True, True, True, False]
    device = draw(attempts, device="d")
    assert isinstance(device, Reserved)
    attempts.settle_success(device)


def test_an_administrator_sees_and_lifts_locks(attempts: Attempts) -> None:
    for number in range(5):
        draw(attempts, f"203.0.113.{number}")
    assert [(lock.kind, lock.owner) for lock in attempts.list_locks(limit=10)] == [
        ("account", "1"), ("name", "1"),
    ]  # fmt: skip
    assert [lock.kind for lock in attempts.list_locks(limit=10, owners=[1])] == ["account", "name"]
    assert attempts.list_locks(limit=10, owners=[2]) == []
    assert attempts.unlock_account(1)
    assert not attempts.unlock_account(1)
    assert attempts.list_locks(limit=10) == []
    assert isinstance(draw(attempts, "198.51.100.1"), Reserved)


@pytest.mark.asvs("V2.4.1")
def test_rates_are_never_refunded(attempts: Attempts) -> None:
    rate = Rate(name="contact", limit=2, period=timedelta(hours=1))
    answers = [attempts.draw_rate(rate, subject="x") for _ in range(3)]
    assert isinstance(answers[2], Exhausted)
    assert isinstance(attempts.draw_rate(rate, subject="y"), Reserved)


def test_budgets_that_mean_nothing_stop_the_start() -> None:
    with pytest.raises(ConfigurationError):
        AttemptSettings(account_limit=0)
    with pytest.raises(ConfigurationError):
        AttemptSettings(period=timedelta())


def test_device_cookies_vouch_for_accounts_that_signed_in_and_no_others() -> None:
    devices = Devices(signer=Signer(Secret("k" * 32), purpose="device"), entropy=SeededEntropy())
    cookie = devices.issue_device(None, 1).reveal()
    known = devices.match_device(cookie, 1)
    assert known is not None
    assert devices.match_device(cookie, 2) is None
    shared = devices.issue_device(cookie, 2).reveal()
    assert devices.match_device(shared, 1) == devices.match_device(shared, 2) == known
    assert devices.issue_device(shared, 2).reveal() == shared
    for number in range(3, 12):
        shared = devices.issue_device(shared, number).reveal()
    assert shared.count(".") == 8
    assert devices.match_device(shared, 1) is None
    for forged in (None, "", "x", "a.b", f"{cookie}.x", cookie[:-2], "." * 20):
        assert devices.match_device(forged, 1) is None
    other = Devices(signer=Signer(Secret("l" * 32), purpose="device"), entropy=SeededEntropy())
    assert other.match_device(cookie, 1) is None


@pytest.mark.asvs("V6.4.1", "V6.6.2", "V9.2.2")
def test_tickets_hold_for_one_purpose_a_while_and_until_the_next(stores: Stores, clock: FrozenClock) -> None:
    tickets = Tickets(store=stores.tickets, clock=clock, entropy=SeededEntropy(), settings=TicketSettings())
    first = tickets.issue_ticket(TicketPurpose.REGISTRATION, subject="a", facts={"email": "a"}).reveal()
    invitation = tickets.issue_ticket(TicketPurpose.INVITATION, subject="a", facts={}).reveal()
    found = tickets.match_ticket(first, purpose=TicketPurpose.REGISTRATION)
    assert found is not None
    assert found.facts == {"email": "a"}
    assert first.encode() not in found.digest
    assert tickets.match_ticket(first, purpose=TicketPurpose.INVITATION) is None
    assert tickets.match_ticket("x", purpose=TicketPurpose.REGISTRATION) is None
    second = tickets.issue_ticket(TicketPurpose.REGISTRATION, subject="a", facts={}).reveal()
    assert tickets.match_ticket(first, purpose=TicketPurpose.REGISTRATION) is None
    clock.advance(timedelta(hours=1))
    assert tickets.match_ticket(second, purpose=TicketPurpose.REGISTRATION) is None
    assert tickets.match_ticket(invitation, purpose=TicketPurpose.INVITATION) is not None
    with pytest.raises(ConfigurationError):
        TicketSettings(registration_lifetime=timedelta())


def sessions_of(stores: Stores, clock: FrozenClock, change: AgentChange = AgentChange.STEP_UP) -> Sessions:
    return Sessions(
        store=stores.sessions,
        clock=clock,
        entropy=SeededEntropy(),
        settings=SessionSettings(on_agent_change=change),
    )


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


def test_browser_families_ignore_versions() -> None:
    assert agent_family(FIREFOX) == agent_family(FIREFOX.replace("140", "141")) == "Firefox on Linux"
    assert agent_family(CHROME) == "Chrome on Windows"
    assert agent_family(f"{CHROME} Edg/140.0") == "Edge on Windows"
    assert agent_family("") == "Other on other"
    assert account_key(" ＭＡＵＤ ") == account_key("maud") == "maud"
