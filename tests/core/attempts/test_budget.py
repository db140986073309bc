"""Attempts are drawn before anything is looked at, and a lane that is shut stays shut."""

from datetime import timedelta

import pytest

from bastide.core.attempts import Attempts, AttemptSettings, Exhausted, Rate, Reserved
from bastide.core.foundation import ConfigurationError
from bastide.core.request import Stores
from bastide.testing import FrozenClock


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
    other = attempts.reserve(None, name_key="another", address="203.0.113.10", device_id=None)
    assert isinstance(other, Reserved)


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


@pytest.mark.asvs("V6.1.1")
def test_who_is_told_to_wait_draws_from_nobody_else(stores: Stores, clock: FrozenClock) -> None:
    """Else one network whose tries are used up could bring about the shortage of a flood by itself."""
    attempts = Attempts(store=stores.attempts, clock=clock, settings=AttemptSettings(global_limit=6))
    for _ in range(5):
        assert isinstance(draw(attempts), Reserved)
    for _ in range(10):
        refused = draw(attempts)
        assert isinstance(refused, Exhausted)
        assert refused.may_be_told
    assert [lock.kind for lock in attempts.list_locks(limit=10)] == ["account", "name"]


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
    # Who shares the device has a lane of their own on it.
    assert isinstance(draw(attempts, device="device", account=2), Reserved)


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


def test_budgets_that_mean_nothing_stop_the_start() -> None:
    for limit in (
        "account_limit", "device_limit", "network_limit", "global_limit", "flood_network_limit", "link_limit",
        "token_limit",
    ):  # fmt: skip
        with pytest.raises(ConfigurationError):
            AttemptSettings(**{limit: 0})
    with pytest.raises(ConfigurationError):
        AttemptSettings(period=timedelta())


def test_where_no_address_is_known_nobody_uses_up_the_tries_of_all(attempts: Attempts) -> None:
    for number in range(40):
        assert isinstance(draw(attempts, "unknown", account=number), Reserved)
        assert attempts.reserve_nameless("unknown") == Reserved(())
        assert attempts.reserve_token("unknown") == Reserved(())
        rate = Rate(name="registration", limit=1, period=timedelta(hours=1))
        assert attempts.draw_rate(rate, subject="unknown") == Reserved(())
    for _ in range(4):
        assert isinstance(draw(attempts, "unknown", account=7), Reserved)
    assert isinstance(draw(attempts, "unknown", account=7), Exhausted), (
        "an account's own budget holds all the same"
    )


def test_mail_to_one_address_is_bounded_whoever_asks_from_wherever(attempts: Attempts) -> None:
    answers = [
        attempts.draw_mail_rate(
            "reset", limit=1, period=timedelta(hours=1), to="a@example.org", address="unknown"
        )
        for _ in range(5)
    ]
    assert [isinstance(answer, Reserved) for answer in answers] == [True] * 4 + [False]
