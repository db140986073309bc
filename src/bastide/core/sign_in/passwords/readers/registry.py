"""Which readers there are, and which of them reads a stored hash."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from bastide.core.foundation import ConfigurationError, Secret
from bastide.core.sign_in.passwords.readers.argon2 import parse_argon2
from bastide.core.sign_in.passwords.readers.bcrypt import parse_bcrypt, require_bcrypt
from bastide.core.sign_in.passwords.readers.flask_security import keyed, normalised
from bastide.core.sign_in.passwords.readers.parts import Limits, ReadHash, UnreadableHash, encode
from bastide.core.sign_in.passwords.readers.pbkdf2 import parse_pbkdf2
from bastide.core.sign_in.passwords.readers.scrypt import parse_scrypt
from bastide.core.sign_in.passwords.readers.sha_crypt import parse_sha_crypt
from bastide.core.sign_in.passwords.readers.weak import (
    WEAK_FORMATS,
    parse_weak,
    parse_wrapped,
    require_one_meaning,
)
from bastide.core.sign_in.ports import HashFault

_STRONG: Final = {
    "argon2": parse_argon2,
    "bcrypt": parse_bcrypt,
    "pbkdf2": parse_pbkdf2,
    "scrypt": parse_scrypt,
    "sha_crypt": parse_sha_crypt,
}
STRONG_FORMATS: Final = tuple(_STRONG)
FORMATS: Final = WEAK_FORMATS.union(STRONG_FORMATS)
# Nothing that is read comes near, and patterns are not tried on more.
_MAX_HASH_LENGTH: Final = 512


class HashReaders:
    """Takes stored hashes apart, whoever made them, without computing anything.

    Args:
        formats: which are read, of ``FORMATS``.
        limits: what a check may take.
        own_prefix: how a hash of today's parameters begins.
        keyed_salt: ``SECURITY_PASSWORD_SALT`` of an application that used Flask-Security, or None.

    Raises:
        ConfigurationError: no such format, two that are spelled alike, or bcrypt is named beside a choice
            of others and its library is missing.
    """

    def __init__(
        self,
        *,
        formats: Collection[str] = STRONG_FORMATS,
        limits: Limits | None = None,
        own_prefix: str = "$argon2id$",
        keyed_salt: Secret | None = None,
    ) -> None:
        unknown = set(formats) - FORMATS
        if unknown:
            msg = f"unknown formats of password hashes: {sorted(unknown)}; there are {sorted(FORMATS)}"
            raise ConfigurationError(msg)
        require_one_meaning(formats)
        if "bcrypt" in formats and set(formats) != set(STRONG_FORMATS):
            require_bcrypt()
        self._weak = WEAK_FORMATS & set(formats)
        self._strong = {name: parse for name, parse in _STRONG.items() if name in {*formats, "argon2"}}
        self._unnamed = {name: parse for name, parse in _STRONG.items() if name not in self._strong}
        self._limits = limits or Limits()
        self._own_prefix = own_prefix
        self._keyed_salt = keyed_salt

    def read(self, stored: str) -> ReadHash:
        """Return the hash taken apart.

        Raises:
            UnreadableHash: nothing can be checked against it; ``fault`` says why.
        """
        if len(stored) > _MAX_HASH_LENGTH or not stored.isascii():
            raise UnreadableHash(HashFault.UNKNOWN_FORMAT)
        wrapped = parse_wrapped(stored, self._limits) or parse_weak(stored, self._weak)
        if wrapped is not None:
            return wrapped
        for parse in self._strong.values():
            found = parse(stored, self._limits)
            if found is not None:
                return self._with_tries(found, stored)
        is_known = any(parse(stored, self._limits) for parse in self._unnamed.values())
        raise UnreadableHash(HashFault.NOT_NAMED if is_known else HashFault.UNKNOWN_FORMAT)

    def _with_tries(self, found: ReadHash, stored: str) -> ReadHash:
        """Return the hash with all that its maker may have hashed.

        Flask-Security has passlib write its hashes, which begin with a dollar sign, but for Django's, whose
        passwords it does not key. Nothing in a hash says whether it is over a keyed digest or over the
        password itself, as Bastide's own are, and those of an application before Flask-Security: so both are
        tried, which a wrong password pays for.
        """
        is_passlibs = stored.startswith("$")
        if not stored.startswith(self._own_prefix) and (is_passlibs or self._keyed_salt is not None):
            found = replace(found, tries=(encode, lambda password: encode(normalised(password))))
        if self._keyed_salt is None or not is_passlibs:
            return found
        return keyed(found, self._keyed_salt)
