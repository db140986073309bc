"""The chain through the security log: each row vouches for itself and for all rows before it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from bastide.core.encryption import KeyRing, LiveRing
from bastide.core.foundation import TAG_SIZE_BYTES, InvalidInput, Secret, Signer

SIGNER_PURPOSE: Final = "log-chain"
SECRET_KEY_ID: Final = 0
# What the first row builds on, and what a row builds on that found the head gone or forged.
FRESH: Final = bytes(TAG_SIZE_BYTES)
RESTARTED: Final = b"\xff" * TAG_SIZE_BYTES
# Rows beyond are nobody's: stores do not count from them.
MAX_SEQUENCE: Final = 2**62
MAX_DIGITS: Final = 19
_HEAD: Final = b"head\0"
_BASE: Final = b"base\0"


class Record(NamedTuple):
    """An event exactly as its row holds it; what was changed there need not be an event any more.

    Attributes:
        at: microseconds since 1970.
        detail: a JSON object.
    """

    at: int
    kind: str
    outcome: str
    actor: str
    target: str
    session: str
    address: str
    route: str
    request_id: str
    detail: str


class ChainRow(NamedTuple):
    """One row of the log as stored; ``key_id`` and ``link`` are None in rows older than the chain."""

    sequence: int
    key_id: int | None
    link: bytes | None
    record: Record

    @classmethod
    def from_columns(cls, sequence: int, key_id: Any, link: Any, *record: Any) -> "ChainRow":
        """Return the row of what a driver hands over; SQLite lets any value into any column."""
        return cls(sequence, key_id, None if link is None else stored_bytes(link), Record(*record))


class ChainEnd(NamedTuple):
    """One end of the chain, sealed: the newest row (head), or the newest one that was dropped (base)."""

    sequence: int
    key_id: int
    link: bytes
    seal: bytes

    @classmethod
    def from_columns(cls, sequence: Any, key_id: Any, link: Any, seal: Any) -> "ChainEnd":
        """Return the end of what a driver hands over."""
        number = sequence if isinstance(sequence, int) else 0
        return cls(number, key_id, stored_bytes(link), stored_bytes(seal))


class ChainEnds(NamedTuple):
    """Both ends as stored; None where there is none."""

    base: ChainEnd | None
    head: ChainEnd | None


class Step(NamedTuple):
    """What a store writes to append an event: the row and the head that names it."""

    row: ChainRow
    head: ChainEnd


class Anchor(NamedTuple):
    """A row's sequence number and link, noted where the database's writers cannot reach."""

    sequence: int
    link: bytes

    @classmethod
    def parse(cls, text: str) -> "Anchor":
        """Return the anchor written as ``<sequence>:<64 hex digits>``.

        Raises:
            InvalidInput: another shape.
        """
        sequence, _, digits = text.partition(":")
        try:
            link = bytes.fromhex(digits)
        except ValueError:
            link = b""
        if not (
            sequence.isascii()
            and sequence.isdigit()
            and len(sequence) <= MAX_DIGITS
            and len(link) == TAG_SIZE_BYTES
        ):
            raise InvalidInput("expect", "malformed")
        return cls(int(sequence), link)

    def __str__(self) -> str:
        return f"{self.sequence}:{self.link.hex()}"


class Chain:
    """Makes and checks links, so that nobody without the key can write, change or drop a row unseen.

    A link is HMAC-SHA256 over the link before (32 bytes), the row's sequence number (8 bytes, signed, big
    endian) and the record as a JSON array in ASCII. The ends are sealed under labels of their own.

    Args:
        own: signs with the application's secret (id 0) where there is no key ring, and verifies that.
        ring: the keys in force, of which the highest signs and all verify, or None.

    Threat: somebody who can write to the database and wants to have done nothing (V16.4.2).
    Spec: RFC 2104, RFC 5869.
    """

    __slots__ = ("_made", "_own", "_ring")

    def __init__(self, own: Signer, ring: LiveRing | None) -> None:
        self._own = own
        self._ring = ring
        self._made = _signers(own, None if ring is None else ring.current())

    @classmethod
    def from_secrets(
        cls, secret_key: Secret, ring: LiveRing | None, *, former_keys: Sequence[Secret] = ()
    ) -> "Chain":
        """Return the chain under the ring's keys, or under the application's secret without one.

        Args:
            secret_key: the application's secret.
            ring: the keys in force, or None.
            former_keys: secrets that the application's replaced; what was written under them verifies.

        Raises:
            ConfigurationError: the secret key is too short.
        """
        return cls(Signer(secret_key, purpose=SIGNER_PURPOSE, former=former_keys), ring)

    def knows(self, key_id: int | None) -> bool:
        """Tell whether a key of that id is there."""
        return key_id is not None and self._find(key_id) is not None

    def link(self, previous: bytes, sequence: int, record: Record, *, key_id: int | None = None) -> bytes:
        """Return the link of the row: 32 bytes.

        Args:
            previous: the link before.
            sequence: the row's number.
            record: its event.
            key_id: a known key; None for the primary one.
        """
        if key_id is None:
            key_id = self._primary()
        return self._made.signers[key_id].tag(_row(previous, sequence, record))

    def links(self, previous: bytes, sequence: int, record: Record, *, key_id: int) -> list[bytes]:
        """Return every link that the row may have: the one under the key, and those under former ones."""
        return self._made.signers[key_id].tags(_row(previous, sequence, record))

    def extend(self, head: ChainEnd, *, last: int, record: Record) -> Step | None:
        """Return the next row and head, or None if ``head`` was not sealed here.

        Args:
            head: as stored.
            last: the highest sequence number in the log below ``MAX_SEQUENCE``, 0 for none; numbers that
                somebody took are passed over, so that a planted row cannot stop the log.
            record: the event.
        """
        if not self.is_head(head):
            return None
        return self._step(head.link, max(head.sequence, last) + 1, record)

    def begin(self, base: ChainEnd | None, *, last: int, record: Record) -> Step:
        """Return the row and head to go on with where no head can be trusted.

        Args:
            base: as stored. Without one there was no chain and this is its first row; else the row is
                marked as a restart, which verification reports.
            last: the highest sequence number in the log below ``MAX_SEQUENCE``, 0 for none.
            record: the event.
        """
        if base is None:
            return self._step(FRESH, last + 1, record)
        if self.is_base(base):
            last = max(last, base.sequence)
        return self._step(RESTARTED, last + 1, record)

    def first_base(self, last: int) -> ChainEnd:
        """Return the base of a chain that begins behind row ``last``."""
        return self._seal(_BASE, last, FRESH)

    def move_base(self, head: ChainEnd | None, *, sequence: int, link: bytes) -> ChainEnd:
        """Return the base once all rows up to ``sequence`` are dropped; never one ahead of the head.

        Args:
            head: as stored.
            sequence: the newest row that was dropped.
            link: its link.
        """
        if head is not None and sequence > head.sequence and self.is_head(head):
            sequence, link = head.sequence, head.link
        return self._seal(_BASE, sequence, link)

    def is_head(self, end: ChainEnd) -> bool:
        """Tell whether this is the seal of a head under a known key."""
        return self._is_sealed(_HEAD, end)

    def is_base(self, end: ChainEnd) -> bool:
        """Tell whether this is the seal of a base under a known key."""
        return self._is_sealed(_BASE, end)

    def _step(self, previous: bytes, sequence: int, record: Record) -> Step:
        key_id = self._primary()
        link = self.link(previous, sequence, record, key_id=key_id)
        return Step(ChainRow(sequence, key_id, link, record), self._seal(_HEAD, sequence, link))

    def _seal(self, label: bytes, sequence: int, link: bytes) -> ChainEnd:
        key_id = self._primary()
        seal = self._made.signers[key_id].tag(label + _number(sequence) + link)
        return ChainEnd(sequence, key_id, link, seal)

    def _is_sealed(self, label: bytes, end: ChainEnd) -> bool:
        signer = self._find(end.key_id)
        return signer is not None and signer.matches(label + _number(end.sequence) + end.link, end.seal)

    def _primary(self) -> int:
        """Return the id of the key that signs now."""
        return max(self._made_of(None if self._ring is None else self._ring.current()).signers)

    def _find(self, key_id: int) -> Signer | None:
        """Return the signer of a key; one that is not known yet may have joined the ring since."""
        found = self._made.signers.get(key_id)
        if found is None and self._ring is not None:
            found = self._made_of(self._ring.anew()).signers.get(key_id)
        return found

    def _made_of(self, ring: KeyRing | None) -> "_Signers":
        """Return the signers of a ring, made once per ring."""
        made = self._made
        if made.ring is not ring:
            made = self._made = _signers(self._own, ring)
        return made


class _Signers(NamedTuple):
    """What signs and verifies, by key id, and the ring that it was made of."""

    ring: KeyRing | None
    signers: Mapping[int, Signer]


def _signers(own: Signer, ring: KeyRing | None) -> _Signers:
    keys = {} if ring is None else ring.keys
    ringed = {key_id: Signer(Secret(key.hex()), purpose=SIGNER_PURPOSE) for key_id, key in keys.items()}
    return _Signers(ring, {SECRET_KEY_ID: own, **ringed})


def stored_bytes(value: Any) -> bytes:
    """Return the bytes that a driver hands over; none for a value of another type."""
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def _row(previous: bytes, sequence: int, record: Record) -> bytes:
    return b"row\0" + previous + _encode(sequence, record)


def _number(sequence: int) -> bytes:
    return sequence.to_bytes(8, "big", signed=True)


def _encode(sequence: int, record: Record) -> bytes:
    # A JSON array: no two different records share their text.
    return _number(sequence) + json.dumps(record, default=_foreign, separators=(",", ":")).encode()


def _foreign(value: Any) -> list[str]:
    """Return what no record of ours holds, for a value of a type that none has."""
    return [type(value).__name__, repr(value)]
