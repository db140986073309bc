"""Tickets in memory."""

from datetime import datetime

from bastide.core.sign_in import Ticket, TicketPurpose
from bastide.stores.memory.data import Data


class MemoryTickets:
    """See ``TicketStore``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def put_ticket(self, ticket: Ticket) -> None:
        """See ``TicketStore``."""
        with self._data.lock:
            older = [
                key for key, kept in self._data.tickets.items()
                if (kept.purpose, kept.subject) == (ticket.purpose, ticket.subject)
            ]  # fmt: skip
            for key in older:
                del self._data.tickets[key]
            self._data.tickets[ticket.digest] = ticket

    def get_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        with self._data.lock:
            ticket = self._data.tickets.get(ticket_digest)
        if ticket is None or ticket.purpose is not purpose or ticket.expires_at <= now:
            return None
        return ticket

    def burn_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        with self._data.lock:
            ticket = self.get_ticket(ticket_digest, purpose=purpose, now=now)
            return None if ticket is None else self._data.tickets.pop(ticket_digest)

    def purge_tickets(self, *, now: datetime) -> int:
        """See ``TicketStore``."""
        with self._data.lock:
            old = [key for key, ticket in self._data.tickets.items() if ticket.expires_at <= now]
            for key in old:
                del self._data.tickets[key]
            return len(old)
