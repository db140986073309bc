"""What mapped classes do with encrypted columns: they seal at the flush, and open on the first read."""

from typing import Any, ClassVar
from uuid import uuid4

from sqlalchemy import Column, LargeBinary, Uuid
from sqlalchemy.event import listen, listens_for
from sqlalchemy.orm import InstrumentedAttribute, Mapper
from sqlalchemy.orm.attributes import instance_state, set_attribute

from bastide.core.encryption import RowId, Sealed
from bastide.core.foundation import ConfigurationError, EncryptionRefused
from bastide.stores.sql.account_columns import is_unique
from bastide.stores.sql.encrypted import EncryptedType, cipher_of


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
    return isinstance(mapper.columns[name].type, EncryptedType)


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
    if any((column.default, column.onupdate, column.server_default, column.server_onupdate)):
        msg = f"{column}: a default would be stored as it is; set the value on objects"
        raise ConfigurationError(msg)
    for name in (declared.row, *([declared.blind_index] if declared.blind_index else [])):
        if name not in table.c or mapper.columns.get(name) is not table.c[name]:
            msg = f"{column}: the mapped class has no column {name!r} beside it under that name"
            raise ConfigurationError(msg)
    if not is_unique(table, table.c[declared.row]):
        msg = f"{column}: {declared.row} must be the primary key or unique"
        raise ConfigurationError(msg)
    if declared.blind_index and not isinstance(table.c[declared.blind_index].type, LargeBinary):
        msg = f"{column}: the blind index {declared.blind_index} must be LargeBinary(32)"
        raise ConfigurationError(msg)
