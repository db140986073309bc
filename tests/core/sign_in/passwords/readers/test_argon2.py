"""Argon2 of any type, version and parameters, within limits."""

import argon2
import pytest

from bastide.core.sign_in.passwords.readers import HashFault, Limits, UnreadableHash
from bastide.core.sign_in.passwords.readers.argon2 import parse_argon2
from support.old_hashes import OLD_HASHES, OLD_PASSWORD
from support.rows import rows

SALT, DIGEST = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"


@rows(
    "stored",
    [
        # The reference implementation's own, test.c.
        f"$argon2id$v=19$m=65536,t=2,p=1${SALT}${DIGEST}",
        f"argon2$argon2id$v=19$m=65536,t=2,p=1${SALT}${DIGEST}",
        f"$argon2i$m=65536,t=2,p=1${SALT}$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
        f"$argon2i$v=19$m=65536,t=2,p=1${SALT}$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
    ],
)
def test_published_hashes_are_read(stored: str) -> None:
    found = parse_argon2(stored, Limits())
    assert found is not None
    assert found.matches("password")
    assert not found.matches("Password")


@rows("name", ["django argon2", "argon2i", "argon2d"])
def test_hashes_of_other_libraries_are_read(name: str) -> None:
    found = parse_argon2(OLD_HASHES[name], Limits())
    assert found is not None
    assert found.matches(OLD_PASSWORD)
    assert not found.matches(OLD_PASSWORD + " ")


def test_what_argon2_cffi_makes_is_read() -> None:
    for type_ in argon2.Type:
        maker = argon2.PasswordHasher(time_cost=2, memory_cost=128, parallelism=3, hash_len=20, type=type_)
        found = parse_argon2(maker.hash("a\0b \ud7ff"), Limits())
        assert found is not None
        assert found.matches("a\0b \ud7ff")
        assert not found.matches("a")


def test_another_format_is_none() -> None:
    assert parse_argon2("$2b$04$x", Limits()) is None


@pytest.mark.asvs("V15.2.2")
@rows(
    "costs",
    [
        "m=262145,t=1,p=1",
        "m=262144,t=5,p=1",
        "m=9999999999,t=1,p=1",
        "m=8,t=9999999999,p=1",
        "m=1024,t=1,p=17",
    ],
)
def test_an_absurd_cost_is_refused_before_it_is_paid(costs: str) -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_argon2(f"$argon2id$v=19${costs}${SALT}${DIGEST}", Limits())
    assert raised.value.fault is HashFault.TOO_COSTLY


@rows(
    "stored",
    [
        "$argon2id$",
        f"$argon2x$v=19$m=64,t=1,p=1${SALT}${DIGEST}",
        f"$argon2id$v=18$m=64,t=1,p=1${SALT}${DIGEST}",
        f"$argon2id$v=19$m=64,t=0,p=1${SALT}${DIGEST}",
        f"$argon2id$v=19$m=64,t=1,p=0${SALT}${DIGEST}",
        f"$argon2id$v=19$m=15,t=1,p=2${SALT}${DIGEST}",
        f"$argon2id$v=19$m=-4,t=1,p=1${SALT}${DIGEST}",
        f"$argon2id$v=19$m=64,t=1,p=1$c2FsdA${DIGEST}",
        f"$argon2id$v=19$m=64,t=1,p=1${SALT}$CTFh",
        f"$argon2id$v=19$m=64,t=1,p=1${SALT}${DIGEST}\n",
        f"$argon2id$v=19$m=64,t=1,p=1,keyid=x${SALT}${DIGEST}",
    ],
)
def test_a_malformed_hash_is_told(stored: str) -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_argon2(stored, Limits())
    assert raised.value.fault is HashFault.MALFORMED
