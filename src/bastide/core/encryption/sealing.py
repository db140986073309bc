"""Encryption at rest: values sealed for one row of one column, and blind indexes to find them by."""

import hmac
import unicodedata
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bastide.core.encryption.key_ring import INDEX, KEY_SIZE_BYTES, NEW_RING, KeyRing
from bastide.core.encryption.live_ring import LiveRing
from bastide.core.foundation import ConfigurationError, EncryptionRefused, Entropy, SealBroken
from bastide.core.inputs import FieldRule

RowId: TypeAlias = int | str | UUID | bytes

VERSION: Final = b"\x01"
HEADER_SIZE_BYTES: Final = 3
NONCE_SIZE_BYTES: Final = 12
TAG_SIZE_BYTES: Final = 16
OVERHEAD_SIZE_BYTES: Final = HEADER_SIZE_BYTES + NONCE_SIZE_BYTES + TAG_SIZE_BYTES
INDEX_SIZE_BYTES: Final = 32
NO_KEYS: Final = f"encrypted columns need a key ring in BASTIDE_KEYS; `{NEW_RING}` makes its lines"
NO_INDEX_KEY: Final = (
    "a blind index needs a key of its own: add to BASTIDE_KEYS the line that "
    f"`{NEW_RING} | grep {INDEX}` prints"
)
NOT_INDEXED: Final = "an encrypted column without a blind index cannot be searched"


def header_of(key_id: int) -> bytes:
    """Return the three bytes that everything sealed with the key begins with."""
    return VERSION + key_id.to_bytes(2, "big")


def key_id_of(sealed: bytes) -> int | None:
    """Return the id of the key that sealed the value, as it says itself; None where nothing is sealed."""
    if sealed[:1] != VERSION or len(sealed) < OVERHEAD_SIZE_BYTES:
        return None
    return int.from_bytes(sealed[1:HEADER_SIZE_BYTES], "big")


def sealed_place(sealed_as: str, *, table: str, column: str) -> tuple[str, str]:
    """Return the table and column that values are sealed for: as declared, or those they stand in.

    Args:
        sealed_as: ``table.column`` of before a renaming, or empty.
        table: of today.
        column: of today.

    Raises:
        ConfigurationError: it is declared, and is not of that shape.
    """
    if not sealed_as:
        return table, column
    old_table, _, old_column = sealed_as.rpartition(".")
    if not old_table or not old_column:
        msg = f'sealed_as names the table and the column of before, "table.column", not {sealed_as!r}'
        raise ConfigurationError(msg)
    return old_table, old_column


def require_own_places(places: Mapping[str, tuple[str, str]]) -> None:
    """Raise ``ConfigurationError`` where two columns are sealed for one place: their values could be swapped.

    Args:
        places: table and column that values are sealed for, by the column's name of today.

    Threat: values moved between columns by whoever can write to the database (V11.3.3).
    """
    taken: dict[tuple[str, str], str] = {}
    for name, place in places.items():
        other = taken.setdefault(place, name)
        if other != name:
            msg = f"{other} and {name} are both sealed as {'.'.join(place)}; give one a name of its own"
            raise ConfigurationError(msg)


@final
class _Derived:
    """What one ring's keys become for one column: what seals, and what opens."""

    __slots__ = ("encrypt", "header", "label", "openers", "ring")

    def __init__(self, ring: KeyRing, place: bytes) -> None:
        self.ring = ring
        info = b"bastide:seal:" + place
        ciphers = {header_of(key_id): AESGCM(_derive(key, info)) for key_id, key in ring.keys.items()}
        self.openers = {header: (cipher.decrypt, header + place) for header, cipher in ciphers.items()}
        self.header = header_of(ring.primary)
        self.label = self.header + place
        self.encrypt = ciphers[self.header].encrypt


