"""Five hundred users of applications that were there, with hashes that the real libraries make: cheap ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from flask import Flask
from flask_security import Security
from flask_security.datastore import UserDatastore
from flask_security.utils import hash_password
from passlib.hash import django_pbkdf2_sha256
from werkzeug.security import generate_password_hash

COUNT: Final = 500
SALT: Final = "146585145368132386173505678016728509634"
_CHEAP: Final = {
    "argon2__memory_cost": 64, "argon2__rounds": 1, "argon2__parallelism": 1, "bcrypt__rounds": 4,
    "pbkdf2_sha512__rounds": 1000, "pbkdf2_sha256__rounds": 1000, "scrypt__rounds": 4, "django_pbkdf2_sha256__rounds": 1000,
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody with a password."""

    number: int
    password: str
    format: str
    hash: str


def _werkzeug(method: str) -> Callable[[str], str]:
    return lambda password: generate_password_hash(password, method)


def _flask_security(scheme: str) -> Callable[[str], str]:
    app = Flask("former")
    app.config.update(
        SECRET_KEY="k" * 64, SECURITY_PASSWORD_SALT=SALT, SECURITY_PASSWORD_HASH=scheme,
        SECURITY_PASSWORD_SCHEMES=[scheme, "plaintext"], SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={
            name: value for name, value in _CHEAP.items() if name.startswith(f"{scheme}__")
        },
    )  # fmt: skip
    # It makes hashes only beside a model of users.
    Security(app, UserDatastore(type("User", (), {"fs_uniquifier": "", "active": True}), None))

    def make(password: str) -> str:
        with app.app_context():
            return str(hash_password(password))

    return make


WERKZEUG: Final = {
    name: _werkzeug(name)
    for name in (
        "scrypt:1024:8:1", "scrypt:2048:8:2", "pbkdf2:sha256:1000", "pbkdf2:sha512:1000", "pbkdf2:sha1:1000",
        "pbkdf2:sha384:1000",
    )
}  # fmt: skip


def flask_security() -> dict[str, Callable[[str], str]]:
    """Return the makers of Flask-Security's hashes, of passwords as its forms hand them on."""

    def normalised(make: Callable[[str], str]) -> Callable[[str], str]:
        return lambda password: make(normalize("NFKD", password))

    schemes = ("argon2", "bcrypt", "pbkdf2_sha512", "pbkdf2_sha256", "scrypt", "django_pbkdf2_sha256")
    return {f"flask-security {name}": normalised(_flask_security(name)) for name in schemes}


def mixed() -> dict[str, Callable[[str], str]]:
    """Return the makers of the hashes of three generations."""
    keyed = {
        f"flask-security {name}": _flask_security(name)
        for name in ("argon2", "bcrypt", "pbkdf2_sha512", "pbkdf2_sha256", "scrypt")
    }
    return {
        "werkzeug scrypt": _werkzeug("scrypt:1024:8:1"),
        "werkzeug pbkdf2": _werkzeug("pbkdf2:sha256:1000"),
        "django pbkdf2": django_pbkdf2_sha256.using(rounds=1000).hash,
        **keyed,
    }


def make_people(makers: dict[str, Callable[[str], str]], count: int = COUNT) -> list[Person]:
    """Return people whose formats take turns; each has a password of their own."""
    formats = list(makers.items())
    people = []
    for number in range(1, count + 1):
        name, make = formats[number % len(formats)]
        password = f"pässword of {number} only"
        people.append(Person(number, password, name, make(password)))
    return people
