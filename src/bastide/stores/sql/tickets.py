"""Tickets in SQL."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select

from bastide.core.foundation import to_micros
from bastide.core.sign_in import Ticket, TicketPurpose
from bastide.stores.rows import TICKET, stored_ticket, ticket_row
from bastide.stores.sql.connection import Database
from bastide.stores.sql.dialects import insert_for
from bastide.stores.sql.statements import Statement
from bastide.stores.sql.tables import SecurityTables


class SqlTickets:
    """See ``TicketStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._table = tables.ticket
        column = tables.ticket.c
        is_live = (
            column.digest == bindparam("b_digest"),
            column.purpose == bindparam("b_purpose"),
            column.expires_at > bindparam("b_now"),
        )
        facts = [column[name] for name in TICKET]
        self._get = database.compile(select(*facts).where(*is_live))
        self._burn = database.compile(delete(self._table).where(*is_live).returning(*facts))

    def put_ticket(self, ticket: Ticket) -> None:
        """See ``TicketStore``."""
        row = ticket_row(ticket)
        newest = {name: row[name] for name in ("digest", "facts", "expires_at")}
        add = insert_for(self._database.engine)(self._table).values(row)
        column = self._table.c
        # One row per purpose and subject: the newest takes the place of the one before.
        upsert = add.on_conflict_do_update(index_elements=[column.purpose, column.subject], set_=newest)
        self._database.write(upsert)

    def get_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        return self._run(self._get, ticket_digest, purpose, now)

    def burn_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        return self._run(self._burn, ticket_digest, purpose, now)

    def purge_tickets(self, *, now: datetime) -> int:
        """See ``TicketStore``."""
        return self._database.write(delete(self._table).where(self._table.c.expires_at <= to_micros(now)))

    def _run(
        self, statement: Statement, ticket_digest: bytes, purpose: TicketPurpose, now: datetime
    ) -> Ticket | None:
        values = {"b_digest": ticket_digest, "b_purpose": purpose.value, "b_now": to_micros(now)}
        return stored_ticket(ticket_digest, purpose, self._database.run(statement, values))
