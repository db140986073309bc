"""Rows of uploads in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bastide.core.uploads import Quota, Upload, UploadState
from bastide.stores.memory.data import Data


class MemoryUploads:
    """See ``UploadStore``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def reserve_upload(self, new: Upload, *, quota: Quota) -> bool:
        """See ``UploadStore``."""
        with self._data.lock:
            if not self._has_room(new, quota):
                return False
            self._data.uploads[new.name] = new
            return True

    def settle_upload(
        self, name: str, *, size_bytes: int, digest: bytes, state: UploadState, quota: Quota
    ) -> bool:
        """See ``UploadStore``."""
        with self._data.lock:
            found = self._data.uploads.get(name)
            if found is None or found.owner is None or found.state is not UploadState.PENDING:
                return False
            settled = replace(found, size_bytes=size_bytes, digest=digest, state=state)
            if not self._has_room(settled, quota):
                return False
            self._data.uploads[name] = settled
            return True

    def decide_upload(self, name: str, state: UploadState) -> bool:
        """See ``UploadStore``."""
        with self._data.lock:
            found = self._data.uploads.get(name)
            if found is None or found.state is not UploadState.HELD:
                return False
            size = found.size_bytes if state is UploadState.READY else 0
            self._data.uploads[name] = replace(found, state=state, size_bytes=size)
            return True

    def discard_upload(self, name: str, *, subject: str) -> Upload | None:
        """See ``UploadStore``."""
        with self._data.lock:
            found = self._data.uploads.get(name)
            if found is None or found.subject != subject or found.state is UploadState.REMOVED:
                return None
            self._data.uploads[name] = replace(found, state=UploadState.REMOVED)
            return found

    def find_upload(self, name: str) -> Upload | None:
        """See ``UploadStore``."""
        with self._data.lock:
            return self._data.uploads.get(name)

    def list_uploads_of(self, subject: str) -> Sequence[Upload]:
        """See ``UploadStore``."""
        with self._data.lock:
            return _by_age(upload for upload in self._data.uploads.values() if upload.subject == subject)

    def remove_upload(self, name: str) -> bool:
        """See ``UploadStore``."""
        with self._data.lock:
            return self._data.uploads.pop(name, None) is not None

    def list_uploads(self, state: UploadState, *, before: datetime | None, limit: int) -> Sequence[Upload]:
        """See ``UploadStore``."""
        with self._data.lock:
            return _by_age(
                upload
                for upload in self._data.uploads.values()
                if upload.state is state and (before is None or upload.created_at < before)
            )[:limit]

    def list_ownerless_uploads(self, *, limit: int) -> Sequence[Upload]:
        """See ``UploadStore``."""
        with self._data.lock:
            return _by_age(
                upload
                for upload in self._data.uploads.values()
                if upload.owner is None and upload.state is not UploadState.PENDING
            )[:limit]

    def _has_room(self, upload: Upload, quota: Quota) -> bool:
        """Tell whether the owner's other files leave room for this one."""
        others = [
            other.size_bytes
            for other in self._data.uploads.values()
            if other.owner == upload.owner and other.name != upload.name
        ]
        return quota.takes(upload.size_bytes, others=len(others), used_bytes=sum(others))


def _by_age(uploads: Iterable[Upload]) -> list[Upload]:
    return sorted(uploads, key=lambda upload: (upload.created_at, upload.name))
