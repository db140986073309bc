"""The format of the chain through the log."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.encryption import KeyRing, LiveRing
from bastide.core.foundation import ConfigurationError, InvalidInput, Secret
from bastide.core.security_log import (
    Anchor,
    Chain,
    ChainEnd,
    ChainRow,
    LogSettings,
    Record,
    to_record,
)
from bastide.core.security_log.chain import FRESH
from bastide.testing import FrozenClock
from support.chain import RING, event
from support.core import CHAIN
from support.rows import rows


def test_the_format_stays_what_it_is() -> None:
    """Links that are stored must verify for ever: change the format only with a version of its own."""
    record = to_record(event())
    assert json.dumps(record) == (
        '[1772452800000000, "account:login:failure", "failure", "1", "account:1", "ab", "203.0.113.7", '
        r'"sign_in", "r1", "{\"reason\": \"\u00e9\\\\u000a\", \"lane\": \"x\"}"]'
    )
    ringed = Chain.from_secrets(Secret("k" * 64), LiveRing(RING))
    assert (
        CHAIN.link(FRESH, 1, record).hex()
        == "8eafc210ecc707c902218af3964546d040827466134f6e2385e07bec8cbe4529"
    )
    assert (
        ringed.link(FRESH, 1, record).hex()
        == "f52dfff90fc14871402f918747d4e41408192574c6f52ebc9aa1a467cac916aa"
    )
    assert (
        ringed.link(FRESH, 1, record, key_id=1).hex()
        == "6b52ca71705a494178ef44afea0ea68d70666f4d2d2654105d4dedf0f7d16924"
    )
    assert ringed.link(FRESH, 1, record, key_id=0) == CHAIN.link(FRESH, 1, record)
    assert (
        CHAIN.first_base(7).seal.hex() == "9bba73e0ba66217327a0d8b1b47d547b69697d7e2a19020af5aac8cbf7b2bf0d"
    )
    step = CHAIN.begin(None, last=0, record=record)
    assert step.head.seal.hex() == "358577a4eaf2554741ecfdcec97e7d0e41b215917de53f0c93b2cbd4f74a5f27"
    assert step.row == ChainRow(1, 0, CHAIN.link(FRESH, 1, record), record)


@given(st.lists(st.tuples(st.integers(0, 2**40), *[st.text()] * 9), min_size=2, max_size=2, unique=True))
def test_no_two_records_share_a_link(records: list[Any]) -> None:
    one, two = (Record(*values) for values in records)
    assert CHAIN.link(FRESH, 1, one) != CHAIN.link(FRESH, 1, two)
    assert CHAIN.link(FRESH, 1, one) != CHAIN.link(FRESH, 2, one)


@rows("text", ["", "9", "9:", "9:zz", f"-9:{'a' * 64}", f"9:{'a' * 62}", f"٩:{'a' * 64}"])
def test_an_anchor_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="expect: malformed"):
        Anchor.parse(text)


def test_what_a_driver_hands_over_is_taken_as_it_is() -> None:
    record: Sequence[Any] = (b"x", *to_record(event())[1:])
    row = ChainRow.from_columns(1, 0, memoryview(b"a" * 32), *record)
    assert row.link == b"a" * 32
    assert ChainRow.from_columns(1, 0, "text", *record).link == b""
    assert ChainEnd.from_columns("text", 0, b"", None) == ChainEnd(0, 0, b"", b"")
    text = row.record._replace(at="b'x'")  # type: ignore[arg-type]  # SQLite takes anything
    assert CHAIN.link(FRESH, 1, row.record) != CHAIN.link(FRESH, 1, text)


def test_a_short_secret_key_is_refused_and_so_is_a_short_retention() -> None:
    with pytest.raises(ConfigurationError):
        Chain.from_secrets(Secret("short"), None)
    with pytest.raises(ConfigurationError, match="a day"):
        LogSettings(retention=timedelta(hours=23))


@pytest.mark.asvs("V16.4.2")
def test_workers_go_on_with_one_another_s_rows_while_a_key_joins_the_ring() -> None:
    grown = KeyRing({**RING.keys, 9: b"n" * 32})
    reads = [None, grown, None, None]
    clock = FrozenClock()
    newer = Chain.from_secrets(Secret("k" * 64), LiveRing(grown))
    older = Chain.from_secrets(Secret("k" * 64), LiveRing(RING, read=lambda: reads.pop(0), clock=clock))
    record = to_record(event())
    first = newer.begin(None, last=0, record=record)
    # It has looked this very second; the head tells of a key that it does not know.
    assert older.first_base(0).key_id == max(RING.keys)
    step = older.extend(first.head, last=1, record=record)
    assert step is not None
    assert (step.row.key_id, step.head.key_id) == (9, 9)
    assert newer.extend(step.head, last=2, record=record) is not None
    assert not older.knows(10)
    assert (older.knows(None), older.knows(0), older.knows(9)) == (False, True, True)


@pytest.mark.asvs("V16.4.2")
def test_a_key_that_joined_signs_a_second_later() -> None:
    grown = KeyRing({**RING.keys, 9: b"n" * 32})
    clock = FrozenClock()
    reads = [None, grown]
    chain = Chain.from_secrets(Secret("k" * 64), LiveRing(RING, read=lambda: reads.pop(0), clock=clock))
    head = chain.begin(None, last=0, record=to_record(event())).head
    clock.advance(timedelta(seconds=1))
    step = chain.extend(head, last=1, record=to_record(event()))
    assert step is not None
    assert (head.key_id, step.row.key_id, step.head.key_id) == (max(RING.keys), 9, 9)
