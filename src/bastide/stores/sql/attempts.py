"""Attempt lanes in SQL: one upsert per lane, all in one short transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, delete, or_, select, true, update

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
from bastide.stores.sql.connection import Database
from bastide.stores.sql.dialects import insert_for
from bastide.stores.sql.tables import SecurityTables


class _Full(Exception):
    """A lane is shut; the transaction is rolled back."""


class SqlAttempts:
    """See ``AttemptStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._table = tables.attempt
        self._draw = database.compile(self._draw_statement())
        lane = tables.attempt.c
        is_lane = (lane.kind == bindparam("b_kind")) & (lane.subject == bindparam("b_subject"))
        self._look = database.compile(select(lane.ends_at, lane.used).where(is_lane))
        self._refund = database.compile(
            update(tables.attempt)
            .where(is_lane, lane.used > 0, lane.ends_at > bindparam("b_now"))
            .values(used=lane.used - 1)
        )
        self._clear = database.compile(delete(tables.attempt).where(is_lane))

    def _draw_statement(self) -> Any:
        lane = self._table.c
        insert = insert_for(self._database.engine)(self._table).values(
            kind=bindparam("b_kind"), subject=bindparam("b_subject"), owner=bindparam("b_owner"),
            used=1, most=bindparam("b_limit"), ends_at=bindparam("b_end"),
        )  # fmt: skip
        has_ended = lane.ends_at <= bindparam("b_now")
        fills = lane.used + 1 >= bindparam("b_limit")
        return insert.on_conflict_do_update(
            index_elements=[lane.kind, lane.subject],
            set_={
                "used": case((has_ended, 1), else_=lane.used + 1),
                "most": bindparam("b_limit"),
                "owner": bindparam("b_owner"),
                "ends_at": case((or_(has_ended, fills), bindparam("b_end")), else_=lane.ends_at),
            },
            where=or_(has_ended, lane.used < bindparam("b_limit")),
        ).returning(lane.used, lane.ends_at)

    def reserve_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> Reservation:
        """See ``AttemptStore``."""
        draws: list[Draw] = []
        try:
            with self._database.cursor() as cursor:
                for lane in in_order(lanes):
                    cursor.execute(self._draw.sql, self._draw.bind(_values(lane, now)))
                    row = cursor.fetchone()
                    if row is None:
                        raise _Full  # noqa: TRY301 -- leaves the transaction
                    draws.append(Draw(lane, row[0], from_micros(row[1])))
        except _Full:
            return self._exhausted(lanes, now)
        return Reserved.of(draws)

    def _exhausted(self, lanes: Sequence[Lane], now: datetime) -> Exhausted:
        shut = []
        for lane in lanes:
            row = self._database.run(self._look, {"b_kind": lane.kind, "b_subject": lane.subject})
            if row is not None and row[1] >= lane.limit:
                shut.append((from_micros(row[0]), lane))
        return Exhausted.by(shut, lanes=lanes, now=now)

    def refund_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> None:
        """See ``AttemptStore``."""
        with self._database.cursor() as cursor:
            for lane in in_order(lanes):
                values = {"b_kind": lane.kind, "b_subject": lane.subject, "b_now": to_micros(now)}
                cursor.execute(self._refund.sql, self._refund.bind(values))

    def clear_lane(self, lane: Lane) -> None:
        """See ``AttemptStore``."""
        self._database.run(self._clear, {"b_kind": lane.kind, "b_subject": lane.subject})

    def clear_account_lanes(self, owner: str) -> bool:
        """See ``AttemptStore``."""
        return self._database.write(delete(self._table).where(self._table.c.owner == owner)) > 0

    def list_locks(self, *, now: datetime, limit: int, owners: Sequence[str] = ()) -> Sequence[Lock]:
        """See ``AttemptStore``."""
        lane = self._table.c
        statement = (
            select(lane.kind, lane.subject, lane.owner, lane.ends_at)
            .where(lane.used >= lane.most, lane.ends_at > to_micros(now))
            .where(lane.owner.in_(owners) if owners else true())
            .order_by(lane.ends_at.desc(), lane.kind, lane.subject)
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return [
            Lock(kind=LaneKind(kind), subject=subject, owner=owner, until=from_micros(ends_at))
            for kind, subject, owner, ends_at in rows
        ]

    def purge_attempts(self, *, now: datetime) -> int:
        """See ``AttemptStore``."""
        return self._database.write(delete(self._table).where(self._table.c.ends_at <= to_micros(now)))


def _values(lane: Lane, now: datetime) -> dict[str, Any]:
    return {
        "b_kind": lane.kind.value, "b_subject": lane.subject, "b_owner": lane.owner,
        "b_limit": lane.limit, "b_now": to_micros(now), "b_end": to_micros(now + lane.period),
    }  # fmt: skip
