"""Errors name rules and limits, and say what they are."""

from bastide.core.foundation import DataRefused, InvalidInput, VerificationFailed


def test_errors_say_what_they_are() -> None:
    assert str(DataRefused(is_conflict=True)) == "conflict"
    assert str(DataRefused(is_conflict=False)) == "bad data"


def test_errors_name_field_rule_and_limits_only() -> None:
    error = InvalidInput("title", "too_long", max=200)
    assert (error.field, error.code, error.limits, str(error)) == (
        "title",
        "too_long",
        {"max": 200},
        "title: too_long",
    )
    assert VerificationFailed("csrf_missing").reason == "csrf_missing"
