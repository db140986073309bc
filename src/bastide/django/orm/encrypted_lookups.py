"""Look-ups of encrypted fields, through their blind index."""

from collections.abc import Iterable
from typing import Any

from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In

from bastide.core.encryption import NOT_INDEXED
from bastide.core.foundation import EncryptionRefused


class BlindExact(Exact):
    """``exact`` through the blind index."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        # Django looks at the side that is None and asks for ``isnull`` then.
        super().__init__(*((lhs, None) if rhs is None else (_index_of(lhs), lhs.target.digest(rhs))))


class BlindIn(In):
    """``in`` through the blind index."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if hasattr(rhs, "resolve_expression"):
            msg = f"{lhs.target} is compared with values only"
            raise EncryptionRefused(msg)
        digests: Iterable[bytes | None] = [lhs.target.digest(value) for value in rhs]
        super().__init__(_index_of(lhs), digests)


def _index_of(lhs: Any) -> Col:
    field = lhs.target
    if not field.blind_index:
        raise EncryptionRefused(NOT_INDEXED)
    return Col(lhs.alias, field.model._meta.get_field(field.blind_index))  # noqa: SLF001
