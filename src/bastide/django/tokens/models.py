"""API tokens: the same columns as in `bastide.stores.sql.tables`."""

from django.conf import settings
from django.db import models

from bastide.django.orm._columns import Binary, Link, LongText, MaybeNumber, Number, Text


class Token(models.Model):
    """An API token: what it may do, and the digest of its text."""

    id: Text = models.CharField(max_length=11, primary_key=True)
    account: Link = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest: Binary = models.BinaryField(max_length=32)
    name: Text = models.CharField(max_length=60)
    scopes: LongText = models.TextField()
    created_at: Number = models.BigIntegerField()
    expires_at: Number = models.BigIntegerField(db_index=True)
    last_used_at: MaybeNumber = models.BigIntegerField(null=True)

    class Meta:
        db_table = "bastide_token"

    def __str__(self) -> str:
        return self.name
