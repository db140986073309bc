"""A new password by mail, as the services compose it."""

from datetime import timedelta

import pytest

from bastide.core.accounts import TicketSpent
from bastide.core.assembly import Services
from bastide.core.attempts import Exhausted
from bastide.core.errors import ConfigurationError, InvalidInput, StoreUnavailable
from bastide.core.login import LoggedIn
from bastide.core.recovery import RecoverySettings
from bastide.core.secret import Secret
from bastide.core.tickets import TicketPurpose, TicketSettings
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, NEW, RIGHT, Dead, kinds, make, register, sign_in


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def services(clock: FrozenClock, outbox: Outbox) -> Services:
    return make(clock, outbox)


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
    ticket = services.recovery.match_ticket(token.reveal())
    assert ticket is not None
    with pytest.raises(InvalidInput):
        services.recovery.complete(ticket, Secret("short"), HERE)
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
    assert services.recovery.match_ticket(token.reveal()) is None
    assert ask(services) == []
    assert services.recovery.match_ticket("nonsense") is None


def test_strangers_get_a_note_and_a_ticket_that_opens_nothing(services: Services, outbox: Outbox) -> None:
    assert ask(services, "nobody@example.org") == []
    assert outbox.messages[0].subject == "No account at this site"
    token = services.stores.tickets
    assert token.get_ticket(b"", purpose=TicketPurpose.PASSWORD_RESET, now=services.clock.now()) is None


def test_requests_and_mails_are_bounded(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, recovery={"network_limit": 3, "address_limit": 1})
    register(services)
    assert [len(ask(services)) for _ in range(3)] == [1, 0, 0]
    refused = services.recovery.request("maud@example.org", HERE, link_to=lambda _: "")
    assert isinstance(refused, Exhausted)
    assert len(outbox.messages) == 1


def test_a_dead_mail_server_refuses_the_request_but_not_the_reset(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, Dead())
    register(services)
    with pytest.raises(StoreUnavailable):
        ask(services)
    account = services.stores.accounts.find_account("maud")
    assert account is not None
    services.login._notices.send(account, HERE, subject="s", what="w")  # noqa: SLF001 -- the shared notices
    assert kinds(services)[-1] == "account:notice:undelivered"


def test_a_reset_lifts_the_locks(services: Services) -> None:
    register(services)
    for _ in range(5):
        services.login.sign_in("maud", NEW, HERE, previous=None)
    (token,) = ask(services)
    ticket = services.recovery.match_ticket(token.reveal())
    assert ticket is not None
    services.recovery.complete(ticket, NEW, HERE)
    assert "account:lock:lifted" in kinds(services)


def test_odd_settings_stop_the_start() -> None:
    for bad in ({"network_limit": 0}, {"address_limit": 0}, {"period": timedelta()}):
        with pytest.raises(ConfigurationError):
            RecoverySettings(**bad)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError):
        TicketSettings(reset_lifetime=timedelta())
