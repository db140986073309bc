"""Every store of rows, every place of bytes and every scanner takes what the ports say."""

from bastide.core.uploads import Scanner, UploadStorage, UploadStore
from bastide.scanners import ClamdScanner
from bastide.stores.folder import FolderStorage
from support.django_blog import set_up
from support.ports import keepers_of, taken_otherwise


def test_every_store_of_uploads_is_one() -> None:
    assert taken_otherwise(UploadStore, *keepers_of(UploadStore)) == []


def test_every_place_of_bytes_is_one() -> None:
    set_up()
    from bastide.django.storages import DjangoStorage

    assert taken_otherwise(UploadStorage, FolderStorage, DjangoStorage) == []


def test_the_scanner_is_one() -> None:
    assert taken_otherwise(Scanner, ClamdScanner) == []
