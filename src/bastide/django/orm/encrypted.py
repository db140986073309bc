"""Encrypted model fields: text in memory, sealed on its way to the database, opened when read (E1, E3)."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

from django.core import checks
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import class_prepared, pre_save
from django.dispatch import receiver
from django.utils.functional import cached_property

from bastide.core.encryption import (
    INDEX_SIZE_BYTES,
    NO_KEYS,
    ColumnCipher,
    ColumnKeys,
    RowId,
    Sealed,
    require_own_places,
    sealed_place,
)
from bastide.core.foundation import ConfigurationError, EncryptionRefused, SealBroken
from bastide.core.inputs import FieldRule
from bastide.core.mail import MAIL_COLUMN
from bastide.core.sign_in import TOTP_COLUMN
from bastide.django.conf import column_keys
from bastide.django.orm._generic_fields import BinaryField, GT_co, ST_contra
from bastide.django.orm.encrypted_lookups import BlindExact, BlindIn
from bastide.django.orm.fields import RuleValidator, public_path
from bastide.stores.sealed_condition import sealed_condition

_UNLOADED: Final = object()


class _FixtureSealed(Sealed):
    """A sealed value that a fixture brought; it is stored as it is."""

    __slots__ = ()


class _SealedAttribute(DeferredAttribute):
    """The attribute of an encrypted field; it opens the value on the first read."""

    field: "EncryptedField[Any, Any]"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        field = self.field
        value = instance.__dict__.get(field.attname, _UNLOADED)
        if value is _UNLOADED:
            value = super().__get__(instance, cls)
        if type(value) is not Sealed:
            return value
        opened = field.cipher.open(value, row=field.row_of(instance))
        instance.__dict__[field.attname] = opened
        return opened

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedField(BinaryField[ST_contra, GT_co]):
    """Base of the two fields; left out of forms unless ``editable=True``, as binary fields are.

    Args:
        row: the field that tells the table's rows apart and never changes: the primary key where it is known
            before the insert, or a unique ``UUIDField(default=uuid4)``.
        blind_index: the ``BlindIndexField`` that ``exact`` and ``in`` look the value up by.
        rule: what text must pass, and is brought into shape by, before it is sealed; one of `bastide`, or the
            dotted path of the project's own.
        sealed_as: ``table.column`` of before, where one of both was renamed: values are bound to those names,
            and so stay readable.

    Threat: a stolen database, and values moved between rows by whoever can write to it (V11.3.3, V14.2.4).
    """

    kind: ClassVar[type[str] | type[bytes]]
    empty_values: Sequence[Any] = (None, "", b"")
    descriptor_class = _SealedAttribute

    def __init__(
        self,
        *args: Any,
        row: str,
        blind_index: str = "",
        rule: FieldRule | str | None = None,
        sealed_as: str = "",
        **options: Any,
    ) -> None:
        self.row: str = row
        self.blind_index: str = blind_index
        self.sealed_as: str = sealed_as
        self.rule: RuleValidator | None = None if rule is None else RuleValidator(rule)
        self.default_validators: list[Any] = [] if self.rule is None else [self.rule]
        self._made: tuple[ColumnKeys, ColumnCipher] | None = None
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        """Return what a migration writes."""
        name, path, args, options = super().deconstruct()
        options["row"] = self.row
        if self.blind_index:
            options["blind_index"] = self.blind_index
        if self.rule:
            options["rule"] = self.rule.path
        if self.sealed_as:
            options["sealed_as"] = self.sealed_as
        return name, public_path(path), args, options

    def check(self, **options: Any) -> list[checks.CheckMessage]:
        """Besides Django's own: ``bastide.E007`` and ``bastide.E008``."""
        problems = list(super().check(**options))
        row, index, own = self._find(self.row), self._find(self.blind_index), self._find(self.name)
        if own.has_db_default():
            hint = "Give it a default instead, which is sealed."
            problems.append(
                checks.Error(
                    "A default of the database is plain text", hint=hint, obj=self, id="bastide.E008"
                )
            )
        if row is None or not row.unique:
            hint = "Name the primary key, or a unique field that never changes."
            problems.append(checks.Error("row names no unique field", hint=hint, obj=self, id="bastide.E007"))
        if (self.blind_index and not isinstance(index, BlindIndexField)) or own.unique or own.db_index:
            hint = "Declare a BlindIndexField beside it, unique where the values are."
            problems.append(
                checks.Error("An encrypted field has no index itself", hint=hint, obj=self, id="bastide.E008")
            )
        return problems

    def _find(self, name: str) -> Any:
        fields = self.model._meta.local_concrete_fields  # noqa: SLF001 -- Django's documented name
        return next((field for field in fields if name in {field.name, field.attname}), None)

    @cached_property
    def _row_attribute(self) -> str:
        return str(self._find(self.row).attname)

    @property
    def sealed_place(self) -> tuple[str, str]:
        """The table and column that values are sealed for."""
        table: str = self.model._meta.db_table  # noqa: SLF001 -- Django's documented name
        return sealed_place(self.sealed_as, table=table, column=str(self.column))

    def make_cipher(self, keys: ColumnKeys | None) -> ColumnCipher:
        """Return what seals and opens the field's values, made once per ring.

        Raises:
            ConfigurationError: there are no keys, or none for its index.
        """
        if keys is None:
            raise ConfigurationError(NO_KEYS)
        if self._made is None or self._made[0] is not keys:
            rule: FieldRule | None = None if self.rule is None else self.rule.rule
            table, column = self.sealed_place
            self._made = (
                keys,
                ColumnCipher(
                    keys,
                    table=table,
                    column=column,
                    kind=self.kind,
                    rule=rule,
                    is_indexed=bool(self.blind_index),
                ),
            )
        return self._made[1]

    @property
    def cipher(self) -> ColumnCipher:
        """What seals and opens the field's values now."""
        return self.make_cipher(column_keys())

    def row_of(self, instance: models.Model) -> RowId:
        """Return what the value is bound to, or raise ``EncryptionRefused`` where it is not known yet."""
        row: RowId | None = getattr(instance, self._row_attribute)
        if row is None:
            msg = f"{self} is sealed for its row, and {self.row} is not known before the insert"
            raise EncryptionRefused(msg)
        return row

    def digest(self, value: Any) -> bytes | None:
        """Return what the blind index holds for the value; see ``ColumnCipher.digest``."""
        return self.cipher.digest(value)

    def from_db_value(self, value: Any, *_: Any) -> Sealed | None:
        """Mark a stored value as sealed; nothing is opened before it is read."""
        return None if value is None else Sealed(value)

    def to_python(self, value: Any) -> Any:
        """Return the value: what a form brings is plain, however it looks."""
        return value

    def get_default(self) -> Any:
        """Return the value of a fresh object."""
        default = super().get_default()
        return self.kind() if default == b"" else default

    def _check_str_default_value(self) -> list[checks.CheckMessage]:
        return []

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:  # noqa: ARG002, FBT001 -- Django's signature
        """Return the value sealed for its row; a stored one is kept while its key is the primary one.

        Raises:
            SealBroken: it was moved here from another row, or its row has another identity by now.
        """
        value, row, cipher = model_instance.__dict__[self.attname], self.row_of(model_instance), self.cipher
        if isinstance(value, Sealed):
            plain = cipher.open(value, row=row)
            return value if cipher.is_current(value) else cipher.seal(plain, row=row)
        kept = None if value is None else cipher.normalise(value)
        model_instance.__dict__[self.attname] = kept
        return None if kept is None else cipher.seal(kept, row=row)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Return what goes to the database: sealed, or nothing; an expression is neither."""
        if value is not None and not isinstance(value, Sealed):
            msg = f"{self} is set on objects; QuerySet.update and bulk_update would store it plain"
            raise EncryptionRefused(msg)
        return super().get_db_prep_save(value, connection)

    def db_check(self, connection: Any) -> str:
        """Return the condition in SQL that keeps raw SQL and other programs from storing it plain."""
        name = connection.ops.quote_name(self.column)
        return sealed_condition(name, is_sqlite=connection.vendor == "sqlite")

    def get_lookup(self, lookup_name: str) -> Any:
        """Return a look-up that the blind index can answer; Django refuses all others."""
        known: dict[str, Any] = {"exact": BlindExact, "in": BlindIn, "isnull": super().get_lookup("isnull")}
        return known.get(lookup_name)

    def get_transform(self, lookup_name: str) -> None:
        """Return nothing: no function of the database works on what is sealed."""

    def value_to_string(self, obj: models.Model) -> str:
        """Return the sealed value in base64: ``dumpdata`` writes no plain text."""
        value: Any = obj.__dict__[self.attname]
        sealed = value if isinstance(value, Sealed) else self.cipher.seal(value, row=self.row_of(obj))
        return b64encode(sealed).decode()

    def before_save(self, *, instance: models.Model, raw: bool, update_fields: Any, **_: Any) -> None:
        """Take a fixture's value; else refuse to save the value or its index without the other."""
        if raw:
            self._take_fixture(instance)
            return
        is_loaded = self.attname in instance.__dict__
        if update_fields is None or not self.blind_index or not is_loaded:
            return
        if len({self.name, self.blind_index} & set(update_fields)) == 1:
            msg = f"{self} is saved together with {self.blind_index}: name both in update_fields"
            raise EncryptionRefused(msg)

    def _take_fixture(self, instance: models.Model) -> None:
        """Take what ``value_to_string`` wrote; it must open for its row, and plain text does not."""
        if (written := instance.__dict__[self.attname]) is None:
            return
        row = self.row_of(instance)
        try:
            sealed = _FixtureSealed(b64decode(written, validate=True))
        except (binascii.Error, ValueError):
            place = f"{self}:{row!r}"
            raise SealBroken(place, "not_sealed") from None
        self.cipher.open(sealed, row=row)
        instance.__dict__[self.attname] = sealed


