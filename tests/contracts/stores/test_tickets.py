"""Tickets: burnt once, and for their purpose only."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bastide.core.request import Stores
from bastide.core.sign_in import TicketPurpose
from bastide.testing.clock import START
from support.at_once import race
from support.stores import LATER, THREADS, ticket


def test_a_new_ticket_kills_the_older_ones_of_its_subject(stores: Stores) -> None:
    stores.tickets.put_ticket(ticket(b"a" * 32))
    stores.tickets.put_ticket(ticket(b"b" * 32, subject="other"))
    race(*[lambda n=n: stores.tickets.put_ticket(ticket(bytes([n]) * 32)) for n in range(8)])
    alive = [n for n in (*range(8), *b"ab") if stores.tickets.get_ticket(
        bytes([n]) * 32, purpose=TicketPurpose.INVITATION, now=START)]  # fmt: skip
    assert alive[1:] == [ord("b")]
    assert alive[0] in range(8)
    found = stores.tickets.get_ticket(b"b" * 32, purpose=TicketPurpose.INVITATION, now=START)
    assert found == ticket(b"b" * 32, subject="other")
    assert stores.tickets.get_ticket(b"b" * 32, purpose=TicketPurpose.REGISTRATION, now=START) is None
    assert stores.tickets.get_ticket(b"b" * 32, purpose=TicketPurpose.INVITATION, now=LATER) is None


@pytest.mark.asvs("V15.4.2")
def test_a_ticket_is_burnt_once_and_for_its_purpose_only(stores: Stores) -> None:
    challenge = replace(ticket(), purpose=TicketPurpose.PASSKEY, facts={"use": "confirm"})
    stores.tickets.put_ticket(challenge)
    for wrong in ({"purpose": TicketPurpose.INVITATION}, {"now": LATER}):
        options: Any = {"purpose": TicketPurpose.PASSKEY, "now": START, **wrong}
        assert stores.tickets.burn_ticket(b"t" * 32, **options) is None
    assert stores.tickets.burn_ticket(b"x" * 32, purpose=TicketPurpose.PASSKEY, now=START) is None
    burnt = race(*[
        lambda: stores.tickets.burn_ticket(b"t" * 32, purpose=TicketPurpose.PASSKEY, now=START) for _ in range(THREADS)
    ])  # fmt: skip
    assert [found for found in burnt if found is not None] == [challenge]


def test_expired_tickets_are_purged(stores: Stores) -> None:
    stores.tickets.put_ticket(ticket())
    stores.tickets.put_ticket(replace(ticket(b"u" * 32, subject="b"), expires_at=LATER + timedelta(1)))
    assert stores.tickets.purge_tickets(now=START) == 0
    assert stores.tickets.purge_tickets(now=LATER) == 1
    assert stores.tickets.get_ticket(b"u" * 32, purpose=TicketPurpose.INVITATION, now=START) is not None
