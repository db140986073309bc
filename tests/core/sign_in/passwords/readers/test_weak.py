"""Weak hashes are read where they are named, and as Argon2id everywhere once they are wrapped."""

import argon2
import pytest

from bastide.core.foundation import ConfigurationError
from bastide.core.sign_in.passwords.readers import WEAK_FORMATS, HashFault, Limits, UnreadableHash
from bastide.core.sign_in.passwords.readers.weak import (
    parse_weak,
    parse_wrapped,
    require_one_meaning,
    wrap_weak,
)
from support.old_hashes import OLD_PASSWORD, WEAK_HASHES
from support.rows import rows

CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def test_every_weak_format_has_its_row() -> None:
    assert WEAK_HASHES.keys() == WEAK_FORMATS


@rows("name, stored", WEAK_HASHES.items())
def test_a_named_format_is_read_and_wrapped(name: str, stored: str) -> None:
    found = parse_weak(stored, {name})
    assert found is not None
    assert found.weak_format == name
    wrapped = wrap_weak(found, CHEAP.hash)
    assert stored.rpartition("$")[2] not in wrapped
    assert len(wrapped) < 170
    over = parse_wrapped(wrapped, Limits())
    assert over is not None
    assert over.weak_format == ""
    for each in (found, over):
        assert each.matches(OLD_PASSWORD)
        assert not each.matches(OLD_PASSWORD + " ")


@rows("name, stored", WEAK_HASHES.items())
def test_a_format_that_is_not_named_opens_nothing(name: str, stored: str) -> None:
    other = "hex_md5" if name != "hex_md5" else "hex_sha1"
    for named in ((), (other,)):
        with pytest.raises(UnreadableHash) as raised:
            parse_weak(stored, named)
        assert raised.value.fault is HashFault.NOT_NAMED


@rows(
    "name, stored",
    [("hex_md5", "md5$$" + WEAK_HASHES["hex_md5"]), ("hex_sha1", WEAK_HASHES["hex_sha1"].upper())],
)
def test_digests_without_a_salt_are_read_as_django_and_others_spelled_them(name: str, stored: str) -> None:
    found = parse_weak(stored, {name})
    assert found is not None
    assert found.matches(OLD_PASSWORD)


@rows("stored", ["", "ab", "xyz", "z" * 32, "$2b$04$x"])
def test_another_format_is_none(stored: str) -> None:
    assert parse_weak(stored, WEAK_FORMATS) is None
    assert parse_wrapped(stored, Limits()) is None


@rows("stored", ["md5$x", "sha1$salt$xyz", "md5$salt$abc"])
def test_a_malformed_hash_is_told(stored: str) -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_weak(stored, WEAK_FORMATS - {"werkzeug_md5", "werkzeug_sha1"})
    assert raised.value.fault is HashFault.MALFORMED


@rows("stored", ["bastide$", "bastide$none$" + CHEAP.hash("x"), "bastide$hex_md5$$argon2id$v=19$x"])
def test_a_malformed_wrap_is_told(stored: str) -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_wrapped(stored, Limits())
    assert raised.value.fault is HashFault.MALFORMED


@pytest.mark.asvs("V15.2.2")
def test_a_wrap_of_absurd_cost_is_refused() -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_wrapped("bastide$hex_md5$" + CHEAP.hash("x").replace("m=64", "m=999999"), Limits())
    assert raised.value.fault is HashFault.TOO_COSTLY


def test_two_formats_that_are_spelled_alike_are_not_both_named() -> None:
    require_one_meaning({"django_md5", "werkzeug_sha1"})
    for name in ("md5", "sha1"):
        with pytest.raises(ConfigurationError, match=f"django_{name} and werkzeug_{name}"):
            require_one_meaning({f"django_{name}", f"werkzeug_{name}"})
