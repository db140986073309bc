"""The security log and the ends of its chain: the same columns as in `bastide.stores.sql.tables`."""

from typing import ClassVar

from django.db import models

from bastide.django.orm._columns import Binary, LongText, MaybeBinary, MaybeNumber, Number, Text


class Event(models.Model):
    """A row of the security log."""

    at: Number = models.BigIntegerField(db_index=True)
    kind: Text = models.CharField(max_length=60)
    outcome: Text = models.CharField(max_length=10)
    actor: Text = models.CharField(max_length=1300)
    target: Text = models.CharField(max_length=1300)
    session: Text = models.CharField(max_length=1300)
    address: Text = models.CharField(max_length=1300)
    route: Text = models.CharField(max_length=1300)
    request_id: Text = models.CharField(max_length=1300)
    detail: LongText = models.TextField()
    # Empty in rows that are older than the chain.
    key_id: MaybeNumber = models.BigIntegerField(null=True)
    link: MaybeBinary = models.BinaryField(max_length=32, null=True)

    class Meta:
        db_table = "bastide_event"
        # Each way to read the log, newest first.
        indexes: ClassVar[tuple[models.Index, ...]] = (
            models.Index(fields=("kind", "outcome", "at"), name="ix_bastide_event_kind_at"),
            models.Index(fields=("actor", "at"), name="ix_bastide_event_actor_at"),
            models.Index(fields=("target", "at"), name="ix_bastide_event_target_at"),
            models.Index(fields=("address", "at"), name="ix_bastide_event_address_at"),
        )

    def __str__(self) -> str:
        return self.kind


class Chain(models.Model):
    """The sealed ends of the log's chain: ``head`` and ``base``."""

    name: Text = models.CharField(max_length=4, primary_key=True)
    sequence: Number = models.BigIntegerField()
    key_id: Number = models.BigIntegerField()
    link: Binary = models.BinaryField(max_length=32)
    seal: Binary = models.BinaryField(max_length=32)

    class Meta:
        db_table = "bastide_chain"

    def __str__(self) -> str:
        return f"{self.name}:{self.sequence}"
