"""Uploads in any of Django's storages."""

from contextlib import suppress
from typing import BinaryIO, Final, cast

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from bastide.core.errors import StoreUnavailable
from bastide.core.uploads import UploadMissing

_UNAVAILABLE: Final = "the storage of uploads does not answer"


class DjangoStorage:
    """See ``UploadStorage``; whatever the storage raises is an outage: 503, and the file can be sent again.

    Args:
        alias: of the storage in ``STORAGES``, outside of everything that a web server sends by itself.
    """

    def __init__(self, alias: str) -> None:
        self._alias = alias

    @property
    def _storage(self) -> Storage:
        return storages[self._alias]

    def write(self, name: str, data: bytes) -> None:
        """See ``UploadStorage``."""
        try:
            given = self._storage.save(name, ContentFile(data))
        except Exception as error:
            raise StoreUnavailable(_UNAVAILABLE) from error
        if given != name:
            # Storages step aside where a name is taken.
            with suppress(Exception):
                self._storage.delete(given)
            raise StoreUnavailable(_UNAVAILABLE)

    def open(self, name: str) -> BinaryIO:
        """See ``UploadStorage``."""
        try:
            return cast("BinaryIO", self._storage.open(name, "rb"))
        except FileNotFoundError as error:
            raise UploadMissing(name) from error
        except Exception as error:
            raise StoreUnavailable(_UNAVAILABLE) from error

    def delete(self, name: str) -> None:
        """See ``UploadStorage``."""
        try:
            self._storage.delete(name)
        except Exception as error:
            raise StoreUnavailable(_UNAVAILABLE) from error
