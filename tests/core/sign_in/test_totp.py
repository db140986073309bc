"""Codes of authenticators, by the vectors of the standards."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.sign_in import totp
from support.rows import rows

RFC_SECRET = b"12345678901234567890"


# RFC 6238, appendix B, cut to six digits; RFC 4226, appendix D.
@rows(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
     (2000000000, "279037"), (20000000000, "353130")],
)  # fmt: skip
def test_the_vectors_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(RFC_SECRET, totp.step_at(now)) == code
    assert totp.matching_step(RFC_SECRET, code, now=now, drift_steps=0) == seconds // 30


def test_the_vectors_of_the_counter() -> None:
    codes = [
        "755224",
        "287082",
        "359152",
        "969429",
        "338314",
        "254676",
        "287922",
        "162583",
        "399871",
        "520489",
    ]
    assert [totp.code_at(RFC_SECRET, step) for step in range(10)] == codes


@pytest.mark.asvs("V6.5.5")
@given(st.integers(-3, 3), st.integers(0, 2))
def test_a_code_is_good_for_as_many_steps_as_declared(offset: int, drift: int) -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    step = totp.step_at(now) + offset
    found = totp.matching_step(RFC_SECRET, totp.code_at(RFC_SECRET, step), now=now, drift_steps=drift)
    assert found == (step if abs(offset) <= drift else None)


@pytest.mark.asvs("V6.5.3")
def test_the_secret_is_shown_as_authenticators_read_it() -> None:
    assert base64.b32decode(totp.manual_key(RFC_SECRET)) == RFC_SECRET
    assert totp.provisioning_uri(RFC_SECRET, site="A & B", name="maud") == (
        "otpauth://totp/A%20%26%20B%3Amaud?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=A%20%26%20B"
    )
