"""Grouped CSP violations on the Django ORM."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connections, transaction
from django.db.models import F

from bastide.core.foundation import from_micros, to_micros
from bastide.core.http import Violation, ViolationGroup
from bastide.django.accounts import models
from bastide.django.connection import ALIAS, store_verb


class DjangoViolations:
    """See ``ViolationStore``."""

    @store_verb
    def record_violation(self, violation: Violation, *, now: datetime, max_groups: int) -> bool:
        """See ``ViolationStore``."""
        moment = to_micros(now)
        groups = models.Violation.objects.using(ALIAS)
        with transaction.atomic(using=ALIAS):
            if connections[ALIAS].vendor != "sqlite":
                # Kinds are counted before one is added: one writer at a time, as on SQLite.
                with connections[ALIAS].cursor() as cursor:
                    cursor.execute("LOCK TABLE bastide_violation IN SHARE ROW EXCLUSIVE MODE")
            known = groups.filter(fingerprint=violation.fingerprint)
            if known.update(count=F("count") + 1, last_seen=moment):
                return False
            if groups.count() >= max_groups:
                rarest = groups.order_by("count", "last_seen").values("fingerprint")[:1]
                groups.filter(fingerprint__in=list(rarest.values_list("fingerprint", flat=True))).delete()
            groups.create(
                fingerprint=violation.fingerprint, directive=violation.directive, blocked=violation.blocked,
                document=violation.document, count=1, first_seen=moment, last_seen=moment,
            )  # fmt: skip
            return True

    @store_verb
    def list_violations(self, *, limit: int) -> Sequence[ViolationGroup]:
        """See ``ViolationStore``."""
        newest = models.Violation.objects.using(ALIAS).order_by("-last_seen", "fingerprint")[:limit]
        return [
            ViolationGroup(
                violation=Violation(directive=row.directive, blocked=row.blocked, document=row.document),
                count=row.count, first_seen=from_micros(row.first_seen), last_seen=from_micros(row.last_seen),
            )
            for row in newest
        ]  # fmt: skip
