"""Encrypted columns for SQLAlchemy: text in memory, sealed at the flush, opened when it is read (E1, E3)."""

from typing import Any, ClassVar, Final
from uuid import uuid4

from sqlalchemy import Column, Dialect, LargeBinary, MetaData, Table, UniqueConstraint, Uuid
from sqlalchemy.event import listen, listens_for
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import InstrumentedAttribute, Mapper
from sqlalchemy.orm.attributes import instance_state, set_attribute
from sqlalchemy.sql import ClauseElement, operators
from sqlalchemy.types import TypeDecorator

from bastide.core.encryption import NO_KEYS, ColumnCipher, ColumnKeys, RowId, Sealed
from bastide.core.errors import ConfigurationError, EncryptionRefused
from bastide.core.inputs import Rule

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


class _Encrypted(TypeDecorator[Any]):
    """Base of the two types.

    Args:
        row: the column of the same table that tells its rows apart and never changes: the primary key where
            the application sets it, or a unique ``Uuid``, which is drawn before the insert.
        blind_index: the ``LargeBinary`` column that equality is looked up by; filled with the value.
        rule: what a value must pass, and is brought into shape by, before it is sealed.

    Threat: a stolen database, and values moved between rows by whoever can write to it (V11.3.3, V14.2.4).
    """

    impl = LargeBinary
    cache_ok = True
    kind: ClassVar[type[str] | type[bytes]]
    comparator_factory = _Comparator

    def __init__(self, *, row: str, blind_index: str = "", rule: Rule | None = None) -> None:
        super().__init__()
        self.row = row
        self.blind_index = blind_index
        self.rule = rule

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


class EncryptedText(_Encrypted):
    """A column whose text only the holders of the key ring read; see ``_Encrypted`` for what it takes."""

    kind = str
    cache_ok = True


class EncryptedBytes(_Encrypted):
    """The same for bytes."""

    kind = bytes
    cache_ok = True


def encrypted_columns(metadata: MetaData) -> list[Column[Any]]:
    """Return every encrypted column of the tables."""
    tables = metadata.tables.values()
    return [column for table in tables for column in table.columns if isinstance(column.type, _Encrypted)]


def use_keys(metadata: MetaData, keys: ColumnKeys | None) -> None:
    """Let the encrypted columns of these tables work with the keys.

    Raises:
        ConfigurationError: there are such columns, and no keys; or an index, and no key for it.
    """
    metadata.info[_CIPHERS] = ciphers = _Ciphers(keys)
    for column in encrypted_columns(metadata):
        ciphers[column]  # what is missing fails at the start


def cipher_of(column: Column[Any]) -> ColumnCipher:
    """Return what seals and opens the column, or raise ``ConfigurationError``."""
    found: ColumnCipher = column.table.metadata.info.get(_CIPHERS, _NO_CIPHERS)[column]
    return found


class _Ciphers(dict[Any, ColumnCipher]):
    """The cipher of each column, made once."""

    def __init__(self, keys: ColumnKeys | None) -> None:
        super().__init__()
        self._keys = keys

    def __missing__(self, column: Column[Any]) -> ColumnCipher:
        if self._keys is None:
            raise ConfigurationError(NO_KEYS)
        declared: Any = column.type
        self[column] = made = ColumnCipher(
            self._keys, table=column.table.fullname, column=column.name, kind=declared.kind,
            rule=declared.rule, is_indexed=bool(declared.blind_index),
        )  # fmt: skip
        return made


_NO_CIPHERS: Final = _Ciphers(None)


