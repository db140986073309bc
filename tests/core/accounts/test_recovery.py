"""A new password by mail, as the services compose it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bastide.core.accounts import RecoverySettings
from bastide.core.attempts import Exhausted
from bastide.core.foundation import (
    AccountId,
    ConfigurationError,
    InvalidInput,
    Secret,
    TooManyRequests,
    encode_token,
)
from bastide.core.records import Account, TicketSpent
from bastide.core.request import Services
from bastide.core.sign_in import LoggedIn, Ticket, TicketPurpose, TicketSettings
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, NEW, RIGHT, Dead, kinds, make, register, sign_in
from support.users import put_plain_user


def ask(services: Services, email: str = "maud@example.org") -> list[Secret]:
    """Ask for a link; return every token that a link was made with."""
    tokens: list[Secret] = []

    def link_to(token: Secret) -> str:
        tokens.append(token)
        return "https://blog.example/reset"

    assert services.recovery.request(email, HERE, link_to=link_to) is None
    return tokens


def test_the_link_sets_a_password_and_ends_every_session(services: Services, outbox: Outbox) -> None:
    register(services)
    session = sign_in(services).session
    (token,) = ask(services)
    ticket = services.recovery.match_ticket(token.reveal(), HERE)
    assert ticket is not None
    for bad, code in (("short", "too_short"), ("maud@example.org", "context")):
        with pytest.raises(InvalidInput) as refused:
            services.recovery.complete(ticket, Secret(bad), HERE)
        assert refused.value.code == code
    services.recovery.complete(ticket, NEW, HERE)
    assert services.sessions.resume(session.session_id.reveal(), HERE.user_agent).session is None
    assert isinstance(services.login.sign_in("maud", NEW, HERE, previous=None), LoggedIn)
    assert [message.subject for message in outbox.messages] == [
        "Choose a new password for this site", "Your password was reset",
    ]  # fmt: skip
    with pytest.raises(TicketSpent):
        services.recovery.complete(ticket, RIGHT, HERE)
    assert "account:password:reset" in kinds(services)


def test_a_link_matches_nothing_once_its_account_changed(services: Services) -> None:
    account = register(services)
    (token,) = ask(services)
    services.stores.accounts.set_active(account, is_active=False)
    assert services.recovery.match_ticket(token.reveal(), HERE) is None
    (late,) = ask(services)
    assert services.recovery.match_ticket(late.reveal(), HERE) is None
    assert services.recovery.match_ticket("nonsense", HERE) is None


def test_strangers_get_a_note_and_a_ticket_that_opens_nothing(services: Services, outbox: Outbox) -> None:
    # The same work as for somebody; nobody is ever told the link.
    (token,) = ask(services, "nobody@example.org")
    assert outbox.messages[0].subject == "No account at this site"
    assert token.reveal() not in outbox.messages[0].body
    assert services.recovery.match_ticket(token.reveal(), HERE) is None
    register(services, "nobody")
    assert services.recovery.match_ticket(token.reveal(), HERE) is None


def test_requests_and_mails_are_bounded(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, recovery={"network_limit": 3, "address_limit": 1})
    register(services)
    assert [len(ask(services)) for _ in range(3)] == [1, 0, 0]
    refused = services.recovery.request("maud@example.org", HERE, link_to=lambda _: "")
    assert isinstance(refused, Exhausted)
    assert len(outbox.messages) == 1


@pytest.mark.asvs("V16.5.2")
def test_a_dead_mail_server_delays_the_link_and_loses_nothing(clock: FrozenClock) -> None:
    mailer = Dead()
    services = make(clock, mailer)
    register(services)
    (token,) = ask(services)
    assert kinds(services)[-2:] == ["account:reset:requested", "system:mail:delayed"]
    assert services.stores.mail.count_mail() == 1
    mailer.is_down = False
    clock.advance(timedelta(minutes=1))
    assert services.outbox.deliver() == 1
    assert [message.subject for message in mailer.messages] == ["Choose a new password for this site"]
    assert services.recovery.match_ticket(token.reveal(), HERE) is not None


def test_a_link_dies_with_the_address_it_went_to(services: Services, clock: FrozenClock) -> None:
    account_id = register(services)
    (token,) = ask(services)
    ticket = services.stores.tickets
    digest = bytes(32)
    ticket.put_ticket(
        Ticket(
            digest=digest,
            purpose=TicketPurpose.EMAIL_CHANGE,
            subject="x",
            facts={},
            expires_at=clock.now() + timedelta(1),
        )
    )
    services.stores.accounts.change_email(
        account_id,
        ticket_digest=digest,
        email="new@example.org",
        email_key="new@example.org",
        now=clock.now(),
    )
    assert services.recovery.match_ticket(token.reveal(), HERE) is None


def test_a_reset_lifts_the_locks(services: Services) -> None:
    register(services)
    for _ in range(5):
        services.login.sign_in("maud", NEW, HERE, previous=None)
    (token,) = ask(services)
    ticket = services.recovery.match_ticket(token.reveal(), HERE)
    assert ticket is not None
    services.recovery.complete(ticket, NEW, HERE)
    assert "account:lock:lifted" in kinds(services)


def test_odd_settings_stop_the_start() -> None:
    for bad in ({"network_limit": 0}, {"address_limit": 0}, {"period": timedelta()}):
        with pytest.raises(ConfigurationError):
            RecoverySettings(**bad)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError):
        TicketSettings(reset_lifetime=timedelta())


@pytest.mark.asvs("V6.6.3")
def test_guessing_links_is_the_networks_attempt(services: Services) -> None:
    register(services)
    (token,) = ask(services)
    for number in range(100):
        assert services.recovery.match_ticket(encode_token(bytes([number]) * 32), HERE) is None
        assert services.recovery.match_ticket("no token at all", HERE) is None
    with pytest.raises(TooManyRequests):
        services.recovery.match_ticket(token.reveal(), HERE)
    elsewhere = HERE._replace(address="198.51.100.1")
    for _ in range(101):
        assert services.recovery.match_ticket(token.reveal(), elsewhere) is not None
    assert kinds(services)[-2:] == ["account:link:failure", "account:link:refused"]


@pytest.mark.asvs("V6.4.3")
def test_the_link_goes_to_the_stored_address_however_it_was_typed(services: Services, outbox: Outbox) -> None:
    register(services, "susan")
    for typed in ("ſusan@example.org", "SUSAN@EXAMPLE.ORG", "ｓusan@example.org"):
        ask(services, typed)
    assert {message.to for message in outbox.messages} == {"susan@example.org"}
    assert len(outbox.messages) == 3


def test_one_network_does_not_keep_others_from_asking(services: Services, outbox: Outbox) -> None:
    register(services)
    assert [len(ask(services)) for _ in range(4)] == [1, 1, 1, 0]
    elsewhere = HERE._replace(address="198.51.100.1")
    services.recovery.request("maud@example.org", elsewhere, link_to=lambda _: "")
    assert len(outbox.messages) == 4


def test_an_address_changed_during_a_reset_stops_it(
    services: Services, monkeypatch: pytest.MonkeyPatch, clock: FrozenClock
) -> None:
    account_id = register(services)
    (token,) = ask(services)
    ticket = services.recovery.match_ticket(token.reveal(), HERE)
    account = services.stores.accounts.get_account(account_id)
    assert ticket is not None
    lock = services.stores.accounts.lock_account

    def overtaken(locked: AccountId) -> Account | None:
        found = lock(locked)
        return None if found is None else replace(found, email="new@example.org")

    monkeypatch.setattr(services.stores.accounts, "lock_account", overtaken)
    with pytest.raises(TicketSpent):
        services.recovery.complete(ticket, NEW, HERE)
    assert services.stores.accounts.get_account(account_id) == account


def test_a_reset_buys_no_guesses_at_the_second_factor(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(services)
    monkeypatch.setattr(services.stores.factors, "has_factor", lambda _: True)
    for _ in range(5):
        services.login.sign_in("maud", NEW, HERE, previous=None)
    (token,) = ask(services)
    ticket = services.recovery.match_ticket(token.reveal(), HERE)
    assert ticket is not None
    services.recovery.complete(ticket, NEW, HERE)
    assert "account:lock:lifted" not in kinds(services)


def test_a_name_that_looks_like_an_address_is_not_where_a_link_goes(
    services: Services, outbox: Outbox
) -> None:
    put_plain_user(services.stores, "nora@example.org", None)
    services.adoption.write(HERE)
    assert services.stores.accounts.find_account("nora@example.org") is not None
    ask(services, "nora@example.org")
    assert [(message.to, message.subject) for message in outbox.messages] == [
        ("nora@example.org", "No account at this site")
    ]
