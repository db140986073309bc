"""Passwords: what may be one, how it is kept, how it is checked."""

from bastide.core.sign_in.passwords.common import CommonPasswords
from bastide.core.sign_in.passwords.hashing import HashingSettings, HashingSlots, PasswordHasher
from bastide.core.sign_in.passwords.policy import (
    MAX_SECRET_LENGTH,
    PasswordLengths,
    PasswordPolicy,
    PasswordPreset,
    PasswordSettings,
)
from bastide.core.sign_in.passwords.readers import HashReaders, Limits, UnreadableHash
from bastide.core.sign_in.passwords.usual import UsualHash, no_hashes

__all__ = [
    "MAX_SECRET_LENGTH",
    "CommonPasswords",
    "HashReaders",
    "HashingSettings",
    "HashingSlots",
    "Limits",
    "PasswordHasher",
    "PasswordLengths",
    "PasswordPolicy",
    "PasswordPreset",
    "PasswordSettings",
    "UnreadableHash",
    "UsualHash",
    "no_hashes",
]
