"""Decisions read as true or false."""

from bastide.core.foundation import ALLOWED, DenialReason, Denied


def test_a_denial_is_falsy_and_an_allowance_truthy() -> None:
    assert not Denied(DenialReason.FORBIDDEN)
    assert ALLOWED
