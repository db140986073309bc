"""Uploads in any of Django's storages."""

from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from bastide.core.foundation import StoreUnavailable
from bastide.core.uploads import UploadMissing, UploadStorage
from bastide.stores.folder import FolderStorage, require_unserved

_UNAVAILABLE: Final = "the storage of uploads does not answer"


def require_unserved_storage(storage: UploadStorage | None) -> None:
    """Refuse uploads in a folder that shares its files with static or media files.

    Raises:
        ConfigurationError: which two, see ``require_unserved``.
    """
    if isinstance(storage, DjangoStorage):
        kept = storages[storage.alias]
        folder = kept.location if isinstance(kept, FileSystemStorage) else None
    else:
        folder = storage.folder if isinstance(storage, FolderStorage) else None
    if folder is not None:
        require_unserved(Path(folder), _served_folders())


def _served_folders() -> list[Path]:
    found = [settings.STATIC_ROOT, settings.MEDIA_ROOT]
    for finder in get_finders():
        found += [storage.location for storage in getattr(finder, "storages", {}).values()]
    return [Path(folder) for folder in found if folder]


class DjangoStorage:
    """See ``UploadStorage``; whatever the storage raises is an outage: 503, and the file can be sent again.

    Storages that write over what is there, as those of buckets do unless told otherwise, are fine: no two
    uploads ever have the same name.

    Args:
        alias: of the storage in ``STORAGES``, outside of everything that a web server sends by itself.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias

    @property
    def _storage(self) -> Storage:
        return storages[self.alias]

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
            with self._storage.open(name, "rb") as file:
                # Some fetch the bytes only now, and fail now.
                return BytesIO(file.read())
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
