"""The security log in SQL: a row and the head of its chain in one short transaction."""

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    true,
    union_all,
    update,
)

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
from bastide.stores.event_branches import Branch, Comparison, branches_of
from bastide.stores.sql.connection import Database
from bastide.stores.sql.dialects import insert_for
from bastide.stores.sql.tables import SecurityTables

_END: Final = ("sequence", "key_id", "link", "seal")
_ROW: Final = ("id", "key_id", "link", *Record._fields)
_COMPARE: Final[Mapping[Comparison, Callable[[Any, Any], ColumnElement[bool]]]] = {
    Comparison.EQUAL: operator.eq,
    Comparison.OTHER_THAN: operator.ne,
    Comparison.ANY_OF: lambda column, values: column.in_(values),
    Comparison.FROM: operator.ge,
    Comparison.BEFORE: operator.lt,
}
_NOBODYS: Final = {"b_sequence": 0, "b_key_id": 0, "b_link": b"", "b_seal": b""}


class SqlEvents:
    """See ``EventLog``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._table = tables.event
        self._chain = tables.chain
        event, end = self._table.c, self._chain.c
        self._append = database.compile(
            insert(self._table).values({name: bindparam(f"b_{name}") for name in _ROW}).inline()
        )
        last = select(func.max(event.id)).where(event.id < MAX_SEQUENCE).scalar_subquery()
        columns = [end[name] for name in _END]
        is_head = end.name == "head"
        # The lock on the head is what puts the writers in a row; SQLite's transaction has one of its own.
        self._lock = database.compile(select(*columns, last).where(is_head).with_for_update(of=self._chain))
        self._find_base = database.compile(select(*columns).where(end.name == "base"))
        values: dict[str, Any] = {name: bindparam(f"b_{name}") for name in _END}
        self._move = database.compile(update(self._chain).where(is_head).values(values))
        self._add = database.compile(
            insert_for(database.engine)(self._chain)
            .values(name=bindparam("b_name"), **values)
            .on_conflict_do_nothing()
        )

    def append_event(self, event: Event, chain: Chain) -> None:
        """See ``EventLog``."""
        record = to_record(event)
        with self._database.cursor() as cursor:
            head, last = self._lock_head(cursor)
            step = chain.extend(head, last=last, record=record)
            if step is None:
                self._run(cursor, self._find_base, {})
                found = cursor.fetchone()
                base = None if found is None else ChainEnd.from_columns(*found)
                step = chain.begin(base, last=last, record=record)
                if base is None:
                    self._run(cursor, self._add, {"b_name": "base", **_bound(_END, chain.first_base(last))})
            row = step.row
            self._run(cursor, self._append, _bound(_ROW, (row.sequence, row.key_id, row.link, *record)))
            self._run(cursor, self._move, _bound(_END, step.head))

    def _lock_head(self, cursor: Any) -> tuple[ChainEnd, int]:
        """Return the head, nobody else's until the transaction ends, and the highest number in the log."""
        self._run(cursor, self._lock, {})
        found = cursor.fetchone()
        if found is None:
            # Of two that find no head, one waits here for the other's.
            self._run(cursor, self._add, {"b_name": "head", **_NOBODYS})
            self._run(cursor, self._lock, {})
            found = cursor.fetchone()
        *head, last = found
        return ChainEnd.from_columns(*head), last or 0

    @staticmethod
    def _run(cursor: Any, statement: Any, values: dict[str, Any]) -> None:
        cursor.execute(statement.sql, statement.bind(values))

    def read_chain(self, *, start: int, limit: int) -> Sequence[ChainRow]:
        """See ``EventLog``."""
        column = self._table.c
        page = (
            select(*(column[name] for name in _ROW))
            .where(column.id >= start)
            .order_by(column.id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [ChainRow.from_columns(*row) for row in connection.execute(page)]

    def chain_ends(self) -> ChainEnds:
        """See ``EventLog``."""
        with self._database.reading() as connection:
            return self._ends(connection, select(self._chain))

    def drop_events(self, *, before: datetime, chain: Chain) -> int:
        """See ``EventLog``."""
        column = self._table.c
        with self._database.transaction() as connection:
            # Nobody appends while the base moves; with one row locked alone, no two wait for each other.
            head = select(self._chain.c.name).where(self._chain.c.name == "head").with_for_update()
            connection.execute(head)
            ends = self._ends(connection, select(self._chain))
            kept = select(column.id).where(column.at >= to_micros(before)).order_by(column.id).limit(1)
            first = connection.execute(kept).scalar()
            oldest = true() if first is None else column.id < first
            newest = select(column.id, column.link).where(oldest).order_by(column.id.desc()).limit(1)
            found = connection.execute(newest).one_or_none()
            if found is None:
                return 0
            if found.link is not None:
                base = chain.move_base(ends.head, sequence=found.id, link=stored_bytes(found.link))
                self._set_base(connection, base)
            return connection.execute(delete(self._table).where(oldest)).rowcount

    @staticmethod
    def _ends(connection: Connection, statement: Any) -> ChainEnds:
        rows = connection.execute(statement)
        found = {row.name: ChainEnd.from_columns(*(getattr(row, name) for name in _END)) for row in rows}
        return ChainEnds(found.get("base"), found.get("head"))

    def _set_base(self, connection: Connection, base: ChainEnd) -> None:
        values = base._asdict()
        add = insert_for(self._database.engine)(self._chain).values(name="base", **values)
        connection.execute(add.on_conflict_do_update(index_elements=[self._chain.c.name], set_=values))

    def list_events(self, wanted: EventFilter, *, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """See ``EventLog``."""
        column = self._table.c
        branches = [self._condition(branch) for branch in branches_of(wanted, kinds_kept=self._kinds_kept)]
        if not branches:
            return [], 0
        found = self._newest(branches, offset + limit)
        newest_first = (found.c.at.desc(), found.c.id.desc())
        shown = select(found).order_by(*newest_first).offset(offset).limit(limit).subquery()
        page = (
            select(self._table)
            .join(shown, shown.c.id == column.id)
            .order_by(shown.c.at.desc(), shown.c.id.desc())
        )
        counted = select(self._newest(branches, MOST_COUNTED + 1).c.id).limit(MOST_COUNTED + 1).subquery()
        with self._database.reading() as connection:
            total = connection.execute(select(func.count()).select_from(counted)).scalar_one()
            rows = connection.execute(page).all()
        return [from_record(Record(*(getattr(row, name) for name in Record._fields))) for row in rows], total

    def count_events(
        self, kinds: Collection[str], *, since: datetime, until: datetime, bucket: timedelta
    ) -> Mapping[tuple[datetime, str], int]:
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
        return {(from_micros(row.start), read_kind(row.kind)): row.number for row in rows}

    def _newest(self, branches: Sequence[ColumnElement[bool]], most: int) -> Subquery:
        """Return time and id of the newest events of each branch, at most ``most`` per branch."""
        column = self._table.c
        newest = [
            select(column.at, column.id)
            .where(condition)
            .order_by(column.at.desc(), column.id.desc())
            .limit(most)
            .subquery()
            for condition in branches
        ]
        return union_all(*(select(part) for part in newest)).subquery()

    def _condition(self, branch: Branch) -> ColumnElement[bool]:
        column = self._table.c
        return and_(true(), *(_COMPARE[how](column[name], value) for name, how, value in branch))

    def _kinds_kept(self) -> Sequence[str]:
        """Return the kinds that the log holds, declared or not; each is one step in the index."""
        kind = self._table.c.kind
        kept = select(func.min(kind).label("kind")).cte("kept", recursive=True)
        following = select(func.min(kind)).where(kind > kept.c.kind).scalar_subquery()
        kept = kept.union_all(select(following).select_from(kept).where(kept.c.kind.is_not(None)))
        with self._database.reading() as connection:
            return connection.scalars(select(kept.c.kind).where(kept.c.kind.is_not(None))).all()


def _bound(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return {f"b_{name}": value for name, value in zip(names, values, strict=True)}
