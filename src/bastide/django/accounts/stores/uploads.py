"""Rows of uploads on the Django ORM."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum

from bastide.core.foundation import from_micros, to_micros
from bastide.core.uploads import Quota, Upload, UploadState
from bastide.django.accounts.models import Upload as Row
from bastide.django.accounts.stores.factors import lock_account
from bastide.django.connection import ALIAS, store_verb


class DjangoUploads:
    """See ``UploadStore``."""

    @store_verb
    def reserve_upload(self, new: Upload, *, quota: Quota) -> bool:
        """See ``UploadStore``."""
        owner: Any = new.owner
        with transaction.atomic(using=ALIAS):
            if not _has_room(owner, new.name, new.size_bytes, quota):
                return False
            Row.objects.using(ALIAS).create(
                name=new.name, account_id=owner, subject=new.subject, display_name=new.display_name,
                media_type=new.media_type, size_bytes=new.size_bytes, digest=new.digest, state=new.state,
                created_at=to_micros(new.created_at),
            )  # fmt: skip
            return True

    @store_verb
    def settle_upload(
        self, name: str, *, size_bytes: int, digest: bytes, state: UploadState, quota: Quota
    ) -> bool:
        """See ``UploadStore``."""
        with transaction.atomic(using=ALIAS):
            own = Row.objects.using(ALIAS).filter(name=name, state=UploadState.PENDING)
            owner = own.values_list("account_id", flat=True).first()
            if owner is None or not _has_room(owner, name, size_bytes, quota):
                return False
            return bool(own.update(size_bytes=size_bytes, digest=digest, state=state))

    @store_verb
    def decide_upload(self, name: str, state: UploadState) -> bool:
        """See ``UploadStore``."""
        values: dict[str, Any] = {"state": state}
        if state is not UploadState.READY:
            values["size_bytes"] = 0
        return bool(Row.objects.using(ALIAS).filter(name=name, state=UploadState.HELD).update(**values))

    @store_verb
    def discard_upload(self, name: str, *, subject: str) -> Upload | None:
        """See ``UploadStore``."""
        with transaction.atomic(using=ALIAS):
            own = Row.objects.using(ALIAS).filter(name=name, subject=subject)
            row = own.select_for_update().exclude(state=UploadState.REMOVED).first()
            if row is None:
                return None
            own.update(state=UploadState.REMOVED)
            return _upload(row)

    @store_verb
    def find_upload(self, name: str) -> Upload | None:
        """See ``UploadStore``."""
        row = Row.objects.using(ALIAS).filter(name=name).first()
        return None if row is None else _upload(row)

    @store_verb
    def list_uploads_of(self, subject: str) -> Sequence[Upload]:
        """See ``UploadStore``."""
        rows = Row.objects.using(ALIAS).filter(subject=subject).order_by("created_at", "name")
        return [_upload(row) for row in rows]

    @store_verb
    def remove_upload(self, name: str) -> bool:
        """See ``UploadStore``."""
        return bool(Row.objects.using(ALIAS).filter(name=name).delete()[0])

    @store_verb
    def list_uploads(self, state: UploadState, *, before: datetime | None, limit: int) -> Sequence[Upload]:
        """See ``UploadStore``."""
        rows = Row.objects.using(ALIAS).filter(state=state)
        if before is not None:
            rows = rows.filter(created_at__lt=to_micros(before))
        return [_upload(row) for row in rows.order_by("created_at", "name")[:limit]]

    @store_verb
    def list_ownerless_uploads(self, *, limit: int) -> Sequence[Upload]:
        """See ``UploadStore``."""
        rows = Row.objects.using(ALIAS).filter(account_id=None).exclude(state=UploadState.PENDING)
        return [_upload(row) for row in rows.order_by("created_at", "name")[:limit]]


def _has_room(owner: Any, name: str, size_bytes: int, quota: Quota) -> bool:
    """Tell whether the owner's other files leave room; one upload of an owner at a time looks."""
    lock_account(owner)
    others = Row.objects.using(ALIAS).filter(account_id=owner).exclude(name=name)
    used = others.aggregate(count=Count("pk"), bytes=Sum("size_bytes"))
    return used["count"] < quota.max_files and (used["bytes"] or 0) + size_bytes <= quota.max_bytes


def _upload(row: Any) -> Upload:
    return Upload(
        name=row.name, owner=row.account_id, subject=row.subject, display_name=row.display_name,
        media_type=row.media_type, size_bytes=row.size_bytes, digest=bytes(row.digest),
        state=UploadState(row.state), created_at=from_micros(row.created_at),
    )  # fmt: skip
