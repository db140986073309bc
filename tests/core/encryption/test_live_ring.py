"""Keys join the ring while the application serves; none goes, and none is exchanged."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from bastide.core.encryption import INDEX, ColumnKeys, KeyRing, LiveRing, new_key_line
from bastide.core.encryption.live_ring import LOOK_EVERY
from bastide.core.foundation import ConfigurationError, SealBroken
from bastide.key_file import read_ring
from bastide.testing import FrozenClock, SeededEntropy

FIRST, SECOND, THIRD, INDEXES = (new_key_line(name, SeededEntropy(str(name))) for name in (1, 2, 3, INDEX))
OTHER_FIRST, OTHER_INDEXES = (new_key_line(name, SeededEntropy(f"other {name}")) for name in (1, INDEX))


class Ring:
    """A ring's file, as an operator writes it, and the ring as a worker has it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "keys"
        self.clock = FrozenClock()
        self.write(FIRST)
        self.live = self.opened()
        self.live.current()

    def write(self, *lines: str) -> None:
        self.path.touch(mode=0o600)
        self.path.write_text("\n".join(lines))

    def opened(self) -> LiveRing:
        live = read_ring(self.path, clock=self.clock)
        assert live is not None
        return live

    def ids_a_while_later(self) -> list[int]:
        self.clock.advance(LOOK_EVERY)
        return sorted(self.live.current().keys)


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    return Ring(tmp_path)


@pytest.mark.asvs("V13.3.4")
def test_keys_that_join_seal_a_second_later(ring: Ring, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bastide.keys")
    ring.write(FIRST, SECOND, INDEXES)
    ring.clock.advance(LOOK_EVERY - timedelta(microseconds=1))
    assert sorted(ring.live.current().keys) == [1]
    ring.clock.advance(timedelta(microseconds=1))
    assert sorted(ring.live.current().keys) == [1, 2]
    assert ring.live.current() == KeyRing.parse(f"{FIRST}\n{SECOND}\n{INDEXES}")
    assert caplog.messages == ["the key ring has grown: key 2 seals from now on"]
    assert ring.ids_a_while_later() == [1, 2]
    ring.write(FIRST, SECOND, INDEXES, "")
    assert ring.ids_a_while_later() == [1, 2]
    assert len(caplog.messages) == 1


@pytest.mark.asvs("V13.3.4")
def test_a_clock_that_is_set_back_keeps_nobody_from_looking(ring: Ring) -> None:
    ring.write(FIRST, SECOND)
    ring.clock.advance(-timedelta(days=1))
    assert sorted(ring.live.current().keys) == [1, 2]


@pytest.mark.asvs("V13.3.1")
def test_a_ring_that_is_not_longer_changes_nothing(ring: Ring, caplog: pytest.LogCaptureFixture) -> None:
    ring.write(FIRST, INDEXES)
    before = ring.ids_a_while_later(), ring.live.current()
    for lines in (
        (SECOND, INDEXES), (SECOND, THIRD, INDEXES), (OTHER_FIRST, SECOND, INDEXES), (FIRST, SECOND), (FIRST, SECOND, OTHER_INDEXES),
    ):  # fmt: skip
        caplog.clear()
        ring.write(*lines)
        assert (ring.ids_a_while_later(), ring.live.anew()) == before
        assert caplog.messages == [
            "the key ring lost a key or has another one under its id: the keys known so far go on"
        ]
        ring.write(FIRST, INDEXES)
        assert (ring.ids_a_while_later(), ring.live.anew()) == before
    ring.write(FIRST, INDEXES, SECOND)
    assert ring.ids_a_while_later() == [1, 2]


@pytest.mark.asvs("V13.3.1", "V13.3.2")
def test_a_file_that_cannot_be_trusted_changes_nothing(ring: Ring, caplog: pytest.LogCaptureFixture) -> None:
    ring.write(FIRST, SECOND)
    ring.path.chmod(0o604)
    assert ring.ids_a_while_later() == ring.ids_a_while_later() == [1]
    ring.write(FIRST, "2:")
    ring.path.chmod(0o600)
    assert ring.ids_a_while_later() == [1]
    ring.path.unlink()
    assert ring.ids_a_while_later() == ring.ids_a_while_later() == [1]
    told = [message.rpartition(";") for message in caplog.messages]
    assert [end for _, _, end in told] == [" the keys known so far go on"] * 3
    for (told_of, _, _), expected in zip(
        told, ("chmod 600", "line 2 of the key ring", "cannot be read"), strict=True
    ):
        assert expected in told_of
    ring.write(FIRST, SECOND)
    assert ring.ids_a_while_later() == [1, 2]
    with pytest.raises(ConfigurationError):
        read_ring(ring.path.with_name("nowhere"))


@pytest.mark.asvs("V13.3.4")
def test_lines_stay_as_they_were_given(ring: Ring) -> None:
    live = read_ring(FIRST, clock=ring.clock)
    assert live is not None
    ring.clock.advance(timedelta(days=1))
    assert live.current() is live.anew() is live.current()


@pytest.mark.asvs("V11.2.2", "V13.3.4")
def test_two_workers_open_what_each_seals_while_a_key_joins(ring: Ring) -> None:
    entropy = SeededEntropy()
    first, second = (ColumnKeys(live, entropy=entropy) for live in (ring.live, ring.opened()))
    here, there = (keys.sealer("t", "c") for keys in (first, second))
    old = here.seal(b"old", row=1)
    ring.write(FIRST, SECOND)
    ring.clock.advance(LOOK_EVERY)
    new = here.seal(b"new", row=1)
    assert (old[:3], new[:3], here.header) == (b"\x01\x00\x01", b"\x01\x00\x02", b"\x01\x00\x02")
    # The other worker has looked this very second, and looks again for a key that it does not know.
    ring.clock.advance(-LOOK_EVERY)
    assert there.seal(b"old", row=1)[:3] == b"\x01\x00\x01"
    assert (there.open(new, row=1), there.open(old, row=1), here.open(old, row=1)) == (b"new", b"old", b"old")
    assert there.seal(b"new", row=1)[:3] == b"\x01\x00\x02"
    assert sorted(second.ring.keys) == [1, 2]
    # One sealer has looked for both.
    assert first.sealer("t", "other").header == b"\x01\x00\x02"
    with pytest.raises(SealBroken, match="unknown_key"):
        there.open(b"\x01\x00\x03" + new[3:], row=1)
    with pytest.raises(SealBroken, match="not_sealed"):
        there.open(b"\x02\x00\x03" + new[3:], row=1)
