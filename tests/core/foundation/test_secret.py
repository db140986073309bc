"""Errors, decisions, secrets, signatures, clients, events."""

import copy
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import (
    ALLOWED,
    EPOCH,
    Client,
    ConfigurationError,
    DenialReason,
    Denied,
    InvalidInput,
    Secret,
    Signer,
    SystemClock,
    SystemEntropy,
    VerificationFailed,
    decode_token,
    digest,
    encode_token,
    from_micros,
    network_of,
    to_micros,
)
from bastide.core.security_log import Event, EventFilter, EventKind, Outcome, Recorder, neutralise
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from support.core import log_of


def test_a_denial_is_falsy_and_an_allowance_truthy() -> None:
    assert not Denied(DenialReason.FORBIDDEN)
    assert ALLOWED


def test_errors_name_field_rule_and_limits_only() -> None:
    error = InvalidInput("title", "too_long", max=200)
    assert (error.field, error.code, error.limits, str(error)) == (
        "title",
        "too_long",
        {"max": 200},
        "title: too_long",
    )
    assert VerificationFailed("csrf_missing").reason == "csrf_missing"


@pytest.mark.asvs("V16.2.5")
def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret("open sesame")
    assert "sesame" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "open sesame"
    assert secret == Secret("open sesame")
    assert hash(secret) == hash(Secret("open sesame"))
    assert secret != Secret("open sesam")
    assert secret != "open sesame"
    with pytest.raises(TypeError):
        copy.deepcopy(secret)


@given(st.binary(max_size=64))
def test_tokens_decode_to_what_was_encoded(raw: bytes) -> None:
    assert decode_token(encode_token(raw), size_bytes=len(raw)) == raw


@pytest.mark.asvs("V7.2.1")
@pytest.mark.parametrize(
    "forged", ["", "AAA", "AAAA=", "AA+A", "AA/A", "AAAé", "AAAA\n", "AAB", "A" * 5000, "\ud800"]
)
def test_tokens_that_are_not_canonical_are_refused(forged: str) -> None:
    assert decode_token(forged, size_bytes=3) is None
    assert decode_token("AAAA", size_bytes=3) == b"\0\0\0"
    assert decode_token("AAF", size_bytes=2) is None


@pytest.mark.asvs("V9.2.2", "V11.4.1")
def test_tags_hold_for_one_purpose_and_message() -> None:
    key = Secret("k" * 32)
    signer = Signer(key, purpose="one")
    tag = signer.tag(b"message")
    assert len(tag) == 32
    assert signer.matches(b"message", tag)
    assert not signer.matches(b"massage", tag)
    assert not Signer(key, purpose="two").matches(b"message", tag)
    assert not Signer(Secret("l" * 32), purpose="one").matches(b"message", tag)


def test_short_keys_stop_the_start() -> None:
    with pytest.raises(ConfigurationError, match="31 bytes"):
        Signer(Secret("k" * 31), purpose="one")


@pytest.mark.asvs("V15.3.4")
@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.asvs("V16.4.1")
@pytest.mark.parametrize(
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


@pytest.mark.asvs("V16.2.1", "V16.2.2", "V16.2.5")
def test_recorded_events_carry_the_caller_and_no_session_id() -> None:
    stores, clock = memory_stores(), FrozenClock()
    client = Client(address="203.0.113.7", request_id="r1", route="posts.show")
    recorder = Recorder(sink=log_of(stores), clock=clock)
    recorder.record(
        EventKind.ACCESS_DENIED, Outcome.REFUSED, client, actor=7, target="post:1", session_digest=b"\xab" * 32,
        reason="a\nb",
    )  # fmt: skip
    recorder.record(EventKind.LOGOUT, Outcome.SUCCESS, client)
    events, total = stores.events.list_events(
        EventFilter(kinds=frozenset({EventKind.ACCESS_DENIED})), offset=0, limit=10
    )
    assert total == 1
    assert events[0] == Event(
        kind=EventKind.ACCESS_DENIED, outcome=Outcome.REFUSED, at=clock.now(), actor="7", target="post:1",
        session="ab" * 8, address="203.0.113.7", route="posts.show", request_id="r1", detail={"reason": "a\\u000ab"},
    )  # fmt: skip
    assert recorder.now() == clock.now()


def test_the_system_gives_utc_and_unpredictable_bytes() -> None:
    assert SystemClock().now().tzinfo is UTC
    assert (SystemClock().now() - datetime.now(UTC)).total_seconds() < 60
    first, second = (SystemEntropy().token_bytes(32) for _ in range(2))
    assert len(first) == 32
    assert first != second
    assert SeededEntropy("a").token_bytes(8) == SeededEntropy("a").token_bytes(8)
    assert digest(b"x") != digest(b"y")


def test_moments_are_whole_microseconds_since_1970() -> None:
    moment = datetime(2026, 11, 24, 12, 0, 0, 123_456, tzinfo=UTC)
    assert to_micros(moment) == 1_795_521_600_123_456
    assert from_micros(to_micros(moment)) == moment
    assert to_micros(EPOCH) == 0


def test_every_kind_of_event_is_in_the_vocabulary() -> None:
    page = (Path(__file__).parents[3] / "docs/events.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([\w:]+)` \|", page, flags=re.MULTILINE) == [kind.value for kind in EventKind]
