"""The security log in SQL."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Subquery, and_, bindparam, func, insert, select, true, union_all

from bastide.core.events import MOST_COUNTED, Event, EventFilter, EventKind, Outcome, account_target
from bastide.core.moments import MICROSECOND, from_micros, to_micros
from bastide.stores.sql.connection import Database
from bastide.stores.sql.tables import SecurityTables

_TEXTS = ("kind", "outcome", "actor", "target", "session", "address", "route", "request_id")


class SqlEvents:
    """See ``EventLog``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._table = tables.event
        names = ("at", *_TEXTS, "detail")
        statement = insert(self._table).values({name: bindparam(f"b_{name}") for name in names}).inline()
        self._append = database.compile(statement)

    def append_event(self, event: Event) -> None:
        """See ``EventLog``."""
        values = {f"b_{name}": str(getattr(event, name)) for name in _TEXTS}
        detail = json.dumps(dict(event.detail), ensure_ascii=False)
        self._database.run(self._append, {**values, "b_at": to_micros(event.at), "b_detail": detail})

    def list_events(self, wanted: EventFilter, *, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """See ``EventLog``."""
        column = self._table.c
        found = self._newest(wanted, offset + limit)
        newest_first = (found.c.at.desc(), found.c.id.desc())
        shown = select(found).order_by(*newest_first).offset(offset).limit(limit).subquery()
        page = (
            select(self._table)
            .join(shown, shown.c.id == column.id)
            .order_by(shown.c.at.desc(), shown.c.id.desc())
        )
        counted = select(self._newest(wanted, MOST_COUNTED + 1).c.id).limit(MOST_COUNTED + 1).subquery()
        with self._database.reading() as connection:
            total = connection.execute(select(func.count()).select_from(counted)).scalar_one()
            rows = connection.execute(page).all()
        events = [
            Event(
                kind=EventKind(row.kind), outcome=Outcome(row.outcome), at=from_micros(row.at),
                actor=row.actor, target=row.target, session=row.session, address=row.address,
                route=row.route, request_id=row.request_id, detail=json.loads(row.detail),
            )
            for row in rows
        ]  # fmt: skip
        return events, total

    def count_events(
        self, kinds: Collection[EventKind], *, since: datetime, until: datetime, bucket: timedelta
    ) -> Mapping[tuple[datetime, EventKind], int]:
        """See ``EventLog``."""
        column = self._table.c
        start = (column.at - column.at % (bucket // MICROSECOND)).label("start")
        statement = (
            select(start, column.kind, func.count().label("number"))
            .where(
                column.kind.in_(kinds),
                # Every outcome there is: the index that is read has it between kind and time.
                column.outcome.in_(list(Outcome)),
                column.at >= to_micros(since),
                column.at < to_micros(until),
            )
            .group_by("start", column.kind)
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return {(from_micros(row.start), EventKind(row.kind)): row.number for row in rows}

    def _newest(self, wanted: EventFilter, most: int) -> Subquery:
        """Return time and id of the newest events of each branch, at most ``most`` per branch."""
        column = self._table.c
        branches = [
            select(column.at, column.id)
            .where(condition)
            .order_by(column.at.desc(), column.id.desc())
            .limit(most)
            .subquery()
            for condition in self._branches(wanted)
        ]
        return union_all(*(select(branch) for branch in branches)).subquery()

    def _branches(self, wanted: EventFilter) -> list[ColumnElement[bool]]:
        """Return conditions of which each event fits one at most, and each is a range of one index.

        With OR or IN in their place, a database reads and sorts all there is, or all that is newer.
        """
        column = self._table.c
        rest: list[ColumnElement[bool]] = []
        branches: list[ColumnElement[bool]] = [true()]
        if wanted.account is not None:
            actor, target = str(wanted.account), account_target(wanted.account)
            branches = [column.actor == actor, and_(column.target == target, column.actor != actor)]
        elif wanted.address:
            branches = [column.address == wanted.address]
        elif wanted.kinds or wanted.outcome is not None:
            pairs = wanted.kinds_and_outcomes
            branches = [and_(column.kind == kind, column.outcome == outcome) for kind, outcome in pairs]
        if wanted.kinds:
            rest.append(column.kind.in_(wanted.kinds))
        if wanted.outcome is not None:
            rest.append(column.outcome == wanted.outcome)
        if wanted.address:
            rest.append(column.address == wanted.address)
        if wanted.since is not None:
            rest.append(column.at >= to_micros(wanted.since))
        if wanted.until is not None:
            rest.append(column.at < to_micros(wanted.until))
        return [and_(branch, *rest) for branch in branches]
