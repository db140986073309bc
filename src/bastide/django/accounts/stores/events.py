"""The security log on the Django ORM: a row and the head of its chain in one short transaction."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connections, transaction
from django.db.models import QuerySet

from bastide.core.chain import MAX_SEQUENCE, Chain, ChainEnd, ChainEnds, ChainRow, Record, stored_bytes
from bastide.core.events import Event, EventKind, Outcome, to_record
from bastide.core.moments import from_micros, to_micros
from bastide.django.accounts import models
from bastide.django.accounts.stores.connection import ALIAS, store_verb

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


class DjangoEvents:
    """See ``EventLog``."""

    @store_verb
    def append_event(self, event: Event, chain: Chain) -> None:
        """See ``EventLog``."""
        record = to_record(event)
        with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
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
        with transaction.atomic(using=ALIAS):
            # Nobody appends while the base moves.
            head = _ends(ends.select_for_update()).head
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
    def list_events(self, *, kind: str, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """See ``EventLog``."""
        wanted = models.Event.objects.using(ALIAS).all()
        if kind:
            wanted = wanted.filter(kind=kind)
        events = [
            Event(
                kind=EventKind(row.kind), outcome=Outcome(row.outcome), at=from_micros(row.at),
                actor=row.actor, target=row.target, session=row.session, address=row.address,
                route=row.route, request_id=row.request_id, detail=json.loads(row.detail),
            )
            for row in wanted.order_by("-id")[offset : offset + limit]
        ]  # fmt: skip
        return events, wanted.count()


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
