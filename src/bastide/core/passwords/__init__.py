"""Passwords: what may be one, how it is kept, how it is checked."""

from bastide.core.passwords.common import CommonPasswords
from bastide.core.passwords.hashing import Hasher, HashingSettings, PasswordHasher
from bastide.core.passwords.policy import (
    BreachChecker,
    BreachVerdict,
    PasswordPolicy,
    PolicyPreset,
    PolicySettings,
)

__all__ = [
    "BreachChecker",
    "BreachVerdict",
    "CommonPasswords",
    "Hasher",
    "HashingSettings",
    "PasswordHasher",
    "PasswordPolicy",
    "PolicyPreset",
    "PolicySettings",
]