class _SealedAttribute(InstrumentedAttribute[Any]):
    """The attribute of an encrypted column; it opens the value on the first read.

    What was opened takes the sealed value's place in the object, without counting as a change.
    """

    __slots__ = ()
    inherit_cache = True
    column: ClassVar[Any]
    row: ClassVar[str]

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        values = instance.__dict__
        value = values.get(self.key)
        if type(value) is not Sealed:
            value = super().__get__(instance, owner)
        if type(value) is not Sealed:
            return value
        opened = values[self.key] = cipher_of(self.column).open(value, row=self._stored_row(instance))
        return opened

    def seal(self, target: Any) -> None:
        """Put the sealed value where the flush finds it, and fill the blind index."""
        values, cipher, row = target.__dict__, cipher_of(self.column), self._require_row(target)
        value = values.get(self.key)
        if type(value) is Sealed:
            # It came with another object's content: whether it belongs to this row shows when it opens.
            value = cipher.open(value, row=row)
        kept = None if value is None else cipher.normalise(value)
        values[self.key] = None if kept is None else cipher.seal(kept, row=row)
        if self.column.type.blind_index:
            digest = None if kept is None else cipher.digest(kept)
            set_attribute(target, self.column.type.blind_index, digest)

    def _stored_row(self, instance: Any) -> RowId:
        changed: dict[str, Any] = instance_state(instance).committed_state
        known = changed if self.row in changed else instance.__dict__
        row: RowId = known[self.row] if self.row in known else getattr(instance, self.row)
        return row

    def _require_row(self, target: Any) -> RowId:
        row: RowId | None = getattr(target, self.row)
        if row is None and isinstance(self.column.table.c[self.row].type, Uuid):
            row = uuid4()
            set_attribute(target, self.row, row)
        if row is None:
            msg = f"{self.column} is sealed for its row, and {self.row} is not known before the insert"
            raise EncryptionRefused(msg)
        return row


def _mark(value: Any) -> Sealed | None:
    return None if value is None else Sealed(value)


@listens_for(Mapper, "mapper_configured")
def _watch(mapper: Mapper[Any], _class: type[Any]) -> None:
    """Give every mapped class with encrypted columns their attributes, and seal before it is written."""
    names = [attribute.key for attribute in mapper.column_attrs]
    sealed = [_attribute_of(mapper, name) for name in names if _is_encrypted(mapper, name)]
    if not sealed:
        return
    indexes = {each.column.type.blind_index: each.key for each in sealed}

    def before_insert(_mapper: Mapper[Any], _connection: Any, target: Any) -> None:
        for each in sealed:
            each.seal(target)

    def before_update(_mapper: Mapper[Any], _connection: Any, target: Any) -> None:
        changed = instance_state(target).committed_state
        for each in sealed:
            if each.row in changed and changed[each.row] != getattr(target, each.row):
                msg = f"{each.column} is sealed for its row: {each.row} cannot change"
                raise EncryptionRefused(msg)
            if each.key in changed:
                each.seal(target)
        for index in indexes.keys() & changed.keys():
            if indexes[index] not in changed:
                msg = f"{index} is filled with the value that it indexes, and by nobody else"
                raise EncryptionRefused(msg)

    listen(mapper, "before_insert", before_insert)
    listen(mapper, "before_update", before_update)


def _is_encrypted(mapper: Mapper[Any], name: str) -> bool:
    return isinstance(mapper.columns[name].type, _Encrypted)


def _attribute_of(mapper: Mapper[Any], name: str) -> _SealedAttribute:
    """Make the attribute one that opens what it holds; its place in the mapper, and its events, stay."""
    attribute: Any = mapper.class_manager[name]
    column: Any = mapper.columns[name]
    _require_columns(column, column.table, mapper)
    # Attributes have no room for more than SQLAlchemy keeps in them; their class has.
    own = {"__slots__": (), "column": column, "row": column.type.row}
    attribute.__class__ = type("SealedAttribute", (_SealedAttribute,), own)
    return attribute  # type: ignore[no-any-return]  # as of the line before


def _require_columns(column: Column[Any], table: Any, mapper: Mapper[Any]) -> None:
    declared: Any = column.type
    for name in (declared.row, *([declared.blind_index] if declared.blind_index else [])):
        if name not in table.c or mapper.columns.get(name) is not table.c[name]:
            msg = f"{column}: the mapped class has no column {name!r} beside it under that name"
            raise ConfigurationError(msg)
    if not _is_unique(table, table.c[declared.row]):
        msg = f"{column}: {declared.row} must be the primary key or unique"
        raise ConfigurationError(msg)
    if declared.blind_index and not isinstance(table.c[declared.blind_index].type, LargeBinary):
        msg = f"{column}: the blind index {declared.blind_index} must be LargeBinary(32)"
        raise ConfigurationError(msg)


def _is_unique(table: Table, column: Column[Any]) -> bool:
    alone = [
        list(constraint.columns)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    unique = [list(index.columns) for index in table.indexes if index.unique]
    return [column] in [list(table.primary_key.columns), *alone, *unique] or bool(column.unique)
