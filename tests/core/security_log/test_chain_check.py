"""No change of the chain through the log goes unseen."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.encryption import KeyRing, LiveRing
from bastide.core.foundation import Secret
from bastide.core.security_log import (
    MAX_SEQUENCE,
    Anchor,
    Chain,
    ChainEnd,
    ChainRow,
    Record,
    Verified,
    to_record,
)
from bastide.core.security_log._chain_check import MAX_UNSETTLED
from bastide.core.security_log.chain import FRESH
from bastide.stores.memory import MemoryEvents, memory_stores
from bastide.testing.clock import START
from support.chain import DAY, OTHER, RING, Log, event, go_on, written
from support.core import CHAIN
from support.rows import rows


@rows(("count", "dropped"), [(1, 0), (9, 0), (9, 4), (9, 9), (100, 50)])
def test_what_was_written_verifies(count: int, dropped: int) -> None:
    log = written(count, dropped=dropped)
    assert log.head is not None
    verdict = log.check()
    assert verdict == Verified(count - dropped, 0, Anchor(count, log.head.link))
    assert log.check(Anchor(count, log.head.link)) == verdict


def test_an_empty_log_verifies_and_has_no_head() -> None:
    assert written(0).check() == Verified(0, 0, None)


FIELDS = st.sampled_from(Record._fields)
ROWS = st.integers(1, 12)


@pytest.mark.asvs("V16.4.2")
@given(ROWS, ROWS, FIELDS, st.text(min_size=1))
def test_an_edit_of_any_field_is_named(count: int, number: int, name: str, text: str) -> None:
    log, number = written(count), min(number, count)
    row = log.rows[number - 1]
    value: Any = row.record.at + len(text) if name == "at" else getattr(row.record, name) + text
    log.rows[number - 1] = row._replace(record=row.record._replace(**{name: value}))
    assert log.faults() == [f"edited {number}"]


@given(ROWS, ROWS, st.binary(max_size=40))
def test_an_edit_of_a_link_or_key_is_named(count: int, number: int, link: bytes) -> None:
    log, number = written(count), min(number, count)
    row = log.rows[number - 1]
    log.rows[number - 1] = row._replace(link=link)
    assert log.faults() == [f"edited {number}"]
    for key_id in (7, None, "x"):
        log.rows[number - 1] = row._replace(key_id=key_id)  # type: ignore[arg-type]  # SQLite takes anything
        assert log.faults() == [f"unknown_key {number}"]
    log.rows[number - 1] = row._replace(link=None)
    assert log.faults() == [f"unchained {number}"]
    if number < count:
        del log.rows[number]
        assert log.faults() == [f"unchained {number}", f"missing {number + 1}"]


@pytest.mark.asvs("V16.4.2")
@given(st.integers(2, 12), st.integers(1, 12), st.integers(0, 5))
def test_missing_rows_are_named_also_at_either_end(count: int, number: int, more: int) -> None:
    log, number = written(count), min(number, count)
    last = min(number + more, count)
    log.rows = [row for row in log.rows if not number <= row.sequence <= last]
    expected = [f"missing {number}" if number == last else f"missing {number}-{last}"]
    assert log.faults() == expected
    go_on(log)
    assert log.faults() == expected


@given(st.integers(2, 12), st.integers(1, 12), st.integers(1, 12))
def test_rows_that_changed_places_are_named(count: int, one: int, two: int) -> None:
    log, one, two = written(count), min(one, count), min(two, count)
    trade = {one: two, two: one}
    log.renumber(lambda number: trade.get(number, number))
    first, last = sorted((one, two))
    if first == last:
        assert log.faults() == []
    elif first + 1 == last:
        assert log.faults() == [f"moved {first}-{last}"]
    else:
        assert log.faults() == [f"moved {first}", f"moved {last}"]


@given(st.integers(1, 12), st.integers(1, 12))
def test_a_row_put_between_two_is_named_and_what_made_way_for_it(count: int, number: int) -> None:
    number = min(number, count)
    for source in ("copy", "own"):
        log = written(count)
        planted = log.rows[0] if source == "copy" else written(count, chain=OTHER).rows[number - 1]
        log.renumber(lambda sequence: sequence + (sequence >= number))
        log.rows.append(planted._replace(sequence=number))
        if source == "copy" and number == 1:
            # The copy is what was there: the row behind it is the one too many.
            moved = [] if count == 1 else [f"moved 3-{count + 1}" if count > 2 else "moved 3"]
            assert log.faults() == ["inserted 2", *moved]
            continue
        moved = [f"moved {number + 1}-{count + 1}" if number < count else f"moved {count + 1}"]
        assert log.faults() == [f"inserted {number}", *moved]


@given(ROWS, ROWS, st.sampled_from([-(2**63), -4, 0, 1, 5, 2**40, MAX_SEQUENCE, 2**63 - 1]))
def test_a_row_planted_at_either_end_is_named_and_does_not_stop_the_log(
    count: int, source: int, place: int
) -> None:
    log = written(count)
    number = place if place < 1 else min(count + place, 2**63 - 1)
    log.rows.append(log.rows[min(source, count) - 1]._replace(sequence=number))
    assert log.faults() == [f"inserted {number}"]
    go_on(log)
    assert log.faults() == [f"inserted {number}"]


@given(st.integers(3, 12), st.integers(1, 12), st.integers(1, 5))
def test_a_row_carried_elsewhere_is_named(count: int, number: int, beyond: int) -> None:
    log, number = written(count), min(number, count)
    place = count + beyond
    log.renumber(lambda sequence: place if sequence == number else sequence)
    if number == count:
        # Nothing in the chain says that the last row had this number, but the head does.
        assert f"moved {place}" in log.faults()
    else:
        assert log.faults() == [f"moved {place}"]


def test_a_row_dropped_and_another_put_in_its_place() -> None:
    log = written(12)
    log.rows = [row for row in log.rows if row.sequence != 5]
    log.renumber(lambda number: 5 if number == 9 else number)
    assert log.faults() == ["missing 5", "moved 5"]
    log = written(12)
    del log.rows[4]
    log.renumber(lambda number: number - (number > 5))
    assert log.faults()[0].startswith("edited 5")
    assert log.faults()[-1] == "missing 12"


@given(st.sets(ROWS, min_size=1), st.sets(ROWS, min_size=1))
def test_several_faults_are_all_named(edits: set[int], drops: set[int]) -> None:
    log = written(12)
    log.rows = [
        row._replace(record=row.record._replace(actor="0")) if row.sequence in edits else row
        for row in log.rows if row.sequence not in drops
    ]  # fmt: skip
    named = {
        (problem.fault, number)
        for problem in getattr(log.check(), "problems", ())
        for number in range(problem.first, problem.last + 1)
    }
    # Behind a missing row nothing tells whether a row was edited.
    assert named == {("missing", number) for number in drops} | {
        ("edited", number) for number in edits - drops if number - 1 not in drops
    }


def test_a_long_run_of_edits_is_one_problem_and_rows_behind_it_are_fine() -> None:
    log = written(MAX_UNSETTLED * 4)
    log.rows[9 : MAX_UNSETTLED * 3] = [
        row._replace(record=row.record._replace(target="")) for row in log.rows[9 : MAX_UNSETTLED * 3]
    ]
    assert log.faults() == [f"edited 10-{MAX_UNSETTLED * 3}"]


def test_a_log_of_somebody_else_is_edited_from_end_to_end() -> None:
    log = written(5)
    log.rows = written(5, chain=OTHER).rows
    assert log.faults() == ["edited 1-5"]


def test_a_head_that_is_gone_forged_or_older_is_named() -> None:
    log, older = written(5), written(4)
    log.head = older.head
    assert log.faults() == ["head 4"]
    for forged in (None, OTHER.begin(None, last=4, record=log.rows[4].record).head, log.base):
        log = written(5)
        log.head = forged
        assert log.faults() == [f"head {0 if forged == log.base else 5}"]
        go_on(log)
        assert log.faults() == ["head 6"]
    log = written(5)
    log.head = CHAIN.begin(None, last=4, record=log.rows[0].record).head
    assert log.faults() == ["head 5"]
    assert log.head is not None
    log.head = log.head._replace(key_id=9)
    assert log.faults() == ["unknown_key 5"]


def test_dropping_the_newest_rows_and_the_head_shows_after_the_log_went_on() -> None:
    log = written(5)
    log.rows, log.head = log.rows[:3], None
    assert log.faults() == ["head 3"]
    go_on(log)
    assert log.faults() == ["head 4"]


def test_a_base_that_is_gone_forged_or_older_is_named() -> None:
    log = written(5, dropped=2)
    assert log.base is not None
    log.base = written(5).base
    assert log.faults() == ["missing 1-2"]
    log.base = None
    assert log.faults() == ["base 0"]
    log.base = OTHER.move_base(None, sequence=2, link=written(5).rows[1].link or b"")
    assert log.faults() == ["base 2"]
    log.base = ChainEnd.from_columns(*(log.head or ()))
    assert log.faults() == ["base 5"]
    log = written(5, dropped=5)
    assert log.faults() == []
    log.head = written(4).head
    assert log.faults() == ["head 4"]
    log.head = None
    assert log.faults() == ["head 5"]


def test_a_base_never_passes_the_head_and_the_log_goes_on_behind_it() -> None:
    log = written(5)
    log.rows.append(log.rows[0]._replace(sequence=9))
    go_on(log, 0)
    assert log.store.drop_events(before=START + DAY * 9, chain=CHAIN) == 6
    log = Log(log.store, rows=[], base=log.store.chain_ends().base, head=log.head)
    assert log.faults() == []
    go_on(log)
    assert [row.sequence for row in log.rows] == [6, 7, 8]
    assert log.faults() == []
    log.rows, log.head = [], None
    go_on(log)
    assert [row.sequence for row in log.rows] == [6, 7, 8]
    assert log.faults() == ["head 6"]
    log.base = OTHER.first_base(50)
    log.head = None
    go_on(log)
    assert log.rows[-1].sequence == 11


def test_a_log_that_was_emptied_is_broken() -> None:
    log = written(5)
    log.rows = []
    assert log.faults() == ["missing 1-5"]
    log.base = None
    assert log.faults() == ["base 0"]


def test_rows_older_than_the_chain_are_counted_until_retention_drops_them() -> None:
    store = memory_stores().events
    assert isinstance(store, MemoryEvents)
    old = [ChainRow(number, None, None, to_record(event(number))) for number in (2, 3, 7)]
    data = store._data  # noqa: SLF001 -- rows as a migration leaves them
    data.chain, data.events = list(old), [event(number) for number in (2, 3, 7)]
    log = Log(store, rows=list(old))
    assert log.check() == Verified(0, 3, None)
    go_on(log)
    assert log.head is not None
    assert log.check() == Verified(3, 3, Anchor(10, log.head.link))
    log.rows.append(old[0]._replace(sequence=11))
    assert log.faults() == ["unchained 11"]
    log.rows[-1] = log.rows[3]._replace(sequence=4)
    assert log.faults() == ["inserted 4"]
    log.rows.pop()
    log.rows[3] = log.rows[3]._replace(link=None, key_id=None)
    assert log.faults() == ["unchained 8"]
    del data.chain[3:], data.events[3:]
    assert store.drop_events(before=START + DAY * 5, chain=CHAIN) == 2
    assert store.chain_ends().base == log.base
    later = written(5, dropped=3)
    later.rows.append(old[0])
    assert later.faults() == ["unchained 2"]
    forged = written(5)
    forged.base = OTHER.first_base(0)
    forged.rows.insert(0, old[0]._replace(sequence=0))
    assert forged.faults() == ["base 0"]


def test_a_log_under_the_secret_key_outlives_that_key() -> None:
    log = written(3)
    log.chain = Chain.from_secrets(Secret("n" * 64), None, former_keys=[Secret("k" * 64)])
    go_on(log)
    assert isinstance(log.check(), Verified)
    log.rows[1] = log.rows[1]._replace(record=log.rows[2].record)
    assert log.faults() == ["edited 2"]
    log.chain = Chain.from_secrets(Secret("n" * 64), None)
    assert log.faults() != ["edited 2"], "without the former key nothing tells its rows from forged ones"


def test_rows_keep_their_keys_through_a_rotation() -> None:
    log = written(3)
    log.chain = Chain.from_secrets(Secret("k" * 64), LiveRing(KeyRing({1: RING.keys[1]})))
    go_on(log)
    log.chain = Chain.from_secrets(Secret("k" * 64), LiveRing(RING))
    go_on(log)
    assert [row.key_id for row in log.rows] == [0] * 3 + [1] * 3 + [2] * 3
    assert isinstance(log.check(), Verified)
    log.chain = Chain.from_secrets(Secret("k" * 64), LiveRing(KeyRing({2: RING.keys[2]})))
    assert log.faults() == ["unknown_key 4-6"]
    log.rows[4] = log.rows[4]._replace(sequence=20)
    assert "missing 5" in log.faults()
    log.rows.append(log.rows[3]._replace(sequence=-1))
    assert "inserted -1" in log.faults()


def test_an_anchor_shows_a_log_that_was_put_back() -> None:
    now, before = written(9), written(7)
    assert now.head is not None
    noted = Anchor.parse(str(Anchor(now.head.sequence, now.head.link)))
    assert now.faults(noted) == []
    assert before.faults() == []
    assert before.faults(noted) == ["anchor 9"]
    assert now.faults(Anchor(9, FRESH)) == ["anchor 9"]
    assert now.faults(Anchor(7, before.rows[-1].link or b"")) == []
    dropped = written(9, dropped=4)
    assert dropped.faults(Anchor(4, now.rows[3].link or b"")) == []
    assert dropped.faults(Anchor(3, now.rows[2].link or b"")) == ["anchor 3"]
    assert written(0).faults(noted) == ["anchor 9"]