class EncryptedTextField(EncryptedField[ST_contra, GT_co]):
    """Text that only the holders of the key ring read; see ``EncryptedField`` for what it takes."""

    kind: ClassVar[type[str] | type[bytes]] = str
    _pyi_private_set_type: str
    _pyi_private_get_type: str

    def formfield(self, **options: Any) -> Any:
        """Return a line of text; one left empty is null where the field may be."""
        return super().formfield(**({"empty_value": None} if self.null else {}) | options)


class EncryptedBytesField(EncryptedField[ST_contra, GT_co]):
    """The same for bytes."""

    kind: ClassVar[type[str] | type[bytes]] = bytes
    _pyi_private_set_type: bytes
    _pyi_private_get_type: bytes


class BlindIndexField(BinaryField[ST_contra, GT_co]):
    """What an encrypted field of the same model is looked up by; filled with it, and null where it is.

    Args:
        options: ``unique=True`` where the values are, else ``db_index=True``.
    """

    _pyi_private_set_type: bytes | None
    _pyi_private_get_type: bytes | None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": INDEX_SIZE_BYTES, "null": True, "blank": True} | options)

    def deconstruct(self) -> Any:
        """Return what a migration writes."""
        name, path, args, options = super().deconstruct()
        return name, public_path(path), args, options

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 -- Django's signature
        """Return the digest of the value that is saved with it."""
        fields: Any = self.model._meta.local_concrete_fields  # noqa: SLF001 -- Django's documented name
        (field,) = (one for one in fields if getattr(one, "blind_index", None) == self.name)
        if field.attname in model_instance.__dict__:
            value = getattr(model_instance, field.attname)
            setattr(model_instance, self.attname, None if value is None else field.digest(value))
        return super().pre_save(model_instance, add)


@receiver(class_prepared)
def _watch(sender: type[models.Model], **_: Any) -> None:
    """Watch every class with such fields: a proxy and a child send signals of their own."""
    fields = sender._meta.concrete_fields  # noqa: SLF001 -- Django's documented name
    for field in (one for one in fields if isinstance(one, EncryptedField)):
        pre_save.connect(field.before_save, sender=sender)


def require_keys(models_: Iterable[type[models.Model]], keys: ColumnKeys | None) -> None:
    """Raise ``ConfigurationError`` where models' encrypted fields miss a key, or share a sealed name."""
    places = {".".join(place): place for place in (TOTP_COLUMN, MAIL_COLUMN)}
    for model in models_:
        meta = model._meta  # noqa: SLF001 -- Django's documented name
        for field in meta.local_concrete_fields:
            if isinstance(field, EncryptedField):
                places[f"{meta.db_table}.{field.column}"] = field.sealed_place
                field.make_cipher(keys)
    require_own_places(places)
