"""The list of an account's sessions, and its bounds."""

from datetime import timedelta

import pytest

from bastide.core.foundation import Client, ConfigurationError, Principal, minute_text
from bastide.core.sessions import Sessions, SessionSettings
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from bastide.testing.clock import START

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
    with pytest.raises(ConfigurationError):
        SessionSettings(max_per_account=0)


def test_moments_are_shown_to_the_minute() -> None:
    assert minute_text(START) == "2026-03-01 12:00 UTC"
