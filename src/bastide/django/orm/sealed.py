"""The sealed columns of a project on Django, as rotation goes through them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.apps import apps
from django.db import connections, models

from bastide.core.encryption import RowId, SealedRow
from bastide.django.connection import ALIAS, atomic, store_verb
from bastide.django.orm.encrypted import EncryptedField

ACCOUNTS: Final = "bastide_accounts"
# What the app of accounts seals: model, column and what its rows are told apart by.
OWN: Final = (("totp", "secret", "account"), ("mail", "sealed", "id"))


class DjangoSealedColumn:
    """See ``SealedColumn``; in SQL of its own, since encrypted fields refuse to be looked into."""

    def __init__(self, model: type[models.Model], name: str, row: str) -> None:
        options: Any = model._meta  # noqa: SLF001 -- Django's documented name
        field: Any = options.get_field(name)
        is_encrypted = isinstance(field, EncryptedField)
        self.table: str
        self.column: str
        self.table, self.column = field.sealed_place if is_encrypted else (options.db_table, field.column)
        self._row = options.get_field(row)
        quote: Any = connections[ALIAS].ops.quote_name
        self._names = {
            "table": quote(options.db_table), "column": quote(field.column), "row": quote(self._row.column)
        }  # fmt: skip

    @store_verb
    def count_by_start(self) -> Mapping[bytes, int]:
        """See ``SealedColumn``."""
        count = "SELECT substr({column}, 1, 3), count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY 1"
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(count.format_map(self._names))
            return {bytes(start): number for start, number in cursor.fetchall()}

    @store_verb
    def read_ends(self, start: bytes) -> Sequence[SealedRow]:
        """See ``SealedColumn``."""
        alike = "SELECT {row}, {column} FROM {table} WHERE substr({column}, 1, 3) = %s ORDER BY {row}"
        ends: list[SealedRow] = []
        with connections[ALIAS].cursor() as cursor:
            for order in (" ASC LIMIT 1", " DESC LIMIT 1"):
                cursor.execute((alike + order).format_map(self._names), [start])
                ends += [SealedRow(self._identity(key), bytes(sealed)) for key, sealed in cursor.fetchall()]
        return list(dict.fromkeys(ends))

    @store_verb
    def read_after(self, last: RowId | None, *, other_than: bytes, limit: int) -> Sequence[SealedRow]:
        """See ``SealedColumn``."""
        read = (
            "SELECT {row}, {column} FROM {table} WHERE {column} IS NOT NULL AND substr({column}, 1, 3) <> %s"
        )
        values: list[Any] = [other_than]
        if last is not None:
            read += " AND {row} > %s"
            values.append(self._key(last))
        read += " ORDER BY {row} LIMIT %s"
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(read.format_map(self._names), [*values, limit])
            return [SealedRow(self._identity(key), bytes(sealed)) for key, sealed in cursor.fetchall()]

    @store_verb
    def replace_all(self, changes: Sequence[tuple[SealedRow, bytes]]) -> None:
        """See ``SealedColumn``; one short transaction."""
        replace = "UPDATE {table} SET {column} = %s WHERE {row} = %s AND {column} = %s"
        with atomic(), connections[ALIAS].cursor() as cursor:
            for old, sealed in changes:
                cursor.execute(replace.format_map(self._names), [sealed, self._key(old.row), old.sealed])

    def _key(self, row: RowId) -> Any:
        return row if isinstance(row, bytes) else self._row.get_db_prep_value(row, connections[ALIAS])

    def _identity(self, stored: Any) -> RowId:
        row: RowId = bytes(stored) if isinstance(stored, memoryview) else self._row.to_python(stored)
        return row


def sealed_columns() -> list[DjangoSealedColumn]:
    """Return every sealed column: the project's encrypted fields, and Bastide's own."""
    own = OWN if apps.is_installed("bastide.django.accounts") else ()
    return [
        *(DjangoSealedColumn(apps.get_model(ACCOUNTS, model), name, row) for model, name, row in own),
        *(
            DjangoSealedColumn(model, field.name, field.row)
            for model in apps.get_models()
            for field in model._meta.local_concrete_fields  # noqa: SLF001 -- Django's documented name
            if isinstance(field, EncryptedField)
        ),
    ]
