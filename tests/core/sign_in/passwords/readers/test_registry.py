"""One registry: what is read, by whom, and what is left unread with a reason."""

import base64
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore, hash_password
from flask_security.models import fsqla_v3
from flask_sqlalchemy import SQLAlchemy
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import ConfigurationError
from bastide.core.sign_in.passwords.readers import (
    FORMATS,
    STRONG_FORMATS,
    HashFault,
    HashReaders,
    Limits,
    UnreadableHash,
)
from support.django_blog import set_up
from support.old_hashes import KEYED_HASHES, KEYED_SALT, OLD_HASHES, OLD_PASSWORD, WEAK_HASHES
from support.rows import rows

READERS = HashReaders()
OWN = "$argon2id$v=19$m=64,t=1,p=1$"


def fault_of(readers: HashReaders, stored: str) -> HashFault:
    with pytest.raises(UnreadableHash) as raised:
        readers.read(stored)
    return raised.value.fault


@rows("stored", OLD_HASHES.values())
def test_every_strong_format_is_read_by_default(stored: str) -> None:
    found = READERS.read(stored)
    assert found.matches(OLD_PASSWORD)
    assert not found.matches(OLD_PASSWORD.upper())
    assert not found.matches("")


@rows("name, stored", WEAK_HASHES.items())
def test_a_weak_format_is_read_once_it_is_named(name: str, stored: str) -> None:
    assert fault_of(READERS, stored) is HashFault.NOT_NAMED
    found = HashReaders(formats={*STRONG_FORMATS, name}).read(stored)
    assert found.matches(OLD_PASSWORD)
    assert found.weak_format == name


@rows("stored", KEYED_HASHES.values())
def test_flask_securitys_hashes_are_read_with_its_salt(stored: str) -> None:
    assert not READERS.read(stored).matches(OLD_PASSWORD)
    for own in (OWN, "$argon2id$v=19$m=19456,t=2,p=1$"):
        found = HashReaders(keyed_salt=KEYED_SALT, own_prefix=own).read(stored)
        assert found.matches(OLD_PASSWORD)
        assert not found.matches(OLD_PASSWORD.upper())


@rows("name", [name for name in OLD_HASHES if OLD_HASHES[name].startswith("$")])
def test_beside_flask_securitys_salt_a_hash_may_be_over_the_password_itself(name: str) -> None:
    plain, found = READERS.read(OLD_HASHES[name]), HashReaders(keyed_salt=KEYED_SALT).read(OLD_HASHES[name])
    assert found.matches(OLD_PASSWORD)
    assert not found.matches(OLD_PASSWORD.upper())
    # What a wrong password pays is what the cost is named for.
    assert found.cost == f"{plain.cost}+keyed"
    assert len(found.tries) == len(plain.tries) + 2


def test_hashes_of_ones_own_are_read_beside_it() -> None:
    import argon2

    mine = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("mine")
    for own in (OWN, "$argon2id$v=19$m=19456,t=2,p=1$"):
        assert HashReaders(keyed_salt=KEYED_SALT, own_prefix=own).read(mine).matches("mine")


def test_flask_security_had_djangos_hashes_made_of_what_its_forms_normalised() -> None:
    import hashlib

    digest = base64.b64encode(hashlib.pbkdf2_hmac("sha256", "a\u0308".encode(), b"salt", 1)).decode()
    stored = f"pbkdf2_sha256$1$salt${digest}"
    assert HashReaders(keyed_salt=KEYED_SALT).read(stored).matches("ä")
    assert not HashReaders().read(stored).matches("ä")


def test_only_what_others_made_is_tried_as_their_forms_normalised_it() -> None:
    import argon2

    stored = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("a\u0308")
    assert not HashReaders(own_prefix=OWN).read(stored).matches("ä")
    assert HashReaders(own_prefix="$argon2id$v=19$m=19456,").read(stored).matches("ä")


@rows(
    "stored, fault",
    [
        ("", HashFault.UNKNOWN_FORMAT), ("plain text", HashFault.UNKNOWN_FORMAT), ("!", HashFault.UNKNOWN_FORMAT),
        ("$1$salt$" + "x" * 22, HashFault.UNKNOWN_FORMAT), ("$6$salt$" + "x" * 85, HashFault.MALFORMED), ("pbkdf2:ü", HashFault.UNKNOWN_FORMAT),
        ("$2b$04$" + "x" * 600, HashFault.UNKNOWN_FORMAT), ("$2b$04$x", HashFault.MALFORMED),
        ("$argon2id$v=19$m=999999,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHQ", HashFault.TOO_COSTLY),
    ],
)  # fmt: skip
def test_what_is_not_read_has_a_reason(stored: str, fault: HashFault) -> None:
    assert fault_of(READERS, stored) is fault


