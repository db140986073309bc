"""Rows of uploads on the Django ORM."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, Sum

from bastide.core.foundation import to_micros
from bastide.core.uploads import Quota, Upload, UploadState
from bastide.django.connection import ALIAS, atomic, lock_account, store_verb, writing_verb
from bastide.django.uploads.models import Upload as Row
from bastide.stores.rows import UPLOAD, decided_upload, stored_upload, upload_row


class DjangoUploads:
    """See ``UploadStore``."""

    @store_verb
    def reserve_upload(self, new: Upload, *, quota: Quota) -> bool:
        """See ``UploadStore``."""
        with atomic():
            if not _has_room(new.owner, new.name, new.size_bytes, quota):
                return False
            Row.objects.using(ALIAS).create(**upload_row(new))
            return True

    @store_verb
    def settle_upload(
        self, name: str, *, size_bytes: int, digest: bytes, state: UploadState, quota: Quota
    ) -> bool:
        """See ``UploadStore``."""
        with atomic():
            own = Row.objects.using(ALIAS).filter(name=name, state=UploadState.PENDING)
            owner = own.values_list("account_id", flat=True).first()
            if owner is None or not _has_room(owner, name, size_bytes, quota):
                return False
            return bool(own.update(size_bytes=size_bytes, digest=digest, state=state))

    @writing_verb
    def decide_upload(self, name: str, state: UploadState) -> bool:
        """See ``UploadStore``."""
        held = Row.objects.using(ALIAS).filter(name=name, state=UploadState.HELD)
        return bool(held.update(**decided_upload(state)))

    @store_verb
    def discard_upload(self, name: str, *, subject: str) -> Upload | None:
        """See ``UploadStore``."""
        with atomic():
            own = Row.objects.using(ALIAS).filter(name=name, subject=subject)
            there = own.select_for_update().exclude(state=UploadState.REMOVED)
            row = there.values_list(*UPLOAD).first()
            if row is None:
                return None
            own.update(state=UploadState.REMOVED)
            return stored_upload(row)

    @store_verb
    def find_upload(self, name: str) -> Upload | None:
        """See ``UploadStore``."""
        row = Row.objects.using(ALIAS).filter(name=name).values_list(*UPLOAD).first()
        return None if row is None else stored_upload(row)

    @store_verb
    def list_uploads_of(self, subject: str) -> Sequence[Upload]:
        """See ``UploadStore``."""
        return _oldest_first(Row.objects.using(ALIAS).filter(subject=subject))

    @writing_verb
    def remove_upload(self, name: str) -> bool:
        """See ``UploadStore``."""
        return bool(Row.objects.using(ALIAS).filter(name=name).delete()[0])

    @store_verb
    def list_uploads(self, state: UploadState, *, before: datetime | None, limit: int) -> Sequence[Upload]:
        """See ``UploadStore``."""
        rows = Row.objects.using(ALIAS).filter(state=state)
        if before is not None:
            rows = rows.filter(created_at__lt=to_micros(before))
        return _oldest_first(rows, limit)

    @store_verb
    def list_ownerless_uploads(self, *, limit: int) -> Sequence[Upload]:
        """See ``UploadStore``."""
        rows = Row.objects.using(ALIAS).filter(account_id=None).exclude(state=UploadState.PENDING)
        return _oldest_first(rows, limit)


def _has_room(owner: Any, name: str, size_bytes: int, quota: Quota) -> bool:
    """Tell whether the owner's other files leave room; one upload of an owner at a time looks."""
    lock_account(owner)
    others = Row.objects.using(ALIAS).filter(account_id=owner).exclude(name=name)
    used = others.aggregate(count=Count("pk"), bytes=Sum("size_bytes"))
    return quota.takes(size_bytes, others=used["count"], used_bytes=used["bytes"] or 0)


def _oldest_first(rows: QuerySet[Row], limit: int | None = None) -> list[Upload]:
    listed = rows.order_by("created_at", "name").values_list(*UPLOAD)
    return [stored_upload(row) for row in listed[:limit]]
