"""Tickets on the Django ORM."""

import json
from datetime import datetime
from typing import Any

from django.db import transaction

from bastide.core.foundation import from_micros, to_micros
from bastide.core.sign_in import Ticket, TicketPurpose
from bastide.django.accounts import models
from bastide.django.connection import ALIAS, store_verb


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
        return _ticket(_live(ticket_digest, purpose, now).first())

    @store_verb
    def burn_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        with transaction.atomic(using=ALIAS):
            ticket = _ticket(_live(ticket_digest, purpose, now).select_for_update().first())
            is_first = bool(_live(ticket_digest, purpose, now).delete()[0])
            return ticket if is_first else None

    @store_verb
    def purge_tickets(self, *, now: datetime) -> int:
        """See ``TicketStore``."""
        return models.Ticket.objects.using(ALIAS).filter(expires_at__lte=to_micros(now)).delete()[0]


def _live(ticket_digest: bytes, purpose: TicketPurpose, now: datetime) -> Any:
    return models.Ticket.objects.using(ALIAS).filter(
        digest=ticket_digest, purpose=purpose.value, expires_at__gt=to_micros(now)
    )


def _ticket(row: models.Ticket | None) -> Ticket | None:
    if row is None:
        return None
    return Ticket(
        digest=bytes(row.digest), purpose=TicketPurpose(row.purpose), subject=row.subject,
        facts=json.loads(row.facts), expires_at=from_micros(row.expires_at),
    )  # fmt: skip
