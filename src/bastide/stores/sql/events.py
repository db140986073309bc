"""The security log in SQL."""

import json
from collections.abc import Sequence

from sqlalchemy import bindparam, func, insert, select, true

from bastide.core.events import Event, EventKind, Outcome
from bastide.core.moments import from_micros, to_micros
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

    def list_events(self, *, kind: str, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """See ``EventLog``."""
        column = self._table.c
        wanted = column.kind == kind if kind else true()
        page = select(self._table).where(wanted).order_by(column.id.desc()).offset(offset).limit(limit)
        with self._database.reading() as connection:
            total = connection.execute(
                select(func.count()).select_from(self._table).where(wanted)
            ).scalar_one()
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
