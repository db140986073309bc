"""Encryption at rest: values sealed for one row of one column, under keys that rotate.

A value that was edited, cut short or moved to another row is refused; blind indexes find equal values without
opening them; rotation goes on while the application serves.
"""

from bastide.core.encryption.key_ring import (
    INDEX,
    MAX_KEY_ID,
    NEW_RING,
    KeyRing,
    new_key_line,
    new_ring,
    next_key_line,
)
from bastide.core.encryption.live_ring import LiveRing
from bastide.core.encryption.ports import SealedRow
from bastide.core.encryption.rotation import Rotation
from bastide.core.encryption.sealing import (
    INDEX_SIZE_BYTES,
    NO_KEYS,
    NOT_INDEXED,
    OVERHEAD_SIZE_BYTES,
    ColumnCipher,
    ColumnKeys,
    RowId,
    Sealed,
    Sealer,
    require_own_places,
    sealed_place,
)

__all__ = [
    "INDEX",
    "INDEX_SIZE_BYTES",
    "MAX_KEY_ID",
    "NEW_RING",
    "NOT_INDEXED",
    "NO_KEYS",
    "OVERHEAD_SIZE_BYTES",
    "ColumnCipher",
    "ColumnKeys",
    "KeyRing",
    "LiveRing",
    "Rotation",
    "RowId",
    "Sealed",
    "SealedRow",
    "Sealer",
    "new_key_line",
    "new_ring",
    "next_key_line",
    "require_own_places",
    "sealed_place",
]
