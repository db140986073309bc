"""Which events a filter lets through, and that their texts forge no line."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.security_log import (
    Event,
    EventFilter,
    EventGroup,
    EventKind,
    Outcome,
    account_target,
    from_record,
    neutralise,
    to_json,
    to_record,
)
from bastide.core.security_log.events import is_about
from bastide.testing.clock import START
from support.rows import rows

EVENT = Event(
    kind=EventKind.LOGIN_FAILURE, outcome=Outcome.FAILURE, at=START, actor="1", target="account:7",
    address="203.0.113.7",
)  # fmt: skip
ALL = {
    "kinds": frozenset({EventKind.LOGIN_FAILURE, EventKind.LOCKED}), "outcome": Outcome.FAILURE, "account": 7,
    "address": "203.0.113.7", "since": START, "until": START + timedelta(microseconds=1),
}  # fmt: skip


@rows(
    ("name", "other"),
    [
        ("kinds", EventGroup.SYSTEM.kinds),
        ("outcome", Outcome.SUCCESS),
        ("account", 70),
        ("address", "203.0.113.70"),
        ("since", START + timedelta(microseconds=1)),
        ("until", START),
    ],
)
def test_a_filter_admits_what_fits_all_of_it(name: str, other: object) -> None:
    whole = EventFilter(**ALL)  # type: ignore[arg-type]
    assert whole.admits(EVENT)
    assert EventFilter().admits(EVENT)
    assert not replace(whole, **{name: other}).admits(EVENT)  # type: ignore[arg-type]


def test_an_event_is_about_who_acted_and_who_was_acted_on() -> None:
    assert is_about(EVENT, 1)
    assert is_about(EVENT, 7)
    assert not is_about(EVENT, 17)
    assert not is_about(replace(EVENT, actor="", target="post:7"), 7)
    assert account_target(7) == EVENT.target


def test_a_filter_asks_for_one_outcome_or_for_all() -> None:
    assert EventFilter().outcomes == tuple(Outcome)
    assert EventFilter(outcome=Outcome.REFUSED).outcomes == (Outcome.REFUSED,)


@pytest.mark.asvs("V16.4.2")
@rows(
    "changed", [{"kind": "account:login"}, {"kind": None}, {"kind": 7}, {"outcome": "x"}, {"at": 10**30}, {"at": "never"}, {"detail": "[1]"}, {"detail": "{"}]
)  # fmt: skip
def test_a_row_that_was_changed_beyond_reading_is_shown_as_that(changed: dict[str, Any]) -> None:
    event = Event(kind=EventKind.LOGOUT, outcome=Outcome.SUCCESS, at=START, detail={"a": "b"})
    assert from_record(to_record(event)) == event
    assert from_record(to_record(event)._replace(**changed)).kind is EventKind.LOG_UNREADABLE


@rows("kind", ["shop:order:placed", "account:login:succes"])
def test_a_row_whose_kind_nobody_declares_is_shown_whole(kind: str) -> None:
    event = replace(EVENT, kind=kind)
    assert from_record(to_record(event)) == event
    assert f'"kind": "{kind}"' in to_json(event)


@pytest.mark.asvs("V16.4.1")
@rows(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("José 李", "José 李"),
        ("a\r\nforged line", "a\\u000d\\u000aforged line"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("evil\u202etxt", "evil\\u202etxt"),
        ("two\u2028lines", "two\\u2028lines"),
        ("lone\ud800", "lone\\ud800"),
        ("x" * 201, "x" * 200 + "…"),
    ],
)
def test_texts_cannot_forge_log_lines(text: str, shown: str) -> None:
    assert neutralise(text) == shown


@given(st.text())
def test_neutralised_text_is_one_printable_line(text: str) -> None:
    assert len(neutralise(text).splitlines()) <= 1
    assert len(neutralise(text)) <= 1201


def test_text_that_grows_when_written_out_is_cut_to_what_the_stores_hold() -> None:
    assert neutralise("\U0010fffd" * 150) == "\\u10fffd" * 150
    assert neutralise("\U0010fffd" * 151) == "\\u10fffd" * 150 + "…"
