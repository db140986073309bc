"""Tickets on the Django ORM."""

from datetime import datetime
from typing import Any

from bastide.core.foundation import to_micros
from bastide.core.sign_in import Ticket, TicketPurpose
from bastide.django.accounts import models
from bastide.django.connection import ALIAS, atomic, store_verb, writing_verb
from bastide.stores.rows import TICKET, stored_ticket, ticket_row


class DjangoTickets:
    """See ``TicketStore``."""

    @writing_verb
    def put_ticket(self, ticket: Ticket) -> None:
        """See ``TicketStore``."""
        # One row per purpose and subject: the newest takes the place of the one before.
        models.Ticket.objects.using(ALIAS).bulk_create(
            [models.Ticket(**ticket_row(ticket))], update_conflicts=True,
            unique_fields=["purpose", "subject"], update_fields=["digest", "facts", "expires_at"],
        )  # fmt: skip

    @store_verb
    def get_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        return stored_ticket(ticket_digest, purpose, _live(ticket_digest, purpose, now).first())

    @store_verb
    def burn_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        with atomic():
            row = _live(ticket_digest, purpose, now).select_for_update().first()
            is_first = bool(_rows(ticket_digest, purpose, now).delete()[0])
            return stored_ticket(ticket_digest, purpose, row) if is_first else None

    @writing_verb
    def purge_tickets(self, *, now: datetime) -> int:
        """See ``TicketStore``."""
        return models.Ticket.objects.using(ALIAS).filter(expires_at__lte=to_micros(now)).delete()[0]


def _rows(ticket_digest: bytes, purpose: TicketPurpose, now: datetime) -> Any:
    return models.Ticket.objects.using(ALIAS).filter(
        digest=ticket_digest, purpose=purpose.value, expires_at__gt=to_micros(now)
    )


def _live(ticket_digest: bytes, purpose: TicketPurpose, now: datetime) -> Any:
    return _rows(ticket_digest, purpose, now).values_list(*TICKET)
