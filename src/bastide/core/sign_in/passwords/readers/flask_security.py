"""Flask-Security: a keyed digest of the password is hashed, in whatever format; the key is its "salt"."""

import base64
import hmac
import unicodedata
from dataclasses import replace

from bastide.core.foundation import Secret
from bastide.core.sign_in.passwords.readers.parts import ReadHash, encode


def normalised(password: str) -> str:
    """Return what Flask-Security's forms make of a typed password."""
    return unicodedata.normalize("NFKD", password)


def keyed(found: ReadHash, salt: Secret) -> ReadHash:
    """Return the hash as one over the keyed digest of a password, or over the password itself.

    Args:
        found: as its format reads it.
        salt: ``SECURITY_PASSWORD_SALT``.
    """
    key = encode(salt.reveal())

    def digest(password: str) -> bytes:
        return base64.b64encode(hmac.digest(key, encode(password), "sha512"))

    tries = (digest, lambda password: digest(normalised(password)), *found.tries)
    return replace(found, cost=f"{found.cost}+keyed", tries=tries)
