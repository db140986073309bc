"""Foundation: the nouns that every control speaks of.

Errors, time, randomness, secrets and their digests, signatures, who asks and who acts. Nothing here decides
or remembers anything; whoever writes a control starts with these.
"""

from bastide.core.foundation.agents import agent_family
from bastide.core.foundation.client import UNKNOWN_ADDRESS, Client, network_of
from bastide.core.foundation.clock import Clock, SystemClock
from bastide.core.foundation.decisions import ALLOWED, AccessDenied, Decision, DenialReason, Denied
from bastide.core.foundation.entropy import Entropy, SystemEntropy
from bastide.core.foundation.errors import (
    BastideError,
    BodyTooLarge,
    ConfigurationError,
    DataRefused,
    EncryptionRefused,
    InvalidDocument,
    InvalidInput,
    MediaTypeRefused,
    PreconditionFailed,
    SealBroken,
    StatementRefused,
    StoreUnavailable,
    TokenRefused,
    TooManyRequests,
    VerificationFailed,
)
from bastide.core.foundation.principal import STRANGER, AccountId, Principal
from bastide.core.foundation.secret import Secret, decode_token, digest, encode_token
from bastide.core.foundation.signing import TAG_SIZE_BYTES, Signer, is_long_enough
from bastide.core.foundation.timestamps import EPOCH, MICROSECOND, from_micros, minute_text, to_micros
from bastide.core.foundation.units import Units

__all__ = [
    "ALLOWED",
    "EPOCH",
    "MICROSECOND",
    "STRANGER",
    "TAG_SIZE_BYTES",
    "UNKNOWN_ADDRESS",
    "AccessDenied",
    "AccountId",
    "BastideError",
    "BodyTooLarge",
    "Client",
    "Clock",
    "ConfigurationError",
    "DataRefused",
    "Decision",
    "DenialReason",
    "Denied",
    "EncryptionRefused",
    "Entropy",
    "InvalidDocument",
    "InvalidInput",
    "MediaTypeRefused",
    "PreconditionFailed",
    "Principal",
    "SealBroken",
    "Secret",
    "Signer",
    "StatementRefused",
    "StoreUnavailable",
    "SystemClock",
    "SystemEntropy",
    "TokenRefused",
    "TooManyRequests",
    "Units",
    "VerificationFailed",
    "agent_family",
    "decode_token",
    "digest",
    "encode_token",
    "from_micros",
    "is_long_enough",
    "minute_text",
    "network_of",
    "to_micros",
]
