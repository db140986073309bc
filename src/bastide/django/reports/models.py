"""Groups of like reports: the same columns as in `bastide.stores.sql.tables`."""

from django.db import models

from bastide.django.orm._columns import Number, SmallNumber, Text


class Violation(models.Model):
    """A group of like reports from browsers."""

    fingerprint: Text = models.CharField(max_length=32, primary_key=True)
    directive: Text = models.CharField(max_length=1300)
    blocked: Text = models.CharField(max_length=1300)
    document: Text = models.CharField(max_length=1300)
    count: SmallNumber = models.IntegerField()
    first_seen: Number = models.BigIntegerField()
    last_seen: Number = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "bastide_violation"

    def __str__(self) -> str:
        return f"{self.directive} {self.blocked}"
