"""Files that people send: the same columns as in `bastide.stores.sql.tables`."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from bastide.django.orm._columns import Binary, Link, Number, Text


class Upload(models.Model):
    """A file: who sent it, what it belongs to, and what its bytes are kept under."""

    name: Text = models.CharField(max_length=40, primary_key=True)
    # The row outlives its account, so that the bytes are found and deleted.
    account: Link = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    subject: Text = models.CharField(max_length=100, db_index=True)
    display_name: Text = models.CharField(max_length=200)
    media_type: Text = models.CharField(max_length=50)
    size_bytes: Number = models.BigIntegerField()
    digest: Binary = models.BinaryField(max_length=32)
    state: Text = models.CharField(max_length=10)
    created_at: Number = models.BigIntegerField()

    class Meta:
        db_table = "bastide_upload"
        indexes: ClassVar[tuple[models.Index, ...]] = (
            models.Index(fields=("state", "created_at"), name="ix_bastide_upload_state_at"),
        )

    def __str__(self) -> str:
        return self.name