@final
class Sealer:
    """Seals the values of one column, each for one row, with keys derived for that column alone.

    Format: version (1 byte), key id (2, big endian), nonce (12, random), AES-256-GCM ciphertext and tag (16).
    Associated data: version and key id, then table, column and row, divided by NUL.

    Args:
        ring: the keys in force.
        table: name of the table.
        column: name of the column.
        entropy: randomness. A key and its column are good for 2**32 values (SP 800-38D, 8.3).

    Threat: a stolen database; values changed, cut, or moved between rows, columns and tables (V11.3.2,
    V11.3.3, V11.3.4).
    Spec: NIST SP 800-38D, RFC 5869.
    """

    __slots__ = ("_column", "_entropy", "_made", "_place", "_ring", "_table")

    def __init__(self, ring: LiveRing, *, table: str, column: str, entropy: Entropy) -> None:
        self._table, self._column = table, column
        self._place = f"{table}\0{column}\0".encode()
        self._entropy = entropy
        self._ring = ring
        self._made = _Derived(ring.current(), self._place)

    @property
    def header(self) -> bytes:
        """What everything begins with that is sealed from now on."""
        return self._derived(self._ring.current()).header

    def seal(self, plain: bytes, *, row: RowId) -> bytes:
        """Return the sealed value, 31 bytes longer.

        Args:
            plain: what to keep secret.
            row: what tells the row from all others, and never changes.
        """
        made = self._derived(self._ring.current())
        nonce = self._entropy.token_bytes(NONCE_SIZE_BYTES)
        spelled = b"%d" % row if type(row) is int else _spell(row)
        return made.header + nonce + made.encrypt(nonce, plain, made.label + spelled)

    def open(self, sealed: bytes, *, row: RowId) -> bytes:
        """Return what was sealed.

        Raises:
            SealBroken: not sealed, truncated, edited, moved from elsewhere, or sealed with an unknown key.
        """
        found = self._made.openers.get(sealed[:HEADER_SIZE_BYTES])
        if found is None and key_id_of(sealed) is not None:
            # Another process may know a key that joined the ring since.
            found = self._derived(self._ring.anew()).openers.get(sealed[:HEADER_SIZE_BYTES])
        if found is None or len(sealed) < OVERHEAD_SIZE_BYTES:
            raise self._broken("not_sealed" if key_id_of(sealed) is None else "unknown_key", row)
        decrypt, label = found
        spelled = b"%d" % row if type(row) is int else _spell(row)
        try:
            return decrypt(sealed[3:15], sealed[15:], label + spelled)
        except InvalidTag:
            raise self._broken("changed", row) from None

    def _derived(self, ring: KeyRing) -> "_Derived":
        """Return what is derived from the ring, made once per ring; threads that make it twice do no harm."""
        made = self._made
        if made.ring is not ring:
            made = self._made = _Derived(ring, self._place)
        return made

    def _broken(self, reason: str, row: RowId) -> SealBroken:
        return SealBroken(f"{self._table}.{self._column}:{_spell(row).decode(errors='replace')}", reason)


@final
class BlindIndex:
    """Tells whether two values of one column are equal, to whoever has the key.

    HMAC-SHA-256 over the value under a key derived for that column. It leaks which rows hold equal values,
    and nothing else without the key; with the key, a value of few possibilities can be guessed.

    Raises:
        ConfigurationError: the ring has no key for indexes.

    Threat: look-ups and uniqueness that would need plain text (V14.2.4).
    Spec: RFC 2104, RFC 5869.
    """

    __slots__ = ("_key",)

    def __init__(self, ring: KeyRing, *, table: str, column: str) -> None:
        if ring.index is None:
            raise ConfigurationError(NO_INDEX_KEY)
        self._key = _derive(ring.index, f"bastide:index:{table}\0{column}".encode())

    def digest(self, value: bytes) -> bytes:
        """Return the 32 bytes by which the value is found."""
        return hmac.digest(self._key, value, "sha256")


