"""Time-based one-time passwords (RFC 6238): six digits, thirty seconds, HMAC-SHA-1."""

import base64
import hmac
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from bastide.core.foundation import EPOCH

SECRET_SIZE_BYTES: Final = 20
TOTP_DIGITS: Final = 6
TOTP_STEP: Final = timedelta(seconds=30)


def step_at(now: datetime) -> int:
    """Return the number of the thirty seconds that ``now`` is in."""
    return (now - EPOCH) // TOTP_STEP


def code_at(secret: bytes, step: int) -> str:
    """Return the six digits of a step (RFC 4226, 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**TOTP_DIGITS:0{TOTP_DIGITS}}"


def matching_step(secret: bytes, code: str, *, now: datetime, drift_steps: int) -> int | None:
    """Return the step whose code this is, or None; every candidate is compared in constant time.

    Args:
        secret: 160 random bits.
        code: as typed, digits only.
        now: aware UTC.
        drift_steps: how many steps the other clock may be off either way.
    """
    here, found = step_at(now), None
    for step in range(here - drift_steps, here + drift_steps + 1):
        if hmac.compare_digest(code_at(secret, max(step, 0)).encode(), code.encode()):
            found = step
    return found


def provisioning_uri(secret: bytes, *, site: str, name: str) -> str:
    """Return the ``otpauth`` address that authenticators read from a QR code."""
    label = quote(f"{site}:{name}", safe="")
    return (
        f"otpauth://totp/{label}?{urlencode({'secret': manual_key(secret), 'issuer': site}, quote_via=quote)}"
    )


def manual_key(secret: bytes) -> str:
    """Return the secret as base32 without padding, for typing."""
    return base64.b32encode(secret).decode().rstrip("=")