def test_formats_that_are_not_named_are_not_read_and_argon2_always_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    readers = HashReaders(formats={"pbkdf2"})
    assert readers.read(OLD_HASHES["django pbkdf2_sha256"]).matches(OLD_PASSWORD)
    assert readers.read(OLD_HASHES["argon2i"]).matches(OLD_PASSWORD)
    assert fault_of(readers, OLD_HASHES["werkzeug scrypt"]) is HashFault.NOT_NAMED


def test_the_settings_name_formats_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"unknown formats.*'md4'.*'argon2'"):
        HashReaders(formats={"md4"})
    with pytest.raises(ConfigurationError, match="spelled alike"):
        HashReaders(formats=FORMATS)
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    assert fault_of(HashReaders(), OLD_HASHES["bcrypt 2b"]) is HashFault.LIBRARY_MISSING
    with pytest.raises(ConfigurationError, match="pip install"):
        HashReaders(formats={"bcrypt"})


@given(st.data())
def test_no_stored_text_is_an_error_of_ours(data: st.DataObject) -> None:
    """Whatever stands in the column is read and can be computed, or is unreadable."""
    readers = HashReaders(
        formats={*STRONG_FORMATS, "hex_md5", "django_md5", "werkzeug_sha1"},
        keyed_salt=KEYED_SALT, limits=Limits(memory_kib=1024, iterations=2000, bcrypt_rounds=4),
    )  # fmt: skip
    stored = data.draw(st.sampled_from([*OLD_HASHES.values(), *WEAK_HASHES.values()]))
    start = data.draw(st.integers(0, len(stored)))
    end = data.draw(st.integers(start, min(start + 3, len(stored))))
    other = data.draw(st.text("0123456789$=,:./+aAzZ", max_size=4) | st.text(max_size=3))
    try:
        found = readers.read(stored[:start] + other + stored[end:])
    except UnreadableHash:
        return
    assert found.matches("x\0y") in {True, False}


def test_what_django_makes_is_read() -> None:
    set_up()
    from django.contrib.auth import hashers

    for name in (
        "PBKDF2PasswordHasher", "PBKDF2SHA1PasswordHasher", "ScryptPasswordHasher", "Argon2PasswordHasher",
    ):  # fmt: skip
        maker: Any = getattr(hashers, name)()
        assert READERS.read(maker.encode("as Django has it", maker.salt())).matches("as Django has it")
    for name in ("BCryptPasswordHasher", "BCryptSHA256PasswordHasher"):
        maker = type(name, (getattr(hashers, name),), {"rounds": 4})()
        assert READERS.read(maker.encode("x" * 72, maker.salt())).matches("x" * 72)


@rows("scheme", ["bcrypt", "argon2", "pbkdf2_sha256", "pbkdf2_sha512"])
def test_what_flask_security_makes_is_read(scheme: str) -> None:
    """Argon2 with the library's own parameters."""
    app = Flask("theirs", root_path=str(Path(__file__).parent))
    app.config.update(
        SECRET_KEY="k" * 32, SECURITY_PASSWORD_SALT=KEYED_SALT.reveal(), SECURITY_PASSWORD_HASH=scheme,
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={"bcrypt__rounds": 4, "pbkdf2_sha256__rounds": 7},
        SECURITY_PASSWORD_SCHEMES=["bcrypt", "argon2", "pbkdf2_sha256", "pbkdf2_sha512"],
        SQLALCHEMY_DATABASE_URI="sqlite://",
    )  # fmt: skip
    db = SQLAlchemy(app)
    fsqla_v3.FsModels.set_db_info(db)
    role = type("Role", (db.Model, fsqla_v3.FsRoleMixin), {})
    user = type("User", (db.Model, fsqla_v3.FsUserMixin), {})
    Security(app, SQLAlchemyUserDatastore(db, user, role))
    with app.app_context():
        stored = hash_password("x" * 200)
    found = HashReaders(keyed_salt=KEYED_SALT).read(stored)
    assert found.matches("x" * 200)
    assert not found.matches("x" * 199)
