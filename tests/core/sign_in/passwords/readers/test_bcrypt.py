"""bcrypt in its spellings, cut where it was cut, and no longer for what it cannot tell apart."""

import sys

import bcrypt
import pytest
from passlib.hash import bcrypt_sha256

from bastide.core.foundation import ConfigurationError
from bastide.core.sign_in.passwords.readers import HashFault, Limits, UnreadableHash
from bastide.core.sign_in.passwords.readers.bcrypt import parse_bcrypt, require_bcrypt
from support.old_hashes import OLD_HASHES, OLD_PASSWORD
from support.rows import rows

PUBLISHED = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"


@rows(
    "stored, password",
    [(PUBLISHED, "U*U"), ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*")],
)
def test_published_hashes_are_read(stored: str, password: str) -> None:
    """crypt_blowfish's own, wrapper.c."""
    found = parse_bcrypt(stored, Limits())
    assert found is not None
    assert found.matches(password)
    assert not found.matches(password + "*")


@rows(
    "stored, password, is_right",
    [
        ("$2x$05$" + PUBLISHED[7:], "U*U", True),
        ("$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "\u00a3", False),
        ("$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", "\u00a3", False),
    ],
)
def test_hashes_of_phps_former_fault_are_read_as_far_as_it_did_not_matter(
    stored: str,
    password: str,
    is_right: bool,  # noqa: FBT001
) -> None:
    """crypt_blowfish's own, wrapper.c; those are of one byte, which no typed password is."""
    found = parse_bcrypt(stored, Limits())
    assert found is not None
    assert found.matches(password) is is_right


@rows("name", [name for name in OLD_HASHES if "bcrypt" in name])
def test_hashes_of_other_libraries_are_read(name: str) -> None:
    found = parse_bcrypt(OLD_HASHES[name], Limits())
    assert found is not None
    assert found.matches(OLD_PASSWORD)
    assert not found.matches(OLD_PASSWORD + " ")


def test_what_the_libraries_make_is_read() -> None:
    plain = parse_bcrypt(bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(5)).decode(), Limits())
    long = parse_bcrypt(bcrypt_sha256.using(rounds=5).hash("x" * 200), Limits())
    assert plain is not None
    assert long is not None
    assert plain.matches("x" * 72)
    assert long.matches("x" * 200)
    assert not long.matches("x" * 199)


def test_a_long_password_is_cut_where_its_hash_was_made_from_72_bytes() -> None:
    found = parse_bcrypt(bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode(), Limits())
    assert found is not None
    assert found.matches("x" * 100)
    assert not found.matches("x" * 71 + "y" * 29)


@pytest.mark.asvs("V6.2.8")
def test_a_nul_is_no_way_to_say_a_password_twice() -> None:
    stored = bcrypt.hashpw(b"abc", bcrypt.gensalt(4))
    assert bcrypt.checkpw(b"abc\0abc", stored)
    found = parse_bcrypt(stored.decode(), Limits())
    assert found is not None
    assert found.matches("abc")
    assert not found.matches("abc\0abc")


def test_another_format_is_none() -> None:
    assert parse_bcrypt("scrypt:1024:8:1$x$y", Limits()) is None


@pytest.mark.asvs("V15.2.2")
@rows("stored", ["$2b$31$" + PUBLISHED[7:], "bcrypt$$2b$16$" + PUBLISHED[7:]])
def test_an_absurd_cost_is_refused_before_it_is_paid(stored: str) -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_bcrypt(stored, Limits())
    assert raised.value.fault is HashFault.TOO_COSTLY


@rows(
    "stored",
    [
        "$2b$", "$2$05$" + PUBLISHED[7:], "$2b$03$" + PUBLISHED[7:], PUBLISHED + "x",
        PUBLISHED[:-1], PUBLISHED + "\n", "$2b$05$" + "z" * 53, "bcrypt$" + PUBLISHED[1:], "bcrypt_sha256$x",
        "$bcrypt-sha256$v=3,t=2b,r=4$" + "." * 22 + "$" + "." * 31,
    ],
)  # fmt: skip
def test_a_malformed_hash_is_told(stored: str) -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_bcrypt(stored, Limits())
    assert raised.value.fault is HashFault.MALFORMED


def test_without_the_library_its_hashes_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    with pytest.raises(UnreadableHash) as raised:
        parse_bcrypt(PUBLISHED, Limits())
    assert raised.value.fault is HashFault.LIBRARY_MISSING
    with pytest.raises(ConfigurationError, match=r"bastide\[bcrypt\]"):
        require_bcrypt()
