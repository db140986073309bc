"""Tickets on the Django ORM."""

import json
from datetime import datetime

from bastide.core.moments import from_micros, to_micros
from bastide.core.tickets import Ticket, TicketPurpose
from bastide.django.accounts import models
from bastide.django.accounts.stores.connection import ALIAS, store_verb


class DjangoTickets:
    """See ``TicketStore``."""

    @store_verb
    def put_ticket(self, ticket: Ticket) -> None:
        """See ``TicketStore``."""
        row = models.Ticket(
            digest=ticket.digest, purpose=ticket.purpose.value, subject=ticket.subject,
            facts=json.dumps(dict(ticket.facts)), expires_at=to_micros(ticket.expires_at),
        )  # fmt: skip
        # One row per purpose and subject: the newest takes the place of the one before.
        models.Ticket.objects.using(ALIAS).bulk_create(
            [row], update_conflicts=True, unique_fields=["purpose", "subject"],
            update_fields=["digest", "facts", "expires_at"],
        )  # fmt: skip

    @store_verb
    def get_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        row = models.Ticket.objects.using(ALIAS).filter(
            digest=ticket_digest, purpose=purpose.value, expires_at__gt=to_micros(now)
        ).first()  # fmt: skip
        if row is None:
            return None
        return Ticket(
            digest=ticket_digest, purpose=purpose, subject=row.subject, facts=json.loads(row.facts),
            expires_at=from_micros(row.expires_at),
        )  # fmt: skip

    @store_verb
    def purge_tickets(self, *, now: datetime) -> int:
        """See ``TicketStore``."""
        return models.Ticket.objects.using(ALIAS).filter(expires_at__lte=to_micros(now)).delete()[0]
