"""Every character counts, hashes are renewed, and no more are made at once than there are slots."""

from datetime import timedelta
from threading import Event, Thread

import argon2
import pytest

from bastide.core.foundation import ConfigurationError, Secret, StoreUnavailable
from bastide.core.sign_in import (
    HashingSettings,
    PasswordHasher,
)
from support.blog import HASHER
from support.rows import rows


@pytest.mark.asvs("V6.2.8", "V11.4.2")
def test_every_character_counts() -> None:
    stored = HASHER.hash(Secret("correct horse battery"))
    assert stored.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert HASHER.verify(Secret("correct horse battery"), stored)
    for other in (
        "Correct horse battery",
        " correct horse battery",
        "correct horse battery\0",
        "correct horse batter",
    ):
        assert not HASHER.verify(Secret(other), stored)
    long = "x" * 200
    assert not HASHER.verify(Secret(long + "a"), HASHER.hash(Secret(long + "b")))
    assert HASHER.verify(Secret("\ud800 lone"), HASHER.hash(Secret("\ud800 lone")))


@pytest.mark.asvs("V6.3.8")
@rows(
    "stored",
    [None, "", "md5$x", "$argon2id$broken", "pbkdf2_sha256$1$a$b", "$argon2id$v=19$m=64,t=1,p=1$x$y"],
)
def test_unknown_and_broken_hashes_refuse_without_an_error(stored: str | None) -> None:
    assert not HASHER.verify(Secret("no account has this password"), stored)


@pytest.mark.asvs("V6.3.8")
def test_a_name_that_nobody_has_costs_one_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    verify, checked = argon2.PasswordHasher.verify, list[str]()

    def counted(hasher: argon2.PasswordHasher, encoded: str, typed: bytes) -> bool:
        checked.append(encoded.split("$")[3])
        return verify(hasher, encoded, typed)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    for stored in (HASHER.hash(Secret("right")), None, "md5$x"):
        assert not HASHER.verify(Secret("wrong"), stored)
    assert checked == ["m=64,t=1,p=1"] * 3


def test_hashes_made_with_other_parameters_are_renewed() -> None:
    stored = HASHER.hash(Secret("x"))
    assert not HASHER.needs_rehash(stored)
    assert PasswordHasher(HashingSettings()).needs_rehash(stored)


@pytest.mark.asvs("V15.2.2")
def test_no_more_hashes_at_once_than_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(
        HashingSettings(
            memory_kib=64, time_cost=1, allow_weak=True, slots=1, slot_wait=timedelta(milliseconds=20)
        )
    )
    entered, leave = Event(), Event()

    class Slow:
        def hash(self, _password: bytes) -> str:
            entered.set()
            leave.wait(5)
            return "hash"

    monkeypatch.setattr(hasher, "_hasher", Slow())
    thread = Thread(target=hasher.hash, args=(Secret("x"),))
    thread.start()
    entered.wait(5)
    with pytest.raises(StoreUnavailable):
        hasher.hash(Secret("y"))
    leave.set()
    thread.join()
    assert hasher.hash(Secret("z")) == "hash"


def test_weak_parameters_stop_the_start() -> None:
    for bad in ({"memory_kib": 19_455}, {"time_cost": 1}, {"slots": 0}):
        with pytest.raises(ConfigurationError):
            HashingSettings(**bad)
    assert HashingSettings(memory_kib=47_104, time_cost=1).time_cost == 1