@final
class ColumnKeys:
    """Hands out what seals and indexes each column, made once per column.

    Args:
        live: the keys in force.
        entropy: randomness.
    """

    def __init__(self, live: LiveRing, *, entropy: Entropy) -> None:
        self.live: LiveRing = live
        self._entropy = entropy
        self._sealers: dict[tuple[str, str], Sealer] = {}
        self._indexes: dict[tuple[str, str], BlindIndex] = {}

    @property
    def ring(self) -> KeyRing:
        """The ring as it is now."""
        return self.live.anew()

    def sealer(self, table: str, column: str) -> Sealer:
        """Return what seals the column."""
        found = self._sealers.get((table, column))
        if found is None:
            found = Sealer(self.live, table=table, column=column, entropy=self._entropy)
            self._sealers[table, column] = found
        return found

    def index(self, table: str, column: str) -> BlindIndex:
        """Return the column's index, or raise ``ConfigurationError``."""
        found = self._indexes.get((table, column))
        if found is None:
            found = self._indexes[table, column] = BlindIndex(self.live.current(), table=table, column=column)
        return found


class Sealed(bytes):
    """A sealed value as the database holds it; plain text never has this type."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Sealed(key {key_id_of(self)})"

    __str__ = __repr__


@final
class ColumnCipher:
    """Seals, opens and indexes the values of one column: text in NFC as UTF-8, or bytes as they are.

    Args:
        keys: of every column.
        table: name of the table.
        column: name of the column.
        kind: ``str`` or ``bytes``.
        rule: what text must pass; no constraint of the database can look inside a sealed value (V3).
        is_indexed: it has a blind index.

    Raises:
        ConfigurationError: it has one, and the ring has no key for it.
    """

    __slots__ = ("_index", "_kind", "_rule", "_sealer")

    def __init__(
        self,
        keys: ColumnKeys,
        *,
        table: str,
        column: str,
        kind: type[str] | type[bytes],
        rule: FieldRule | None = None,
        is_indexed: bool = False,
    ) -> None:
        self._sealer = keys.sealer(table, column)
        self._index = keys.index(table, column) if is_indexed else None
        self._kind: type[Any] = kind
        self._rule = rule

    def normalise(self, value: object) -> str | bytes | None:
        """Return the value as it is kept; None where the rule takes it for empty.

        Raises:
            EncryptionRefused: it has another type.
            InvalidInput: it breaks the rule.
        """
        if not isinstance(value, self._kind):
            msg = f"an encrypted column of {self._kind.__name__} does not take {type(value).__name__}"
            raise EncryptionRefused(msg)
        if isinstance(value, bytes):
            return value
        text = value if self._rule is None else self._rule.parse(value)
        return None if text is None else unicodedata.normalize("NFC", str(text))

    def seal(self, value: str | bytes, *, row: RowId) -> Sealed:
        """Return a normalised value sealed for the row, under the primary key."""
        return Sealed(self._sealer.seal(_encode(value), row=row))

    def open(self, sealed: bytes, *, row: RowId) -> str | bytes:
        """Return the value, or raise ``SealBroken``."""
        plain = self._sealer.open(sealed, row=row)
        return plain if self._kind is bytes else plain.decode()

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether the primary key sealed it."""
        return sealed.startswith(self._sealer.header)

    def digest(self, value: object) -> bytes | None:
        """Return what the blind index holds for a value, or None for none.

        Raises:
            EncryptionRefused: the column has no index, or it takes another type.
            InvalidInput: the value breaks the rule.
        """
        if self._index is None:
            raise EncryptionRefused(NOT_INDEXED)
        kept = self.normalise(value)
        return None if kept is None else self._index.digest(_encode(kept))


def _encode(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _spell(row: RowId) -> bytes:
    """Return the row as it is authenticated; whole numbers, the most common, are spelled in place."""
    return row.hex().encode() if isinstance(row, bytes) else str(row).encode()


def _derive(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_SIZE_BYTES, salt=None, info=info).derive(key)
