"""Tickets in SQL."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from bastide.core.foundation import from_micros, to_micros
from bastide.core.sign_in import Ticket, TicketPurpose
from bastide.stores.sql.connection import Database
from bastide.stores.sql.dialects import insert_for
from bastide.stores.sql.tables import SecurityTables


class SqlTickets:
    """See ``TicketStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._table = tables.ticket

    def put_ticket(self, ticket: Ticket) -> None:
        """See ``TicketStore``."""
        values = {
            "digest": ticket.digest,
            "facts": json.dumps(dict(ticket.facts)),
            "expires_at": to_micros(ticket.expires_at),
        }
        add = insert_for(self._database.engine)(self._table).values(
            purpose=ticket.purpose, subject=ticket.subject, **values
        )
        column = self._table.c
        # One row per purpose and subject: the newest takes the place of the one before.
        upsert = add.on_conflict_do_update(index_elements=[column.purpose, column.subject], set_=values)
        with self._database.reading() as connection:
            connection.execute(upsert)

    def get_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        column = self._table.c
        statement = select(column.subject, column.facts, column.expires_at).where(
            column.digest == ticket_digest, column.purpose == purpose, column.expires_at > to_micros(now)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return _ticket(ticket_digest, purpose, row)

    def burn_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        column = self._table.c
        burn = (
            delete(self._table)
            .where(
                column.digest == ticket_digest, column.purpose == purpose, column.expires_at > to_micros(now)
            )
            .returning(column.subject, column.facts, column.expires_at)
        )
        with self._database.reading() as connection:
            return _ticket(ticket_digest, purpose, connection.execute(burn).one_or_none())

    def purge_tickets(self, *, now: datetime) -> int:
        """See ``TicketStore``."""
        old = delete(self._table).where(self._table.c.expires_at <= to_micros(now))
        with self._database.reading() as connection:
            return connection.execute(old).rowcount


def _ticket(ticket_digest: bytes, purpose: TicketPurpose, row: Any) -> Ticket | None:
    if row is None:
        return None
    return Ticket(
        digest=ticket_digest, purpose=purpose, subject=row.subject, facts=json.loads(row.facts),
        expires_at=from_micros(row.expires_at),
    )  # fmt: skip
