"""Taking, keeping, checking and removing files (U1 to U5)."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from io import SEEK_END
from math import ceil
from threading import BoundedSemaphore
from typing import BinaryIO, Final

from bastide.core.foundation import (
    AccountId,
    Client,
    Clock,
    ConfigurationError,
    Entropy,
    InvalidInput,
    StoreUnavailable,
)
from bastide.core.security_log import EventKind, Outcome, Recorder
from bastide.core.uploads import _images as images
from bastide.core.uploads import _pdf as documents
from bastide.core.uploads._content import make_harmless
from bastide.core.uploads.kinds import FIELD, KINDS, PDF, FileKind, parse_kind
from bastide.core.uploads.names import clean_name, is_storage_name, new_storage_name
from bastide.core.uploads.ports import (
    Quota,
    Scanner,
    Upload,
    UploadMissing,
    UploadState,
    UploadStorage,
    UploadStore,
)
from bastide.core.uploads.settings import MIB, UploadSettings

# A form around the file: its token and the boundaries.
FORM_SIZE_BYTES: Final = 16_384
BATCH: Final = 1_000


class Uploads:
    """Keeps only what is declared, whole, checked, within the owner's quota and known by a row.

    Args:
        store: keeps the rows.
        storage: keeps the bytes.
        scanner: looks for malware, or None.
        recorder: writes events.
        clock: the time.
        entropy: randomness.
        settings: the limits.

    Raises:
        ConfigurationError: images are declared and Pillow is not installed, or documents and not pikepdf.
    """

    def __init__(
        self,
        *,
        store: UploadStore,
        storage: UploadStorage,
        scanner: Scanner | None,
        recorder: Recorder,
        clock: Clock,
        entropy: Entropy,
        settings: UploadSettings,
    ) -> None:
        if any(KINDS[name].is_image for name in settings.kinds) and not images.is_available():
            msg = "images are declared as uploads, but Pillow is not installed (bastide[images])"
            raise ConfigurationError(msg)
        if any(KINDS[name] is PDF for name in settings.kinds) and not documents.is_available():
            msg = "documents are declared as uploads, but pikepdf is not installed (bastide[documents])"
            raise ConfigurationError(msg)
        self._store = store
        self._storage = storage
        self._scanner = scanner
        self._recorder = recorder
        self._clock = clock
        self._entropy = entropy
        self.settings = settings
        self._kinds = frozenset(settings.kinds)
        self._quota = Quota(max_bytes=settings.quota_bytes, max_files=settings.quota_files)
        self._room = BoundedSemaphore(settings.max_at_once)

    @property
    def max_request_bytes(self) -> int:
        """What a request that carries a file may take in all."""
        return self.settings.max_size_bytes + FORM_SIZE_BYTES

    def receive(
        self,
        owner: AccountId,
        client: Client,
        *,
        subject: str,
        raw_name: str,
        declared_type: str,
        body: BinaryIO,
    ) -> Upload:
        """Keep a file and return its row: ``ready``, or ``held`` while the scanner is away.

        1. Its extension and its declared type agree on a declared kind.
        2. Its size is set aside in the owner's quota, before a byte is read; from here on a row knows of it.
        3. The content is of that kind, and harmless; images and documents are made anew.
        4. The scanner finds nothing.
        5. The bytes are kept under a random name, whole, and only then the row says so.

        Whatever fails takes the row and the bytes back; after a crash ``purge`` does.

        Args:
            owner: a signed-in account.
            client: the caller.
            subject: what it belongs to, as the application calls it.
            raw_name: the file's name as sent, untrusted.
            declared_type: the part's ``Content-Type`` as sent, untrusted.
            body: the bytes as sent; can be sought in.

        Raises:
            InvalidInput: which rule is broken; it is an event too.
            StoreUnavailable: the row or the bytes could not be kept.

        Spec: V5.2.1, V5.2.2, V5.2.4, V5.3.2, V5.4.3.
        """
        display_name = clean_name(raw_name)
        try:
            kind = parse_kind(display_name, declared_type, self._kinds)
            row = self._reserve(owner, subject, display_name, kind, self._measure(body))
            kept = self._keep(row, kind, body)
        except InvalidInput as error:
            self._recorder.record(
                EventKind.UPLOAD_REFUSED, Outcome.REFUSED, client, actor=owner, target=subject,
                name=display_name, code=error.code,
            )  # fmt: skip
            raise
        happened = EventKind.UPLOAD_STORED if kept.state is UploadState.READY else EventKind.UPLOAD_HELD
        self._recorder.record(
            happened, Outcome.SUCCESS, client, actor=owner, target=subject,
            upload=kept.name, name=display_name,
        )  # fmt: skip
        return kept

    def list_of(self, subject: str) -> Sequence[Upload]:
        """Return the whole files of a subject: those to serve and those that wait for the scanner."""
        shown = {UploadState.READY, UploadState.HELD}
        found = self._store.list_uploads_of(subject)
        return [upload for upload in found if upload.state in shown and upload.owner is not None]

    def find(self, name: str, *, subject: str) -> Upload | None:
        """Return the row of a file that belongs to the subject and may be served, or None."""
        upload = self._store.find_upload(name) if is_storage_name(name) else None
        if upload is None or upload.subject != subject or upload.owner is None:
            return None
        return upload if upload.state is UploadState.READY else None

    def open(self, upload: Upload) -> BinaryIO:
        """Return the bytes of a file that ``find`` gave.

        Raises:
            UploadMissing: the bytes are gone.
            StoreUnavailable: they cannot be read.
        """
        return self._storage.open(upload.name)

    def remove(self, name: str, client: Client, *, subject: str, by: AccountId | None) -> bool:
        """Delete a file of the subject, whatever its state; tell whether there was one.

        It is served no more from the first step on; what fails or is killed later, ``purge`` ends.

        Raises:
            StoreUnavailable: the bytes could not be deleted yet.
        """
        found = self._store.discard_upload(name, subject=subject) if is_storage_name(name) else None
        if found is None:
            return False
        self._recorder.record(
            EventKind.UPLOAD_REMOVED, Outcome.SUCCESS, client, actor=by, target=subject, upload=name
        )
        # An upload at work may write its bytes after this: it finds its row discarded and takes them back.
        if found.state is not UploadState.PENDING:
            self._delete(name)
        return True

    def remove_all(self, subject: str, client: Client, *, by: AccountId | None) -> None:
        """Delete every file of the subject, before the subject itself goes."""
        for upload in self._store.list_uploads_of(subject):
            self.remove(upload.name, client, subject=subject, by=by)

    def scan_held(self, client: Client) -> dict[UploadState, int]:
        """Ask the scanner about files that are held; return how many are in which state now.

        Raises:
            StoreUnavailable: the scanner is still away; what is left stays held.
        """
        counts = {UploadState.READY: 0, UploadState.REFUSED: 0}
        if self._scanner is None:
            return counts
        for upload in self._store.list_uploads(UploadState.HELD, before=None, limit=BATCH):
            code = self._judge(upload, self._scanner)
            state = UploadState.REFUSED if code else UploadState.READY
            if code:
                self._storage.delete(upload.name)
            if self._store.decide_upload(upload.name, state):
                counts[state] += 1
                self._recorder.record(
                    EventKind.UPLOAD_REFUSED if code else EventKind.UPLOAD_STORED,
                    Outcome.REFUSED if code else Outcome.SUCCESS,
                    client, target=upload.subject, upload=upload.name, code=code,
                )  # fmt: skip
        return counts

    def purge(self) -> int:
        """Remove what nobody keeps any more; return how many files there were.

        That is what never ended, what was refused or removed, and what an account that is gone left behind.

        Raises:
            StoreUnavailable: bytes could not be deleted; their rows stay for the next time.
        """
        count = 0
        while abandoned := self._find_abandoned():
            for name in abandoned:
                self._delete(name)
            count += len(abandoned)
        return count

    def _find_abandoned(self) -> set[str]:
        before = self._clock.now() - self.settings.abandoned_after
        found = [*self._store.list_ownerless_uploads(limit=BATCH)]
        for state in (UploadState.PENDING, UploadState.REFUSED, UploadState.REMOVED):
            found += self._store.list_uploads(state, before=before, limit=BATCH)
        return {upload.name for upload in found}

    def _delete(self, name: str) -> None:
        # The bytes first: a row without them shows nothing, bytes without a row nobody would ever find.
        self._storage.delete(name)
        self._store.remove_upload(name)

    def _reserve(
        self, owner: AccountId, subject: str, display_name: str, kind: FileKind, size_bytes: int
    ) -> Upload:
        row = Upload(
            name=new_storage_name(self._entropy), owner=owner, subject=subject, display_name=display_name,
            media_type=kind.media_type, size_bytes=size_bytes, created_at=self._clock.now(),
        )  # fmt: skip
        if not self._store.reserve_upload(row, quota=self._quota):
            raise self._full()
        return row

    def _keep(self, row: Upload, kind: FileKind, body: BinaryIO) -> Upload:
        try:
            with self._room:
                sent = body.read(row.size_bytes)
                data = make_harmless(sent, kind, self.settings)
            state = self._ask_scanner(sent)
            self._storage.write(row.name, data)
            return self._settle(row, data, state)
        except BaseException:
            self._undo(row.name)
            raise

    def _settle(self, row: Upload, data: bytes, state: UploadState) -> Upload:
        kept = replace(row, size_bytes=len(data), digest=hashlib.sha256(data).digest(), state=state)
        is_kept = self._store.settle_upload(
            kept.name, size_bytes=kept.size_bytes, digest=kept.digest, state=state, quota=self._quota
        )
        if not is_kept:
            # What was made anew is larger and the quota full, or the subject went meanwhile.
            raise self._full()
        return kept

    def _full(self) -> InvalidInput:
        return InvalidInput(
            FIELD, "quota", files=self._quota.max_files, max=f"{self._quota.max_bytes / MIB:.3g}"
        )

    def _ask_scanner(self, data: bytes) -> UploadState:
        if self._scanner is None:
            return UploadState.READY
        try:
            found = self._scanner.find_malware(data)
        except StoreUnavailable:
            return UploadState.HELD
        if found is not None:
            raise InvalidInput(FIELD, "file_infected")
        return UploadState.READY

    def _undo(self, name: str) -> None:
        """Take bytes and row back; where that fails too, ``purge`` finds the row."""
        with suppress(StoreUnavailable):
            self._delete(name)

    def _judge(self, upload: Upload, scanner: Scanner) -> str:
        """Return why a held file is refused; empty for a clean one."""
        try:
            with self._storage.open(upload.name) as file:
                found = scanner.find_malware(file.read())
        except UploadMissing:
            return "file_missing"
        return "file_infected" if found is not None else ""

    def _measure(self, body: BinaryIO) -> int:
        size = body.seek(0, SEEK_END)
        body.seek(0)
        if not size:
            raise InvalidInput(FIELD, "file_empty")
        if size > self.settings.max_size_bytes:
            seen = f"{ceil(size / MIB * 100) / 100:g}"
            raise InvalidInput(FIELD, "file_too_large", seen=seen, max=self.settings.max_size_mib)
        return size
