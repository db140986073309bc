"""Tickets hold for one purpose, a while, and until the next."""

from datetime import timedelta

import pytest

from bastide.core.foundation import ConfigurationError
from bastide.core.request import Stores
from bastide.core.sign_in import TicketPurpose, Tickets, TicketSettings
from bastide.testing import FrozenClock, SeededEntropy


@pytest.mark.asvs("V6.4.1", "V6.6.2", "V9.2.2")
def test_tickets_hold_for_one_purpose_a_while_and_until_the_next(stores: Stores, clock: FrozenClock) -> None:
    tickets = Tickets(store=stores.tickets, clock=clock, entropy=SeededEntropy(), settings=TicketSettings())
    first = tickets.issue_ticket(TicketPurpose.REGISTRATION, subject="a", facts={"email": "a"}).reveal()
    invitation = tickets.issue_ticket(TicketPurpose.INVITATION, subject="a", facts={}).reveal()
    found = tickets.match_ticket(first, purpose=TicketPurpose.REGISTRATION)
    assert found is not None
    assert found.facts == {"email": "a"}
    assert first.encode() not in found.digest
    assert tickets.match_ticket(first, purpose=TicketPurpose.INVITATION) is None
    assert tickets.match_ticket("x", purpose=TicketPurpose.REGISTRATION) is None
    second = tickets.issue_ticket(TicketPurpose.REGISTRATION, subject="a", facts={}).reveal()
    assert tickets.match_ticket(first, purpose=TicketPurpose.REGISTRATION) is None
    clock.advance(timedelta(hours=1))
    assert tickets.match_ticket(second, purpose=TicketPurpose.REGISTRATION) is None
    assert tickets.match_ticket(invitation, purpose=TicketPurpose.INVITATION) is not None
    with pytest.raises(ConfigurationError):
        TicketSettings(registration_lifetime=timedelta())
