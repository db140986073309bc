"""PBKDF2 as three libraries spell it."""

import pytest
from passlib.hash import pbkdf2_sha256, pbkdf2_sha512
from werkzeug.security import generate_password_hash

from bastide.core.sign_in.passwords.readers import HashFault, Limits, UnreadableHash
from bastide.core.sign_in.passwords.readers.pbkdf2 import parse_pbkdf2
from support.old_hashes import OLD_HASHES, OLD_PASSWORD
from support.rows import rows

HEX = "4b007901b765489abead49d926f721d065a429c1"


def test_a_published_vector_is_read() -> None:
    """RFC 6070, the fourth, as werkzeug would spell it."""
    found = parse_pbkdf2(f"pbkdf2:sha1:4096$salt${HEX}", Limits())
    assert found is not None
    assert found.matches("password")
    assert not found.matches("Password")


@rows("name", [name for name in OLD_HASHES if "pbkdf2" in name])
def test_hashes_of_other_libraries_are_read(name: str) -> None:
    found = parse_pbkdf2(OLD_HASHES[name], Limits())
    assert found is not None
    assert found.matches(OLD_PASSWORD)
    assert not found.matches(OLD_PASSWORD + " ")


def test_what_the_libraries_make_is_read() -> None:
    for stored in (
        generate_password_hash("x" * 200, "pbkdf2:sha256:7"),
        pbkdf2_sha256.using(rounds=7).hash("x" * 200),
        pbkdf2_sha512.using(rounds=7, salt_size=0).hash("x" * 200),
    ):
        found = parse_pbkdf2(stored, Limits())
        assert found is not None
        assert found.matches("x" * 200)
        assert not found.matches("x" * 199)


@pytest.mark.asvs("V6.2.8")
def test_a_nul_at_the_end_counts() -> None:
    found = parse_pbkdf2(generate_password_hash("abc", "pbkdf2:sha256:7"), Limits())
    assert found is not None
    assert found.matches("abc")
    assert not found.matches("abc\0")


def test_another_format_is_none() -> None:
    assert parse_pbkdf2("$2b$04$x", Limits()) is None


@pytest.mark.asvs("V15.2.2")
@rows(
    "stored",
    [f"pbkdf2:sha1:5000001$salt${HEX}", "pbkdf2_sha256$9999999999$salt$YWFh", "$pbkdf2$9999999999$YWI$YWFh"],
)
def test_an_absurd_cost_is_refused_before_it_is_paid(stored: str) -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_pbkdf2(stored, Limits())
    assert raised.value.fault is HashFault.TOO_COSTLY


@rows(
    "stored",
    [
        "pbkdf2:sha1", f"pbkdf2:md5:1${HEX}${HEX}", f"pbkdf2:sha1:0$salt${HEX}", f"pbkdf2:sha1:1$salt${HEX}00",
        f"pbkdf2:sha256:1$salt${HEX}", "pbkdf2:sha1:1$salt$zz", f"pbkdf2:sha1:١$salt${HEX}", "pbkdf2_sha256$1$a$b",
        "pbkdf2_sha512$1$salt$YWFh", "$pbkdf2-sha256$1$YWI$YWFh", "$pbkdf2-md5$1$YWI$YWFh",
    ],
)  # fmt: skip
def test_a_malformed_hash_is_told(stored: str) -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_pbkdf2(stored, Limits())
    assert raised.value.fault is HashFault.MALFORMED
