"""Another address for an account, by a link to it."""

from datetime import timedelta

import pytest

from bastide.core.attempts import Exhausted
from bastide.core.foundation import AccessDenied, Secret
from bastide.core.records import TicketSpent
from bastide.core.request import Services
from bastide.core.sign_in import HashingSettings, PasswordHasher, Ticket, TicketPurpose
from bastide.testing import FrozenClock
from support.blog import CHEAP_HASHING, Outbox
from support.core import HERE, RIGHT, account_of, kinds, register, sign_in
from support.users import put_plain_user

CHEAP = PasswordHasher(HashingSettings(**CHEAP_HASHING))


def ask(services: Services, email: str, name: str = "maud") -> tuple[object, list[str]]:
    tokens: list[str] = []

    def link_to(token: Secret) -> str:
        tokens.append(token.reveal())
        return "https://blog.example/email"

    outcome = services.email_change.request(account_of(services, name), email, HERE, link_to=link_to)
    return outcome, tokens


def ticket_of(services: Services, token: str) -> Ticket:
    ticket = services.email_change.match_ticket(token, account_of(services), HERE)
    assert ticket is not None
    return ticket


@pytest.mark.asvs("V6.3.7", "V7.5.1")
def test_the_link_changes_the_address_ends_other_sessions_and_tells_both(
    services: Services, outbox: Outbox
) -> None:
    register(services)
    here, there = sign_in(services).session, sign_in(services).session
    _, (token,) = ask(services, "New@example.org")
    assert account_of(services).email == "maud@example.org"
    ticket = ticket_of(services, token)
    after = services.email_change.complete(ticket, here, account_of(services), HERE)
    assert after is not None
    assert after.digest != here.digest
    assert services.sessions.resume(there.session_id.reveal(), HERE.user_agent).session is None
    assert account_of(services, "new@example.org").email == "New@example.org"
    assert services.stores.accounts.find_account("maud@example.org") is None
    assert [(message.to, message.subject) for message in outbox.messages] == [
        ("New@example.org", "Confirm your new address for this site"),
        ("maud@example.org", "Another address for your account?"),
        ("maud@example.org", "Your address was changed"),
        ("New@example.org", "Your address was changed"),
    ]
    assert kinds(services)[-2:] == ["account:email:change_requested", "account:email:changed"]
    assert services.email_change.match_ticket(token, account_of(services), HERE) is None
    with pytest.raises(TicketSpent):
        services.email_change.complete(ticket, after, account_of(services), HERE)


def test_a_taken_address_gets_a_note_and_nobody_learns_of_it(services: Services, outbox: Outbox) -> None:
    register(services)
    register(services, "otto")
    outcome, _ = ask(services, "otto@example.org")
    assert outcome is None
    assert [message.subject for message in outbox.messages] == [
        "You already have an account at this site",
        "Another address for your account?",
    ]


def test_an_address_taken_meanwhile_is_refused(services: Services) -> None:
    register(services)
    session = sign_in(services).session
    _, (token,) = ask(services, "otto@example.org")
    ticket = ticket_of(services, token)
    register(services, "otto")
    with pytest.raises(TicketSpent):
        services.email_change.complete(ticket, session, account_of(services), HERE)
    assert account_of(services).email == "maud@example.org"
    assert services.sessions.resume(session.session_id.reveal(), HERE.user_agent).session is not None


def test_a_link_is_good_for_its_own_account_only_and_once(services: Services, clock: FrozenClock) -> None:
    register(services)
    register(services, "otto")
    _, (first,) = ask(services, "new@example.org")
    assert services.email_change.match_ticket(first, account_of(services, "otto"), HERE) is None
    assert services.recovery.match_ticket(first, HERE) is None
    _, (second,) = ask(services, "newer@example.org")
    assert services.email_change.match_ticket(first, account_of(services), HERE) is None
    clock.advance(timedelta(hours=1))
    assert services.email_change.match_ticket(second, account_of(services), HERE) is None


def move(services: Services, name: str, email: str) -> None:
    """Give the account another address by some other way than a link."""
    token = services.tickets.issue_ticket(TicketPurpose.PASSWORD_RESET, subject=name, facts={})
    ticket = services.tickets.match_ticket(token.reveal(), purpose=TicketPurpose.PASSWORD_RESET)
    assert ticket is not None
    services.stores.accounts.change_email(
        account_of(services, name).id, ticket_digest=ticket.digest, email=email, email_key=email,
        now=services.clock.now(),
    )  # fmt: skip


def test_a_link_asked_for_under_another_address_is_dead(services: Services) -> None:
    register(services)
    register(services, "otto")
    _, (token,) = ask(services, "new@example.org")
    move(services, "maud", "moved@example.org")
    assert services.email_change.match_ticket(token, account_of(services), HERE) is None
    # Nor is it good for whoever has the address by now.
    move(services, "otto", "maud@example.org")
    assert services.email_change.match_ticket(token, account_of(services, "otto"), HERE) is None
    move(services, "otto", "otto@example.org")
    move(services, "maud", "maud@example.org")
    assert ticket_of(services, token).facts["email"] == "new@example.org"


def test_asking_is_rated_by_account_and_by_address(services: Services) -> None:
    register(services)
    register(services, "otto")
    assert [isinstance(ask(services, f"{number}@example.org")[0], Exhausted) for number in range(4)] == [
        False, False, False, True,
    ]  # fmt: skip
    assert [isinstance(ask(services, "victim@example.org", "otto")[0], Exhausted) for _ in range(4)] == [
        False, False, False, True,
    ]  # fmt: skip
    assert kinds(services)[-1] == "request:rate:refused"


def test_a_session_that_ended_changes_no_address(services: Services) -> None:
    register(services)
    session = sign_in(services).session
    _, (token,) = ask(services, "new@example.org")
    ticket = ticket_of(services, token)
    services.sessions.end(session.digest)
    with pytest.raises(AccessDenied):
        services.email_change.complete(ticket, session, account_of(services), HERE)
    assert account_of(services).email == "maud@example.org"


def test_whoever_has_no_address_adds_one_and_then_recovers_by_it(services: Services, outbox: Outbox) -> None:
    put_plain_user(services.stores, "nora", None, password=CHEAP.hash(RIGHT))
    services.adoption.write(HERE)
    session = sign_in(services, "nora").session
    assert account_of(services, "nora").email == ""
    _, (token,) = ask(services, "Nora@example.org", "nora")
    ticket = services.email_change.match_ticket(token, account_of(services, "nora"), HERE)
    assert ticket is not None
    services.email_change.complete(ticket, session, account_of(services, "nora"), HERE)
    # What would have gone to the address that there was not went nowhere.
    assert {message.to for message in outbox.messages} == {"Nora@example.org"}
    assert [message.subject for message in outbox.messages] == [
        "Confirm your new address for this site", "Your address was changed",
    ]  # fmt: skip
    assert account_of(services, "nora@example.org").username == "nora"
    services.recovery.request("nora@example.org", HERE, link_to=lambda _: "https://blog.example/reset")
    assert outbox.messages[-1].subject == "Choose a new password for this site"
