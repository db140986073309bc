"""scrypt as three libraries spell it."""

import pytest
from passlib.hash import scrypt
from werkzeug.security import generate_password_hash

from bastide.core.sign_in.passwords.readers import HashFault, Limits, UnreadableHash
from bastide.core.sign_in.passwords.readers.scrypt import parse_scrypt
from support.old_hashes import OLD_HASHES, OLD_PASSWORD
from support.rows import rows

HEX = (
    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
    "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
)


def test_a_published_vector_is_read() -> None:
    """RFC 7914 12, the second, as werkzeug would spell it."""
    found = parse_scrypt(f"scrypt:1024:8:16$NaCl${HEX}", Limits())
    assert found is not None
    assert found.matches("password")
    assert not found.matches("Password")


@rows("name", [name for name in OLD_HASHES if "scrypt" in name])
def test_hashes_of_other_libraries_are_read(name: str) -> None:
    found = parse_scrypt(OLD_HASHES[name], Limits())
    assert found is not None
    assert found.matches(OLD_PASSWORD)
    assert not found.matches(OLD_PASSWORD + " ")


def test_what_the_libraries_make_is_read() -> None:
    """werkzeug's own default among it."""
    for stored in (
        generate_password_hash("x" * 200),
        generate_password_hash("x" * 200, "scrypt:2:1:9"),
        scrypt.using(rounds=3, block_size=3, parallelism=2).hash("x" * 200),
    ):
        found = parse_scrypt(stored, Limits())
        assert found is not None
        assert found.matches("x" * 200)
        assert not found.matches("x" * 199)


@pytest.mark.asvs("V6.2.8")
def test_a_nul_at_the_end_counts() -> None:
    found = parse_scrypt(generate_password_hash("abc", "scrypt:1024:1:1"), Limits())
    assert found is not None
    assert found.matches("abc")
    assert not found.matches("abc\0")


def test_another_format_is_none() -> None:
    assert parse_scrypt("$2b$04$x", Limits()) is None


@pytest.mark.asvs("V15.2.2")
@rows(
    "stored",
    [
        f"scrypt:524288:8:1$salt${HEX}", f"scrypt:262144:8:5$salt${HEX}", f"scrypt:2:1:9999999999$salt${HEX}",
        f"scrypt:2:9999999999:1$salt${HEX}", f"scrypt:3000000000:8:1$salt${HEX}", "scrypt$524288$salt$8$1$YWFh",
        "$scrypt$ln=99,r=8,p=1$YWI$YWFh",
    ],
)  # fmt: skip
def test_an_absurd_cost_is_refused_before_it_is_paid(stored: str) -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_scrypt(stored, Limits())
    assert raised.value.fault is HashFault.TOO_COSTLY


@rows(
    "stored",
    [
        "scrypt:1024", f"scrypt:1000:8:1$salt${HEX}", f"scrypt:1:8:1$salt${HEX}", f"scrypt:0:8:1$salt${HEX}",
        f"scrypt:2:0:1$salt${HEX}", f"scrypt:2:1:0$salt${HEX}", f"scrypt:65536:1:1$salt${HEX}",
        "scrypt:2:1:1$salt$abcd", f"scrypt:2:1:1$salt${HEX}00", "scrypt$2$salt$1$1$a$b", "$scrypt$ln=1,r=1,p=1$a$b",
    ],
)  # fmt: skip
def test_a_malformed_hash_is_told(stored: str) -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_scrypt(stored, Limits())
    assert raised.value.fault is HashFault.MALFORMED


def test_the_largest_that_is_read_can_be_computed() -> None:
    found = parse_scrypt(f"scrypt:32768:1:1$salt${HEX}", Limits())
    assert found is not None
    assert not found.matches("x")
