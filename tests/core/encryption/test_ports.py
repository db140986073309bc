"""Every column of sealed values takes what rotation asks of it."""

from bastide.core.encryption.ports import SealedColumn
from bastide.stores.sql.sealed import SqlSealedColumn
from support.django_blog import set_up
from support.ports import taken_otherwise


def test_columns_of_both_frameworks_are_ones() -> None:
    set_up()
    from bastide.django.orm.sealed import DjangoSealedColumn

    assert taken_otherwise(SealedColumn, SqlSealedColumn, DjangoSealedColumn) == []
