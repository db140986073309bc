"""Accounts come from a ticket sent by mail, and the answer tells nobody who has one."""

import pytest

from bastide.core.accounts import RegistrationSettings
from bastide.core.attempts import Exhausted
from bastide.core.foundation import ConfigurationError, InvalidInput, Secret
from bastide.core.records import AccountExists, TicketSpent
from bastide.core.request import Services
from bastide.core.sign_in import TicketPurpose
from support.blog import Outbox
from support.core import HERE, RIGHT, account_of, kinds, register


@pytest.mark.asvs("V6.3.8", "V6.3.2")
def test_registration_mails_one_of_two_texts_and_answers_alike(services: Services, outbox: Outbox) -> None:
    register(services)
    links: list[str] = []

    def link_to(token: Secret) -> str:
        links.append(token.reveal())
        return f"http://localhost/register/{token.reveal()}"

    assert services.registration.request("maud@example.org", HERE, link_to=link_to) is None
    # A link is made in either case, so that both cost the same; whoever has an account is not told it.
    assert links.pop() not in outbox.messages[0].body
    assert services.registration.request("new@example.org", HERE, link_to=link_to) is None
    assert [message.subject for message in outbox.messages] == [
        "You already have an account at this site", "Confirm your address for this site",
    ]  # fmt: skip
    assert links[0] in outbox.messages[1].body
    for _ in range(4):
        services.registration.request("new@example.org", HERE, link_to=link_to)
    assert len(outbox.messages) == 4
    for _ in range(4):
        services.registration.request("other@example.org", HERE, link_to=link_to)
    assert isinstance(services.registration.request("more@example.org", HERE, link_to=link_to), Exhausted)


@pytest.mark.asvs("V6.4.1", "V2.3.3")
def test_an_account_and_its_ticket_go_together(services: Services) -> None:
    register(services)
    token = services.registration.invite(role="administrator", email=None, client=HERE, by=None)
    ticket = services.registration.match_ticket(token.reveal(), HERE, purpose=TicketPurpose.INVITATION)
    assert ticket is not None
    for name, email, taken in (("MAUD", "x@example.org", "username"), ("tomas", "MAUD@example.org", "email")):
        with pytest.raises(AccountExists) as caught:
            services.registration.complete(ticket, username=name, email=email, password=RIGHT, client=HERE)
        assert caught.value.field == taken
    with pytest.raises(InvalidInput):
        services.registration.complete(
            ticket, username="tomas", email="t@example.org", password=Secret("x"), client=HERE
        )
    account = services.registration.complete(
        ticket, username="tomas", email="t@example.org", password=RIGHT, client=HERE
    )
    stored = services.stores.accounts.get_account(account)
    assert stored is not None
    assert stored.roles == {"administrator"}
    with pytest.raises(TicketSpent):
        services.registration.complete(
            ticket, username="second", email="s@example.org", password=RIGHT, client=HERE
        )


@pytest.mark.asvs("V6.3.2")
def test_the_address_that_a_ticket_proves_is_the_account_s(services: Services) -> None:
    token = services.registration.invite(role="reader", email="maud@example.org", client=HERE, by=None)
    ticket = services.registration.match_ticket(token.reveal(), HERE, purpose=TicketPurpose.INVITATION)
    assert ticket is not None
    services.registration.complete(
        ticket, username="maud", email="other@example.org", password=RIGHT, client=HERE
    )
    assert account_of(services).email == "maud@example.org"


def test_what_cannot_be_a_token_opens_nothing(services: Services) -> None:
    assert services.registration.match_ticket("x", HERE, purpose=TicketPurpose.REGISTRATION) is None
    assert kinds(services) == []


def test_registration_limits_that_mean_nothing_stop_the_start() -> None:
    with pytest.raises(ConfigurationError):
        RegistrationSettings(network_limit=0)


def test_a_registration_role_that_nobody_declared_stops_the_start() -> None:
    RegistrationSettings().require_role({"reader": set()})
    RegistrationSettings(is_open=False).require_role({})
    with pytest.raises(
        ConfigurationError, match="'reader', which is not declared; declared are \\['author'\\]"
    ):
        RegistrationSettings().require_role({"author": set()})
