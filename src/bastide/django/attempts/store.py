"""Attempt lanes on Django: one upsert per lane, all in one short transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connections
from django.db.models import F, QuerySet

from bastide.core.attempts import (
    Draw,
    Exhausted,
    Lane,
    LaneKind,
    Lock,
    Reservation,
    Reserved,
    in_order,
)
from bastide.core.foundation import from_micros, to_micros
from bastide.django.attempts.models import Attempt
from bastide.django.connection import ALIAS, atomic, store_verb, writing_verb

# The ORM's upsert has no condition; without one a shut lane could not refuse in the same step.
_DRAW: Final = """
INSERT INTO bastide_attempt AS lane (kind, subject, owner, used, most, ends_at)
VALUES (%(kind)s, %(subject)s, %(owner)s, 1, %(limit)s, %(end)s)
ON CONFLICT (kind, subject) DO UPDATE SET
    used = CASE WHEN lane.ends_at <= %(now)s THEN 1 ELSE lane.used + 1 END,
    most = %(limit)s,
    owner = %(owner)s,
    ends_at = CASE WHEN lane.ends_at <= %(now)s OR lane.used + 1 >= %(limit)s
        THEN %(end)s ELSE lane.ends_at END
WHERE lane.ends_at <= %(now)s OR lane.used < %(limit)s
RETURNING used, ends_at
"""


class _Full(Exception):
    """A lane is shut; the transaction is rolled back."""


class DjangoAttempts:
    """See ``AttemptStore``."""

    @store_verb
    def reserve_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> Reservation:
        """See ``AttemptStore``."""
        draws: list[Draw] = []
        try:
            with atomic(), connections[ALIAS].cursor() as cursor:
                for lane in in_order(lanes):
                    cursor.execute(
                        _DRAW,
                        {
                            "kind": lane.kind.value, "subject": lane.subject, "owner": lane.owner,
                            "limit": lane.limit, "now": to_micros(now), "end": to_micros(now + lane.period),
                        },
                    )  # fmt: skip
                    row = cursor.fetchone()
                    if row is None:
                        raise _Full  # noqa: TRY301 -- leaves the transaction
                    draws.append(Draw(lane, row[0], from_micros(row[1])))
        except _Full:
            return _exhausted(lanes, now)
        return Reserved.of(draws)

    @store_verb
    def refund_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> None:
        """See ``AttemptStore``."""
        with atomic():
            for lane in in_order(lanes):
                drawn = _rows(lane).filter(used__gt=0, ends_at__gt=to_micros(now))
                drawn.update(used=F("used") - 1)

    @writing_verb
    def clear_lane(self, lane: Lane) -> None:
        """See ``AttemptStore``."""
        _rows(lane).delete()

    @writing_verb
    def clear_account_lanes(self, owner: str) -> bool:
        """See ``AttemptStore``."""
        return Attempt.objects.using(ALIAS).filter(owner=owner).delete()[0] > 0

    @store_verb
    def list_locks(self, *, now: datetime, limit: int, owners: Sequence[str] = ()) -> Sequence[Lock]:
        """See ``AttemptStore``."""
        shut = Attempt.objects.using(ALIAS).filter(used__gte=F("most"), ends_at__gt=to_micros(now))
        if owners:
            shut = shut.filter(owner__in=owners)
        return [
            Lock(
                kind=LaneKind(row.kind), subject=row.subject, owner=row.owner, until=from_micros(row.ends_at)
            )
            for row in shut.order_by("-ends_at", "kind", "subject")[:limit]
        ]

    @writing_verb
    def purge_attempts(self, *, now: datetime) -> int:
        """See ``AttemptStore``."""
        return Attempt.objects.using(ALIAS).filter(ends_at__lte=to_micros(now)).delete()[0]


def _rows(lane: Lane) -> QuerySet[Attempt]:
    return Attempt.objects.using(ALIAS).filter(kind=lane.kind.value, subject=lane.subject)


def _exhausted(lanes: Sequence[Lane], now: datetime) -> Exhausted:
    shut = (
        (from_micros(row.ends_at), lane)
        for lane in lanes
        for row in _rows(lane).filter(used__gte=lane.limit)
    )  # fmt: skip
    return Exhausted.by(shut, lanes=lanes, now=now)
