"""Grouped CSP violations on the Django ORM."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connections
from django.db.models import F

from bastide.core.foundation import to_micros
from bastide.core.http import Violation, ViolationGroup
from bastide.django.connection import ALIAS, atomic, store_verb
from bastide.django.reports import models
from bastide.stores.rows import VIOLATION_GROUP, violation_group, violation_row


class DjangoViolations:
    """See ``ViolationStore``."""

    @store_verb
    def record_violation(self, violation: Violation, *, now: datetime, max_groups: int) -> bool:
        """See ``ViolationStore``."""
        groups = models.Violation.objects.using(ALIAS)
        with atomic():
            if connections[ALIAS].vendor != "sqlite":
                # Kinds are counted before one is added: one writer at a time, as on SQLite.
                with connections[ALIAS].cursor() as cursor:
                    cursor.execute("LOCK TABLE bastide_violation IN SHARE ROW EXCLUSIVE MODE")
            known = groups.filter(fingerprint=violation.fingerprint)
            if known.update(count=F("count") + 1, last_seen=to_micros(now)):
                return False
            if groups.count() >= max_groups:
                rarest = groups.order_by("count", "last_seen").values("fingerprint")[:1]
                groups.filter(fingerprint__in=list(rarest.values_list("fingerprint", flat=True))).delete()
            groups.create(**violation_row(violation, now=now))
            return True

    @store_verb
    def list_violations(self, *, limit: int) -> Sequence[ViolationGroup]:
        """See ``ViolationStore``."""
        newest = models.Violation.objects.using(ALIAS).order_by("-last_seen", "fingerprint")
        return [violation_group(row) for row in newest.values_list(*VIOLATION_GROUP)[:limit]]
