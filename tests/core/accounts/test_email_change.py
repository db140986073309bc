"""Another address for an account, and what administrators do to one."""

from datetime import timedelta

import pytest

from bastide.core.attempts import Exhausted
from bastide.core.foundation import AccessDenied, Secret
from bastide.core.records import Account, LastHolder, TicketSpent
from bastide.core.request import Services
from bastide.core.security_log import EventFilter
from bastide.core.sign_in import Ticket
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, kinds, make, register, sign_in


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def services(clock: FrozenClock, outbox: Outbox) -> Services:
    return make(clock, outbox)


def account_of(services: Services, name: str = "maud") -> Account:
    account = services.stores.accounts.find_account(name)
    assert account is not None
    return account


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


def test_a_link_asked_for_under_another_address_is_dead(services: Services) -> None:
    register(services)
    session = sign_in(services).session
    _, (token,) = ask(services, "new@example.org")
    stale = ticket_of(services, token)
    services.email_change.complete(stale, session, account_of(services), HERE)
    _, (again,) = ask(services, "third@example.org")
    before = account_of(services)
    ticket = services.email_change.match_ticket(again, before, HERE)
    assert ticket is not None
    assert ticket.facts["from"] == "new@example.org"


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


@pytest.mark.asvs("V7.4.5", "V16.3.1")
def test_every_act_of_an_administrator_is_told_once(services: Services, outbox: Outbox) -> None:
    register(services)
    register(services, "boss")
    by = sign_in(services, "boss").session
    acts, account = services.administration, account_of(services)
    sign_in(services)
    assert acts.end_sessions(account, HERE, by=by)
    assert not acts.end_sessions(account, HERE, by=by)
    assert acts.grant_role(account, "administrator", HERE, by=by)
    assert not acts.grant_role(account, "administrator", HERE, by=by)
    assert acts.revoke_role(account, "administrator", HERE, by=by)
    assert not acts.revoke_role(account, "administrator", HERE, by=by)
    assert acts.disable(account, HERE, by=by)
    assert not acts.disable(account, HERE, by=by)
    assert acts.enable(account, HERE, by=None)
    assert not acts.enable(account, HERE, by=None)
    events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=5)
    assert [
        (str(event.kind), event.actor, event.target, bool(event.session)) for event in reversed(events)
    ] == [
        ("session:end:requested", "2", "account:1", True),
        ("account:role:granted", "2", "account:1", True),
        ("account:role:revoked", "2", "account:1", True),
        ("account:status:disabled", "2", "account:1", True),
        ("account:status:enabled", "", "account:1", False),
    ]
    assert [message.to for message in outbox.messages] == ["maud@example.org"] * 5


def test_unlocking_is_an_event_where_there_was_something_to_unlock(services: Services) -> None:
    register(services)
    account = account_of(services)
    assert not services.administration.unlock(account, HERE, by=None)
    services.login.sign_in("maud", Secret("wrong"), HERE, previous=None)
    assert services.administration.unlock(account, HERE, by=None)
    assert kinds(services)[-1] == "account:lock:lifted"


@pytest.mark.asvs("V16.3.1")
def test_a_role_is_extended_by_what_it_lacks_and_nothing_is_taken(services: Services) -> None:
    declared = {"reader": frozenset({"comment", "note"}), "administrator": frozenset({"admin_access"})}
    extended = [("reader", "comment"), ("reader", "note")]
    assert services.administration.extend_roles(declared, HERE) == extended
    assert services.administration.extend_roles(declared, HERE) == []
    assert kinds(services) == ["access:role:extended"] * 2
    assert not services.stores.accounts.add_permission("reader", "read")


def test_the_last_holder_stays_and_nothing_is_told(services: Services, outbox: Outbox) -> None:
    register(services)
    account = account_of(services)
    for act in (
        lambda: services.administration.disable(account, HERE, by=None, keep_holders=("reader",)),
        lambda: services.administration.revoke_role(
            account, "reader", HERE, by=None, keep_holders=("reader",)
        ),
    ):
        with pytest.raises(LastHolder):
            act()
    assert account_of(services).is_active
    assert outbox.messages == []


def test_an_administrator_whose_session_ended_changes_nothing(services: Services) -> None:
    register(services)
    boss = register(services, "boss")
    by = sign_in(services, "boss").session
    acts, account = services.administration, account_of(services)
    services.stores.accounts.grant_role(boss, "administrator")
    for act in (
        lambda: acts.grant_role(account, "administrator", HERE, by=by),
        lambda: acts.disable(account, HERE, by=by),
        lambda: acts.end_sessions(account, HERE, by=by),
    ):
        with pytest.raises(AccessDenied):
            act()
        services.sessions.end(by.digest)
    after = account_of(services)
    assert (after.roles, after.is_active) == ({"reader"}, True)


def test_nobody_lifts_their_own_lock(services: Services) -> None:
    register(services)
    by = sign_in(services).session
    services.login.sign_in("maud", Secret("wrong"), HERE, previous=None)
    assert not services.administration.unlock(account_of(services), HERE, by=by)


def test_a_session_that_ended_changes_no_address(services: Services) -> None:
    register(services)
    session = sign_in(services).session
    _, (token,) = ask(services, "new@example.org")
    ticket = ticket_of(services, token)
    services.sessions.end(session.digest)
    with pytest.raises(AccessDenied):
        services.email_change.complete(ticket, session, account_of(services), HERE)
    assert account_of(services).email == "maud@example.org"
