"""Passwords of three generations: Django's, Flask-Security's with its salt, and werkzeug's."""

import base64
import hashlib
import hmac

from flask import current_app
from passlib.context import CryptContext
from werkzeug.security import check_password_hash, generate_password_hash

first = CryptContext(["django_pbkdf2_sha256"])
second = CryptContext(["argon2", "bcrypt", "pbkdf2_sha512", "pbkdf2_sha256", "scrypt"])


def make_hash(password):
    return generate_password_hash(password)


def check_hash(stored, password):
    if first.identify(stored):
        return first.verify(password, stored)
    if second.identify(stored):
        keyed = _keyed(password)
        # bcrypt looks at no more, and its library refuses what is longer.
        return second.verify(keyed[:72] if stored.startswith("$2") else keyed, stored)
    return check_password_hash(stored, password)


def _keyed(password):
    salt = current_app.config["SECURITY_PASSWORD_SALT"].encode()
    return base64.b64encode(hmac.new(salt, password.encode(), hashlib.sha512).digest()).decode()
