"""Encrypted columns for SQLAlchemy: text in memory, sealed at the flush, opened when it is read (E1, E3)."""

from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Column, Dialect, LargeBinary, MetaData
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.sql import ClauseElement, operators
from sqlalchemy.types import TypeDecorator, TypeEngine

from bastide.core.encryption import (
    NO_KEYS,
    ColumnCipher,
    ColumnKeys,
    Sealed,
    require_own_places,
    sealed_place,
)
from bastide.core.foundation import ConfigurationError, EncryptionRefused
from bastide.core.inputs import FieldRule
from bastide.core.mail import MAIL_COLUMN
from bastide.core.sign_in import TOTP_COLUMN

T = TypeVar("T", str, bytes)

_KEYS: Final = "bastide.keys"
_CIPHERS: Final = "bastide.ciphers"
_EQUALITY: Final = {operators.eq, operators.ne, operators.in_op, operators.not_in_op}
_NULLNESS: Final = {operators.is_, operators.is_not, operators.eq, operators.ne}


class PlaintextRefused(EncryptionRefused, DontWrapMixin):
    """Something that is not sealed was on its way to an encrypted column.

    SQLAlchemy would quote the parameters, and with them the text, in an error of its own around this one.
    """


class _Comparator(TypeDecorator.Comparator[Any]):
    """Compares through the blind index, or not at all."""

    def operate(self, op: Any, *other: Any, **options: Any) -> Any:
        """Return the comparison in SQL.

        Raises:
            EncryptionRefused: the column has no blind index, or that cannot answer.
        """
        if op in _NULLNESS and other[0] is None:
            return super().operate(op, *other, **options)
        value: Any = other[0] if other else None
        column: Any = self.expr
        if op not in _EQUALITY or isinstance(value, ClauseElement) or hasattr(value, "__clause_element__"):
            msg = f"the encrypted column {self.expr} can be compared with values for equality only"
            raise EncryptionRefused(msg)
        cipher = cipher_of(next(iter(column.base_columns)))
        many = op in {operators.in_op, operators.not_in_op}
        digest = [cipher.digest(each) for each in value] if many else cipher.digest(value)
        return op(column.table.c[column.type.blind_index], digest)


class EncryptedType(TypeDecorator[T]):
    """Base of the two types.

    Args:
        row: the column of the same table that tells its rows apart and never changes: the primary key where
            the application sets it, or a unique ``Uuid``, which is drawn before the insert.
        blind_index: the ``LargeBinary`` column that equality is looked up by; filled with the value.
        rule: what a value must pass, and is brought into shape by, before it is sealed.
        sealed_as: ``table.column`` of before, where one of both was renamed: values are bound to those names,
            and so stay readable.

    Threat: a stolen database, and values moved between rows by whoever can write to it (V11.3.3, V14.2.4).
    """

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = LargeBinary
    cache_ok: bool | None = True
    kind: ClassVar[type[str] | type[bytes]]
    comparator_factory = _Comparator

    def __init__(
        self, *, row: str, blind_index: str = "", rule: FieldRule | None = None, sealed_as: str = ""
    ) -> None:
        super().__init__()
        self.row = row
        self.blind_index = blind_index
        self.rule = rule
        self.sealed_as = sealed_as

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Return what goes to the database: sealed, or nothing."""
        if value is None or isinstance(value, Sealed):
            return value
        msg = "an encrypted column is set on mapped objects; a statement would store it plain"
        raise PlaintextRefused(msg)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002 -- SQLAlchemy's signature
        """Return what marks a stored value as sealed; nothing is opened before it is read."""
        return _mark

    def coerce_compared_value(self, op: Any, value: Any) -> Any:  # noqa: ARG002 -- SQLAlchemy's signature
        """Bind whatever it is compared with as this type, which refuses plain text."""
        return self


class EncryptedText(EncryptedType[str]):
    """A column whose text only the holders of the key ring read; see ``EncryptedType`` for what it takes."""

    kind: ClassVar[type[str] | type[bytes]] = str
    cache_ok: bool | None = True


class EncryptedBytes(EncryptedType[bytes]):
    """The same for bytes."""

    kind: ClassVar[type[str] | type[bytes]] = bytes
    cache_ok: bool | None = True


def encrypted_columns(metadata: MetaData) -> list[Column[Any]]:
    """Return every encrypted column of the tables."""
    tables = metadata.tables.values()
    return [column for table in tables for column in table.columns if isinstance(column.type, EncryptedType)]


def use_keys(
    metadata: MetaData, keys: ColumnKeys | None, *, at_hand: Callable[[], ColumnKeys | None] | None = None
) -> None:
    """Let the encrypted columns of these tables work with the keys.

    Args:
        metadata: of the tables.
        keys: what must do for every column.
        at_hand: finds the keys anew for each value, where several applications share the tables.

    Raises:
        ConfigurationError: there are such columns, and no keys; or an index, and no key for it; or two are
            sealed for one place.
    """
    metadata.info[_KEYS] = at_hand or (lambda: keys)
    places = {".".join(place): place for place in (TOTP_COLUMN, MAIL_COLUMN)}
    for column in encrypted_columns(metadata):
        places[f"{column.table.fullname}.{column.name}"] = _place(column)
        _cipher(column, keys)  # what is missing fails at the start
    require_own_places(places)


def cipher_of(column: Column[Any]) -> ColumnCipher:
    """Return what seals and opens the column, or raise ``ConfigurationError``."""
    find = column.table.metadata.info.get(_KEYS)
    return _cipher(column, None if find is None else find())


def _cipher(column: Column[Any], keys: ColumnKeys | None) -> ColumnCipher:
    if keys is None:
        raise ConfigurationError(NO_KEYS)
    # Not with the column, whose copies for other tables would bring it along.
    by_keys = column.table.metadata.info.setdefault(_CIPHERS, WeakKeyDictionary())
    made: dict[Column[Any], ColumnCipher] = by_keys.setdefault(keys, {})
    found = made.get(column)
    if found is None:
        declared: Any = column.type
        table, name = _place(column)
        found = made[column] = ColumnCipher(
            keys, table=table, column=name, kind=declared.kind, rule=declared.rule,
            is_indexed=bool(declared.blind_index),
        )  # fmt: skip
    return found


def _place(column: Column[Any]) -> tuple[str, str]:
    declared: Any = column.type
    return sealed_place(declared.sealed_as, table=column.table.fullname, column=column.name)


def _mark(value: Any) -> Sealed | None:
    return None if value is None else Sealed(value)
