"""Every character counts, hashes are renewed, and no more are made at once than there are slots."""

from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread

import argon2
import pytest
from argon2.exceptions import HashingError

from bastide.core.foundation import ConfigurationError, Secret, StoreUnavailable
from bastide.core.sign_in import (
    HashFault,
    HashingSettings,
    PasswordHasher,
)
from bastide.core.sign_in.passwords.readers import ReadHash
from bastide.testing import FrozenClock
from support.blog import CHEAP_HASHING, HASHER
from support.old_hashes import KEYED_SALT, OLD_HASHES, OLD_PASSWORD, WEAK_HASHES
from support.rows import rows


def count_checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list that each check's cost goes into from now on."""
    matches, checked = ReadHash.matches, list[str]()

    def counted(found: ReadHash, typed: str) -> bool:
        checked.append(found.cost)
        return matches(found, typed)

    monkeypatch.setattr(ReadHash, "matches", counted)
    return checked


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
    checked = count_checks(monkeypatch)
    for stored in (HASHER.hash(Secret("right")), None, "md5$x"):
        assert not HASHER.verify(Secret("wrong"), stored)
    assert checked == ["argon2id:64,1,1"] * 3


@pytest.mark.asvs("V6.3.8")
@rows("salt, cost", [(None, "bcrypt:4"), (KEYED_SALT, "bcrypt:4+keyed")])
def test_a_name_that_nobody_has_costs_what_most_accounts_cost(
    monkeypatch: pytest.MonkeyPatch, salt: Secret | None, cost: str
) -> None:
    usual, other = OLD_HASHES["bcrypt 2b"], OLD_HASHES["werkzeug scrypt"]
    stored = [other, usual, usual, "nobody reads this", "nobody reads this", "nobody reads this"]
    hasher = PasswordHasher(
        HashingSettings(**CHEAP_HASHING), sample=lambda _: stored, clock=FrozenClock(), keyed_salt=salt
    )
    with monkeypatch.context() as patch:
        checked = count_checks(patch)
        for each in (None, "nobody reads this", "$2b$31$" + usual[7:], usual):
            assert not hasher.verify(Secret("wrong"), each)
        # Not even the password of the account that the price was taken from opens what is nobody's.
        assert not hasher.verify(Secret(OLD_PASSWORD), None)
        assert checked == [cost] * 5


@rows("stored", OLD_HASHES.values())
def test_hashes_of_other_libraries_are_checked_and_renewed(stored: str) -> None:
    assert HASHER.find_fault(stored) is None
    assert HASHER.verify(Secret(OLD_PASSWORD), stored)
    assert not HASHER.verify(Secret(OLD_PASSWORD + " "), stored)
    assert HASHER.needs_rehash(stored)


@pytest.mark.asvs("V15.2.2")
def test_what_is_not_read_is_told_and_an_absurd_cost_not_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    absurd = "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
    assert HASHER.find_fault(absurd) is HashFault.TOO_COSTLY
    assert HASHER.find_fault("x") is HashFault.UNKNOWN_FORMAT
    checked = count_checks(monkeypatch)
    assert not HASHER.verify(Secret("password"), absurd)
    assert checked == ["argon2id:64,1,1"]


def test_no_memory_for_a_hash_is_no_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> bool:
        raise HashingError(argon2.low_level.error_to_str(-22))

    monkeypatch.setattr(ReadHash, "matches", failing)
    with pytest.raises(StoreUnavailable, match="Memory allocation error"):
        HASHER.verify(Secret("x"), None)


def test_what_bastide_itself_is_set_to_is_never_too_costly() -> None:
    settings = HashingSettings(
        memory_kib=64, time_cost=9, parallelism=17, max_read_memory_kib=1, allow_weak=True
    )
    with pytest.raises(argon2.exceptions.HashingError):
        PasswordHasher(settings)
    settings = replace(settings, memory_kib=136)
    hasher = PasswordHasher(settings)
    assert hasher.verify(Secret("x"), hasher.hash(Secret("x")))
    assert hasher.find_fault(OLD_HASHES["werkzeug scrypt"]) is HashFault.TOO_COSTLY


@rows("name, stored", WEAK_HASHES.items())
def test_a_weak_hash_is_wrapped_at_once_where_its_format_is_named(name: str, stored: str) -> None:
    hasher = PasswordHasher(HashingSettings(formats=(name,), **CHEAP_HASHING))
    wrapped = hasher.wrap(stored)
    assert wrapped is not None
    # Once it is wrapped it is as strong as any, and read wherever Bastide is.
    for each in (hasher, HASHER):
        assert each.verify(Secret(OLD_PASSWORD), wrapped)
        assert not each.verify(Secret(OLD_PASSWORD + " "), wrapped)
        assert each.needs_rehash(wrapped)
        assert each.wrap(wrapped) is None
    assert hasher.needs_rehash(stored)
    assert HASHER.wrap(stored) is None
    assert hasher.wrap(OLD_HASHES["bcrypt 2b"]) is None
    assert hasher.wrap("nobody reads this") is None


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
    for bad in (
        {"memory_kib": 19_455},
        {"time_cost": 1},
        {"slots": 0},
        {"max_read_memory_kib": 0},
        {"max_read_memory_kib": 2_000_000},
    ):
        with pytest.raises(ConfigurationError):
            HashingSettings(**bad)
    assert HashingSettings(memory_kib=47_104, time_cost=1).time_cost == 1
