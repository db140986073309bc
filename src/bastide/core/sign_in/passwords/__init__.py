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
from bastide.core.sign_in.ports import BreachChecker, BreachVerdict, Hasher

__all__ = [
    "MAX_SECRET_LENGTH",
    "BreachChecker",
    "BreachVerdict",
    "CommonPasswords",
    "Hasher",
    "HashingSettings",
    "HashingSlots",
    "PasswordHasher",
    "PasswordLengths",
    "PasswordPolicy",
    "PasswordPreset",
    "PasswordSettings",
]
