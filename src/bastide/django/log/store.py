"""The security log on the Django ORM: a row and the head of its chain in one short transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connections
from django.db.models import Count, F, Q, QuerySet

from bastide.core.foundation import MICROSECOND, from_micros, to_micros
from bastide.core.security_log import (
    MAX_SEQUENCE,
    MOST_COUNTED,
    Chain,
    ChainEnd,
    ChainEnds,
    ChainRow,
    Event,
    EventFilter,
    Outcome,
    Record,
    from_record,
    read_kind,
    stored_bytes,
    to_record,
)
from bastide.django.connection import ALIAS, atomic, store_verb
from bastide.django.log import models
from bastide.stores.event_branches import Branch, Comparison, branches_of

_ROW: Final = ("id", "key_id", "link", *Record._fields)
_END: Final = ("sequence", "key_id", "link", "seal")
# Every request that is refused comes by here: three statements instead of the ORM's objects.
_LOCK: Final = """
SELECT sequence, key_id, link, seal, (SELECT max(id) FROM bastide_event WHERE id < %s)
FROM bastide_chain WHERE name = 'head'
"""
_APPEND: Final = """
INSERT INTO bastide_event
    (id, key_id, link, at, kind, outcome, actor, target, session, address, route, request_id, detail)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_MOVE: Final = """
UPDATE bastide_chain SET sequence = %s, key_id = %s, link = %s, seal = %s WHERE name = 'head'
"""
_ADD: Final = """
INSERT INTO bastide_chain (name, sequence, key_id, link, seal) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_KINDS_KEPT: Final = """
WITH RECURSIVE kept (kind) AS (
    SELECT min(kind) FROM bastide_event
    UNION ALL
    SELECT (SELECT min(kind) FROM bastide_event WHERE kind > kept.kind) FROM kept WHERE kind IS NOT NULL
) SELECT kind FROM kept WHERE kind IS NOT NULL
"""


class DjangoEvents:
    """See ``EventLog``."""

    @store_verb
    def append_event(self, event: Event, chain: Chain) -> None:
        """See ``EventLog``."""
        record = to_record(event)
        with atomic(), connections[ALIAS].cursor() as cursor:
            head, last = _lock_head(cursor)
            step = chain.extend(head, last=last, record=record)
            if step is None:
                base = _ends(models.Chain.objects.using(ALIAS)).base
                step = chain.begin(base, last=last, record=record)
                if base is None:
                    cursor.execute(_ADD, ("base", *chain.first_base(last)))
            cursor.execute(_APPEND, (*step.row[:3], *record))
            cursor.execute(_MOVE, step.head)

    @store_verb
    def read_chain(self, *, start: int, limit: int) -> Sequence[ChainRow]:
        """See ``EventLog``."""
        rows = models.Event.objects.using(ALIAS).filter(id__gte=start).order_by("id").values_list(*_ROW)
        return [ChainRow.from_columns(*row) for row in rows[:limit]]

    @store_verb
    def chain_ends(self) -> ChainEnds:
        """See ``EventLog``."""
        return _ends(models.Chain.objects.using(ALIAS))

    @store_verb
    def drop_events(self, *, before: datetime, chain: Chain) -> int:
        """See ``EventLog``."""
        rows, ends = models.Event.objects.using(ALIAS), models.Chain.objects.using(ALIAS)
        with atomic():
            # Nobody appends while the base moves; with one row locked alone, no two wait for each other.
            ends.select_for_update().filter(name="head").first()
            head = _ends(ends.all()).head
            first = rows.filter(at__gte=to_micros(before)).order_by("id").values_list("id", flat=True).first()
            oldest = rows.all() if first is None else rows.filter(id__lt=first)
            newest = oldest.order_by("-id").values_list("id", "link").first()
            if newest is None:
                return 0
            number, link = newest
            if link is not None:
                base = chain.move_base(head, sequence=number, link=stored_bytes(link))
                ends.update_or_create(name="base", defaults=base._asdict())
            return oldest.delete()[0]

    @store_verb
    def list_events(self, wanted: EventFilter, *, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """See ``EventLog``."""
        branches = [_condition(branch) for branch in branches_of(wanted, kinds_kept=_kinds_kept)]
        if not branches:
            return [], 0
        page, page_values = _newest(branches, offset + limit)
        counted, counted_values = _newest(branches, MOST_COUNTED + 1)
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
        return [from_record(Record(*(getattr(row, name) for name in Record._fields))) for row in rows], total

    @store_verb
    def count_events(
        self, kinds: Collection[str], *, since: datetime, until: datetime, bucket: timedelta
    ) -> Mapping[tuple[datetime, str], int]:
        """See ``EventLog``."""
        rows = (
            models.Event.objects.using(ALIAS)
            # Every outcome there is: the index that is read has it between kind and time.
            .filter(kind__in=kinds, outcome__in=list(Outcome))
            .filter(at__gte=to_micros(since), at__lt=to_micros(until))
            .values_list(F("at") - F("at") % (bucket // MICROSECOND), "kind")
            .annotate(number=Count("id"))
        )
        return {(from_micros(start), read_kind(kind)): number for start, kind, number in rows}


def _newest(branches: Sequence[Q], most: int) -> tuple[str, list[Any]]:
    """Return SQL, and its values, for time and id of the newest events of each branch.

    The ORM makes each branch, and would not put limited ones together on SQLite.
    """
    parts = [
        models.Event.objects.filter(branch).order_by("-at", "-id").values_list("at", "id")[:most]
        for branch in branches
    ]
    compiled = [part.query.get_compiler(ALIAS).as_sql() for part in parts]
    sql = " UNION ALL ".join(f"SELECT * FROM ({text}) AS part" for text, _ in compiled)  # noqa: S608 -- made by the ORM
    return sql, [value for _, values in compiled for value in values]


def _condition(branch: Branch) -> Q:
    condition = Q()
    for column, how, value in branch:
        if how is Comparison.OTHER_THAN:
            condition &= ~Q(**{column: value})
        else:
            condition &= Q(**{f"{column}__{how}": value})
    return condition


def _kinds_kept() -> Sequence[str]:
    """Return the kinds that the log holds, declared or not; each is one step in the index."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(_KINDS_KEPT)
        return [kind for (kind,) in cursor.fetchall()]


def _ends(rows: QuerySet[models.Chain]) -> ChainEnds:
    found = {name: ChainEnd.from_columns(*columns) for name, *columns in rows.values_list("name", *_END)}
    return ChainEnds(found.get("base"), found.get("head"))


def _lock_head(cursor: Any) -> tuple[ChainEnd, int]:
    """Return the head, nobody else's until the transaction ends, and the highest number in the log."""
    # The lock on the head is what puts the writers in a row; SQLite's transaction has one of its own.
    is_sqlite = connections[ALIAS].vendor == "sqlite"
    statement = _LOCK if is_sqlite else _LOCK + "FOR UPDATE OF bastide_chain"
    cursor.execute(statement, (MAX_SEQUENCE,))
    found = cursor.fetchone()
    if found is None:
        # Of two that find no head, one waits here for the other's.
        cursor.execute(_ADD, ("head", 0, 0, b"", b""))
        cursor.execute(statement, (MAX_SEQUENCE,))
        found = cursor.fetchone()
    *head, last = found
    return ChainEnd.from_columns(*head), last or 0
