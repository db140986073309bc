"""Passwords: what may be one, how it is kept, how it is checked."""

from bastide.core.sign_in.passwords.common import CommonPasswords
from bastide.core.sign_in.passwords.hashing import HashingSettings, PasswordHasher
from bastide.core.sign_in.passwords.policy import PasswordPolicy, PolicyPreset, PolicySettings
from bastide.core.sign_in.ports import BreachChecker, BreachVerdict, Hasher

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
