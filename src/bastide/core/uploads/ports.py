"""What keeps the rows and the bytes of files, and what scans them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol

from bastide.core.foundation import AccountId, BastideError


class UploadState(StrEnum):
    """Where a file is on its way; only ``ready`` ones are served.

    Of ``refused`` and ``removed`` ones the bytes go before the row does, so that a row knows of all bytes.
    """

    PENDING = "pending"
    HELD = "held"
    READY = "ready"
    REFUSED = "refused"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file's row.

    Attributes:
        name: 40 hex digits at random: the row's key, and what the bytes are kept under.
        owner: the account that sent it; None once that account is gone, and nobody is served it any more.
        subject: what it belongs to, as the application calls it (``post:7``); may be empty.
        display_name: clean, for people.
        media_type: of its kind.
        size_bytes: as stored; while ``pending``, what is set aside for it.
        digest: SHA-256 of the stored bytes; empty while ``pending``.
    """

    name: str
    owner: AccountId | None
    subject: str = ""
    display_name: str
    media_type: str
    size_bytes: int
    digest: bytes = field(default=b"")
    state: UploadState = UploadState.PENDING
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What one account may keep."""

    max_bytes: int
    max_files: int

    def takes(self, size_bytes: int, *, others: int, used_bytes: int) -> bool:
        """Tell whether one more file of the size has room beside so many others of so many bytes in all."""
        return others < self.max_files and used_bytes + size_bytes <= self.max_bytes


class UploadStore(Protocol):
    """Keeps the rows; every verb is atomic."""

    def reserve_upload(self, new: Upload, *, quota: Quota) -> bool:
        """Keep a ``pending`` row if the owner's files with it stay within the quota; tell whether they do.

        However many ask at once, all rows of an owner together never exceed it.
        """

    def settle_upload(
        self, name: str, *, size_bytes: int, digest: bytes, state: UploadState, quota: Quota
    ) -> bool:
        """Take a ``pending`` row to ``state`` with the size stored, within the quota; tell whether it did.

        A row whose owner is gone stays as it is.
        """

    def decide_upload(self, name: str, state: UploadState) -> bool:
        """Take a ``held`` row to ``ready`` or ``refused``, whose size is none; tell whether it was held."""

    def discard_upload(self, name: str, *, subject: str) -> Upload | None:
        """Take a row of the subject to ``removed``; return it as it was, or None if it was that already.

        Of all that ask at once, one is given the row.
        """

    def find_upload(self, name: str) -> Upload | None:
        """Return the row, or None."""

    def list_uploads_of(self, subject: str) -> Sequence[Upload]:
        """Return the rows of a subject in every state, the oldest first."""

    def remove_upload(self, name: str) -> bool:
        """Delete the row; tell whether there was one."""

    def list_uploads(self, state: UploadState, *, before: datetime | None, limit: int) -> Sequence[Upload]:
        """Return rows in that state, the oldest first; only those made before the time where one is given."""

    def list_ownerless_uploads(self, *, limit: int) -> Sequence[Upload]:
        """Return rows whose account is gone, in any state but ``pending``, the oldest first."""


class UploadMissing(BastideError):
    """The bytes of a row are not where they should be."""


class UploadStorage(Protocol):
    """Keeps the bytes, under names that nobody chose and where no web server looks.

    A name is 160 random bits: no two uploads share one. Storages that can refuse a name that is taken do so,
    but nothing relies on it.
    """

    def write(self, name: str, data: bytes) -> None:
        """Keep all of ``data`` under a new name, on the disk when this returns.

        Raises:
            StoreUnavailable: nothing, or only a part, could be kept.
        """

    def open(self, name: str) -> BinaryIO:
        """Return the bytes, all of them at hand; the caller closes them.

        Raises:
            UploadMissing: there are none.
            StoreUnavailable: they cannot be read.
        """

    def delete(self, name: str) -> None:
        """Delete what is there under the name, parts included; nothing there is fine.

        Raises:
            StoreUnavailable: it cannot be deleted.
        """


class Scanner(Protocol):
    """Looks for malware."""

    def find_malware(self, data: bytes) -> str | None:
        """Return the name of what was found, or None for a clean file.

        Raises:
            StoreUnavailable: the scanner is away or did not say.
        """
