"""Sign-in: every way to show that an account is one's own, under one budget.

Passwords, authenticator codes, backup codes, passkeys, mailed links; second factors where they are on; a
second look before what is sensitive. An unknown name costs and says what a known one does.
"""

from bastide.core.sign_in.challenges import Challenges
from bastide.core.sign_in.login import FactorNeeded, LoggedIn, Login
from bastide.core.sign_in.outside import Drawn, OutsideSignIns
from bastide.core.sign_in.passkey_sign_in import PasskeyProofs
from bastide.core.sign_in.passkeys import (
    HANDLE_PURPOSE,
    MAX_PASSKEY_NAME_LENGTH,
    Passkeys,
    PasskeySettings,
    passkey_handle,
)
from bastide.core.sign_in.password_gate import PasswordGate
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
from bastide.core.sign_in.ports import (
    BreachChecker,
    BreachVerdict,
    Hasher,
    HashFault,
    Ticket,
    TicketPurpose,
    TicketStore,
)
from bastide.core.sign_in.second_factor import TOTP_COLUMN, Enrollment, SecondFactors
from bastide.core.sign_in.secret_checks import Proofs, Refused
from bastide.core.sign_in.stored_hashes import HashesRead, StoredHashes, Unread
from bastide.core.sign_in.tickets import Tickets, TicketSettings
from bastide.core.sign_in.totp import TOTP_DIGITS, TOTP_STEP
from bastide.core.sign_in.webauthn import MAX_PASSKEY_RESPONSE_LENGTH, RelyingParty

__all__ = [
    "HANDLE_PURPOSE",
    "MAX_PASSKEY_NAME_LENGTH",
    "MAX_PASSKEY_RESPONSE_LENGTH",
    "MAX_SECRET_LENGTH",
    "TOTP_COLUMN",
    "TOTP_DIGITS",
    "TOTP_STEP",
    "BreachChecker",
    "BreachVerdict",
    "Challenges",
    "CommonPasswords",
    "Drawn",
    "Enrollment",
    "FactorNeeded",
    "HashFault",
    "HashReaders",
    "Hasher",
    "HashesRead",
    "HashingSettings",
    "HashingSlots",
    "Limits",
    "LoggedIn",
    "Login",
    "OutsideSignIns",
    "PasskeyProofs",
    "PasskeySettings",
    "Passkeys",
    "PasswordGate",
    "PasswordHasher",
    "PasswordLengths",
    "PasswordPolicy",
    "PasswordPreset",
    "PasswordSettings",
    "Proofs",
    "Refused",
    "RelyingParty",
    "SecondFactors",
    "StoredHashes",
    "Ticket",
    "TicketPurpose",
    "TicketSettings",
    "TicketStore",
    "Tickets",
    "Unread",
    "UnreadableHash",
    "UsualHash",
    "no_hashes",
    "passkey_handle",
]
