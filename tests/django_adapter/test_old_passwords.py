"""Django's hashers go on reading what they made; what a check may take is told beforehand."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from bastide.core.foundation import Secret
from bastide.core.sign_in import HashFault, HashingSettings
from bastide.testing import FrozenClock
from support import django_blog
from support.old_hashes import OLD_HASHES, OLD_PASSWORD, WEAK_HASHES
from support.rows import rows

BUILT_IN = tuple(
    f"django.contrib.auth.hashers.{name}"
    for name in (
        "PBKDF2PasswordHasher", "PBKDF2SHA1PasswordHasher", "Argon2PasswordHasher", "BCryptSHA256PasswordHasher",
        "BCryptPasswordHasher", "ScryptPasswordHasher", "MD5PasswordHasher",
    )
)  # fmt: skip


@pytest.fixture
def hasher() -> Iterator[Any]:
    django_blog.set_up()
    from django.test import override_settings

    from bastide.django.passwords import DjangoHasher

    with override_settings(PASSWORD_HASHERS=["support.cheap_hasher.CheapHasher", *BUILT_IN]):
        yield DjangoHasher(HashingSettings())


@rows(
    "stored",
    [*(each for name, each in OLD_HASHES.items() if name.startswith("django")), WEAK_HASHES["django_md5"]],
)
def test_every_hasher_of_the_list_reads_what_it_made_and_the_first_renews_it(
    hasher: Any, stored: str
) -> None:
    assert hasher.find_fault(stored) is None
    assert hasher.verify(Secret(OLD_PASSWORD), stored)
    assert not hasher.verify(Secret(OLD_PASSWORD + " "), stored)
    if not stored.startswith("argon2"):
        assert hasher.needs_rehash(stored)


@pytest.mark.asvs("V6.2.8")
def test_a_long_password_under_plain_bcrypt_is_no_error(hasher: Any) -> None:
    """bcrypt 5 raises, and Django lets it; what made the hash took 72 bytes."""
    import bcrypt

    stored = "bcrypt$" + bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert hasher.verify(Secret("x" * 80), stored)
    assert not hasher.verify(Secret("y" * 80), stored)


@pytest.mark.asvs("V15.2.2")
@rows(
    "stored, fault",
    [
        ("argon2$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHQ", HashFault.TOO_COSTLY),
        ("pbkdf2_sha1$9999999999$salt$YWFhYWFhYWFhYWFhYWFhYWFhYWE=", HashFault.TOO_COSTLY),
        ("pbkdf2_sha256$x$y$z", HashFault.MALFORMED),
        ("bcrypt_sha256$x", HashFault.MALFORMED),
        ("argon2$argon2id$x", HashFault.MALFORMED),
        ("md5$x", HashFault.MALFORMED),
        ("sha1$salt$digest", HashFault.UNKNOWN_FORMAT),
        ("", HashFault.UNKNOWN_FORMAT),
    ],
)
def test_what_is_not_read_is_told_and_refused(hasher: Any, stored: str, fault: HashFault) -> None:
    assert hasher.find_fault(stored) is fault
    assert not hasher.verify(Secret("password"), stored)


def test_a_broken_hash_that_its_hasher_takes_apart_is_no_error(hasher: Any) -> None:
    """Django finds the empty salt only while it checks."""
    assert not hasher.verify(Secret("password"), "pbkdf2_sha256$1000$$YWFh")


def test_without_its_library_a_hash_is_not_read(hasher: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    assert hasher.find_fault(OLD_HASHES["django bcrypt"]) is HashFault.LIBRARY_MISSING
    assert not hasher.verify(Secret(OLD_PASSWORD), OLD_HASHES["django bcrypt"])


def test_what_the_project_makes_itself_is_never_too_costly(
    hasher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from support.cheap_hasher import CheapHasher

    stored = hasher.hash(Secret("x")).replace("m=64", "m=300000")
    assert hasher.find_fault(stored) is HashFault.TOO_COSTLY
    monkeypatch.setattr(CheapHasher, "memory_cost", 300_000)
    assert hasher.find_fault(stored) is None


def test_a_hasher_of_the_projects_own_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    django_blog.set_up()
    from django.contrib.auth.hashers import BasePasswordHasher
    from django.test import override_settings

    from bastide.django.passwords import DjangoHasher

    class Own(BasePasswordHasher):
        algorithm = "own"

        def encode(self, password: str, salt: str) -> str:
            return f"own${salt}${password[::-1]}"

        def verify(self, password: str, encoded: str) -> bool:
            return self.encode(password, encoded.split("$")[1]) == encoded

    monkeypatch.setattr("support.cheap_hasher.Own", Own, raising=False)
    with override_settings(PASSWORD_HASHERS=["support.cheap_hasher.CheapHasher", "support.cheap_hasher.Own"]):
        stored = Own().encode("password", "salt")
        hasher = DjangoHasher(HashingSettings(), sample=lambda _: [stored], clock=FrozenClock())
        assert hasher.find_fault(stored) is None
        assert hasher.verify(Secret("password"), stored)
        assert not hasher.verify(Secret("password"), None)
        assert hasher.needs_rehash(stored)


@pytest.mark.asvs("V6.3.8")
def test_a_name_that_nobody_has_costs_what_most_accounts_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    django_blog.set_up()
    from django.contrib.auth.hashers import PBKDF2PasswordHasher
    from django.test import override_settings

    from bastide.django.passwords import DjangoHasher

    usual, other = OLD_HASHES["django pbkdf2_sha256"], OLD_HASHES["django scrypt"]
    stored = [other, usual, usual, "unread", "unread", "unread"]
    counted: list[int] = []
    encode = PBKDF2PasswordHasher.encode

    def counting(self: PBKDF2PasswordHasher, password: str, salt: str, iterations: int = 0) -> str:
        counted.append(iterations)
        return str(encode(self, password, salt, iterations))

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counting)
    with override_settings(PASSWORD_HASHERS=["support.cheap_hasher.CheapHasher", *BUILT_IN]):
        hasher = DjangoHasher(HashingSettings(), sample=lambda _: stored, clock=FrozenClock())
        for each in (None, "unread", usual):
            assert not hasher.verify(Secret("wrong"), each)
        assert not hasher.verify(Secret(OLD_PASSWORD), None)
    assert counted == [1000] * 4
