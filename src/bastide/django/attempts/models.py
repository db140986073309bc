"""Counting lanes: the same columns as in `bastide.stores.sql.tables`."""

from typing import ClassVar

from django.db import models

from bastide.django.orm._columns import Number, SmallNumber, Text


class Attempt(models.Model):
    """A counting lane."""

    kind: Text = models.CharField(max_length=10)
    subject: Text = models.CharField(max_length=400)
    owner: Text = models.CharField(max_length=64, db_index=True)
    used: SmallNumber = models.IntegerField()
    most: SmallNumber = models.IntegerField()
    ends_at: Number = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "bastide_attempt"
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(fields=("kind", "subject"), name="uq_bastide_attempt_kind_subject"),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"
