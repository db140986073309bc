"""The security log on the Django ORM."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connections
from django.db.models import Count, F, Q

from bastide.core.events import MOST_COUNTED, Event, EventFilter, EventKind, Outcome, account_target
from bastide.core.moments import MICROSECOND, from_micros, to_micros
from bastide.django.accounts import models
from bastide.django.accounts.stores.connection import ALIAS, store_verb

_TEXTS: Final = ("kind", "outcome", "actor", "target", "session", "address", "route", "request_id")


class DjangoEvents:
    """See ``EventLog``."""

    @store_verb
    def append_event(self, event: Event) -> None:
        """See ``EventLog``."""
        texts = {name: str(getattr(event, name)) for name in _TEXTS}
        detail = json.dumps(dict(event.detail), ensure_ascii=False)
        models.Event.objects.using(ALIAS).create(at=to_micros(event.at), detail=detail, **texts)

    @store_verb
    def list_events(self, wanted: EventFilter, *, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """See ``EventLog``."""
        page, page_values = _newest(wanted, offset + limit)
        counted, counted_values = _newest(wanted, MOST_COUNTED + 1)
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM ({counted}) AS found LIMIT %s) AS counted",  # noqa: S608 -- made by the ORM
                [*counted_values, MOST_COUNTED + 1],
            )
            (total,) = cursor.fetchone()
            cursor.execute(
                f"{page} ORDER BY 1 DESC, 2 DESC LIMIT %s OFFSET %s", [*page_values, limit, offset]
            )
            ids = [event_id for _, event_id in cursor.fetchall()]
        rows = models.Event.objects.using(ALIAS).filter(id__in=ids).order_by("-at", "-id")
        events = [
            Event(
                kind=EventKind(row.kind), outcome=Outcome(row.outcome), at=from_micros(row.at),
                actor=row.actor, target=row.target, session=row.session, address=row.address,
                route=row.route, request_id=row.request_id, detail=json.loads(row.detail),
            )
            for row in rows
        ]  # fmt: skip
        return events, total

    @store_verb
    def count_events(
        self, kinds: Collection[EventKind], *, since: datetime, until: datetime, bucket: timedelta
    ) -> Mapping[tuple[datetime, EventKind], int]:
        """See ``EventLog``."""
        rows = (
            models.Event.objects.using(ALIAS)
            # Every outcome there is: the index that is read has it between kind and time.
            .filter(kind__in=kinds, outcome__in=list(Outcome))
            .filter(at__gte=to_micros(since), at__lt=to_micros(until))
            .values_list(F("at") - F("at") % (bucket // MICROSECOND), "kind")
            .annotate(number=Count("id"))
        )
        return {(from_micros(start), EventKind(kind)): number for start, kind, number in rows}


def _newest(wanted: EventFilter, most: int) -> tuple[str, list[Any]]:
    """Return SQL, and its values, for time and id of the newest events of each branch.

    The ORM makes each branch, and would not put limited ones together on SQLite.
    """
    parts = [
        models.Event.objects.filter(branch).order_by("-at", "-id").values_list("at", "id")[:most]
        for branch in _branches(wanted)
    ]
    compiled = [part.query.get_compiler(ALIAS).as_sql() for part in parts]
    sql = " UNION ALL ".join(f"SELECT * FROM ({text}) AS part" for text, _ in compiled)  # noqa: S608 -- made by the ORM
    return sql, [value for _, values in compiled for value in values]


def _branches(wanted: EventFilter) -> list[Q]:
    """Return conditions of which each event fits one at most, and each is a range of one index.

    With OR or IN in their place, a database reads and sorts all there is, or all that is newer.
    """
    branches = [Q()]
    if wanted.account is not None:
        actor, target = str(wanted.account), account_target(wanted.account)
        branches = [Q(actor=actor), Q(target=target) & ~Q(actor=actor)]
    elif wanted.address:
        branches = [Q(address=wanted.address)]
    elif wanted.kinds or wanted.outcome is not None:
        branches = [Q(kind=kind, outcome=outcome) for kind, outcome in wanted.kinds_and_outcomes]
    rest = Q()
    if wanted.kinds:
        rest &= Q(kind__in=wanted.kinds)
    if wanted.outcome is not None:
        rest &= Q(outcome=wanted.outcome)
    if wanted.address:
        rest &= Q(address=wanted.address)
    if wanted.since is not None:
        rest &= Q(at__gte=to_micros(wanted.since))
    if wanted.until is not None:
        rest &= Q(at__lt=to_micros(wanted.until))
    return [branch & rest for branch in branches]
