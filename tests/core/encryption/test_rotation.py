"""Rotation over columns in memory."""

from collections.abc import Mapping, Sequence

import pytest

from bastide.core.encryption import ColumnKeys, KeyRing, LiveRing, Rotation, RowId, SealedRow
from bastide.core.encryption.rotation import BATCH
from bastide.testing import SeededEntropy
from support.rows import rows

OLD = ColumnKeys(LiveRing(KeyRing({1: b"a" * 32})), entropy=SeededEntropy())
NEW = ColumnKeys(LiveRing(KeyRing({1: b"a" * 32, 2: b"b" * 32})), entropy=SeededEntropy())


class Column:
    """A column of whole numbers' rows."""

    table, column = "profile", "ssn"

    def __init__(self, rows: dict[int, bytes]) -> None:
        self.rows = rows

    def count_by_start(self) -> Mapping[bytes, int]:
        starts = [sealed[:3] for sealed in self.rows.values()]
        return {start: starts.count(start) for start in starts}

    def read_ends(self, start: bytes) -> Sequence[SealedRow]:
        found = [SealedRow(row, sealed) for row, sealed in sorted(self.rows.items()) if sealed[:3] == start]
        return [*found[:1], *found[1:][-1:]]

    def read_after(self, last: RowId | None, *, other_than: bytes, limit: int) -> Sequence[SealedRow]:
        assert last is None or isinstance(last, int)
        found = [
            SealedRow(row, sealed) for row, sealed in sorted(self.rows.items())
            if sealed[:3] != other_than and (last is None or row > last)
        ]  # fmt: skip
        return found[:limit]

    def replace_all(self, changes: Sequence[tuple[SealedRow, bytes]]) -> None:
        for old, sealed in changes:
            assert self.rows[int(str(old.row))] == old.sealed
            self.rows[int(str(old.row))] = sealed


def test_batches_go_on_past_what_does_not_open() -> None:
    sealer = OLD.sealer("profile", "ssn")
    column = Column({row: sealer.seal(b"%d" % row, row=row) for row in range(1, BATCH + 3)})
    column.rows[2] = b"plain text"
    column.rows[BATCH + 2] = sealer.seal(b"of another row", row=1)
    rotation, told = Rotation(NEW, [column]), []
    assert list(rotation.count()) == [("profile.ssn", None, 1, False), ("profile.ssn", 1, BATCH + 1, False)]
    outcome = rotation.run(lambda done, total: told.append((done, total)))
    assert outcome.count == BATCH
    assert outcome.broken == ["profile.ssn:2 (not_sealed)", f"profile.ssn:{BATCH + 2} (changed)"]
    assert told == [(BATCH, BATCH + 2), (BATCH + 2, BATCH + 2)]
    assert [str(each) for each in rotation.count()] == [
        "profile.ssn: 1 by no key, cannot be opened", "profile.ssn: 1 by key 1, cannot be opened",
        f"profile.ssn: {BATCH} by key 2",
    ]  # fmt: skip
    assert NEW.sealer("profile", "ssn").open(column.rows[7], row=7) == b"7"
    assert rotation.run().count == 0
    assert outcome.left == 0


def test_what_a_worker_without_the_newest_key_wrote_meanwhile_is_told() -> None:
    sealer = OLD.sealer("profile", "ssn")
    column = Column({row: sealer.seal(b"%d" % row, row=row) for row in range(1, 5)})

    def write(_done: int, _total: int) -> None:
        column.rows[3] = sealer.seal(b"meanwhile", row=3)

    rotation = Rotation(NEW, [column])
    outcome = rotation.run(write)
    assert (outcome.count, outcome.left) == (4, 1)
    assert (rotation.run().count, rotation.run().left) == (1, 0)
    assert NEW.sealer("profile", "ssn").open(column.rows[3], row=3) == b"meanwhile"


@pytest.mark.asvs("V13.3.4")
@rows("key_id", [1, 2])
def test_another_key_under_the_same_id_is_found(key_id: int) -> None:
    """Two people made a key each; one's worker wrote what the other's ring does not open."""
    other = ColumnKeys(LiveRing(KeyRing({key_id: b"o" * 32})), entropy=SeededEntropy("o")).sealer(
        "profile", "ssn"
    )
    own = NEW.sealer("profile", "ssn")
    column = Column({row: own.seal(b"%d" % row, row=row) for row in range(1, 5)})
    rotation = Rotation(NEW, [column])
    assert [each.can_open for each in rotation.count()] == [True]
    column.rows[5] = other.seal(b"5", row=5)
    assert [str(each) for each in rotation.count() if not each.can_open] == [
        f"profile.ssn: {5 if key_id == 2 else 1} by key {key_id}, cannot be opened"
    ]
    assert rotation.run().broken == ["profile.ssn:5 (changed)"]
