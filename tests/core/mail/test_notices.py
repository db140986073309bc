"""What happens to an account is recorded and told to its owner, together or not at all."""

from dataclasses import replace

import pytest

from bastide.core.foundation import Client, InvalidInput, StoreUnavailable
from bastide.core.mail import Letters, MailText, Message, Notices, QueuedMail
from bastide.core.records import Account
from bastide.core.request import Services
from bastide.core.security_log import Event, EventFilter, EventKind, Outcome
from bastide.core.sessions import ActiveSession
from bastide.core.sign_in.login import Confirmed
from bastide.pages import CatalogueMails
from bastide.testing import FrozenClock
from support.blog import FIREFOX, Outbox
from support.core import HERE, NEW, RIGHT, Dead, kinds, make, register, sign_in


def notices_of(services: Services) -> Notices:
    letters = Letters(texts=CatalogueMails(), site_name="this site")
    return Notices(letters=letters, outbox=services.outbox, recorder=services.recorder)


def account_of(services: Services, name: str = "maud") -> Account:
    account = services.stores.accounts.find_account(name)
    assert account is not None
    return account


def last_event(services: Services) -> Event:
    events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=1)
    return events[0]


def tell(services: Services, by: ActiveSession | None, outcome: Outcome = Outcome.SUCCESS) -> Event:
    notices_of(services).tell(
        EventKind.TOKEN_REVOKED, MailText.TOKEN_REVOKED, account_of(services),
        Client(address="203.0.113.7", user_agent=FIREFOX), by=by, outcome=outcome, facts={"name": "One"},
        token="t1",
    )  # fmt: skip
    return last_event(services)


@pytest.mark.asvs("V6.3.7", "V16.3.1")
def test_an_owners_own_act_is_recorded_with_session_and_browser_and_told(
    services: Services, outbox: Outbox, clock: FrozenClock
) -> None:
    register(services)
    session = sign_in(services).session
    assert tell(services, session) == Event(
        kind=EventKind.TOKEN_REVOKED, outcome=Outcome.SUCCESS, at=clock.now(), actor="1", target="account:1",
        session=session.digest.hex()[:16], address="203.0.113.7",
        detail={"token": "t1", "agent": "Firefox on Linux"},
    )  # fmt: skip
    assert outbox.messages == [
        Message(
            to="maud@example.org",
            subject="Your API tokens",
            body="Hello maud,\n\nThe API token “One” was revoked.\nWhen and where from: 2026-03-01 12:00 UTC, Firefox on Linux,"
            " 203.0.113.7\n\nIf this was not you, answer this message or contact an administrator at once.\n",
        )
    ]


def test_an_administrators_act_names_the_administrator_and_no_browser(services: Services) -> None:
    register(services)
    register(services, "boss")
    session = sign_in(services, "boss").session
    event = tell(services, session)
    assert (event.actor, event.target, event.session) == ("2", "account:1", session.digest.hex()[:16])
    assert event.detail == {"token": "t1"}


def test_what_nobody_signed_in_did_names_nobody(services: Services) -> None:
    register(services)
    event = tell(services, None, Outcome.REFUSED)
    assert (event.actor, event.target, event.session, event.outcome) == ("", "account:1", "", Outcome.REFUSED)
    assert event.detail == {"token": "t1"}


def test_an_address_that_was_given_up_is_told_too(services: Services, outbox: Outbox) -> None:
    register(services)
    account = replace(account_of(services), email="new@example.org")
    notices = notices_of(services)
    for to in (None, "maud@example.org"):
        notices.send(MailText.EMAIL_CHANGED, account, HERE, to=to)
    assert [message.to for message in outbox.messages] == ["new@example.org", "maud@example.org"]
    assert kinds(services)[-1] == "account:registration:success"


def test_a_notice_that_cannot_be_kept_fails_with_its_event(
    services: Services, monkeypatch: pytest.MonkeyPatch, outbox: Outbox
) -> None:
    register(services)

    def away(_: QueuedMail) -> None:
        raise StoreUnavailable("mail")

    monkeypatch.setattr(services.stores.mail, "put_mail", away)
    with pytest.raises(StoreUnavailable), services.stores.units():
        tell(services, None)
    assert outbox.messages == []
    assert kinds(services)[-1] == "account:registration:success"


def test_a_change_stands_when_its_notice_cannot_go_out(clock: FrozenClock) -> None:
    services = make(clock, Dead())
    register(services)
    session = sign_in(services).session
    assert isinstance(services.login.change_password(session, RIGHT, NEW, HERE), Confirmed)
    assert kinds(services)[-2:] == ["account:password:changed", "system:mail:delayed"]


def test_an_address_of_before_that_is_none_is_sent_nothing_and_breaks_nothing(
    services: Services, outbox: Outbox
) -> None:
    register(services)
    account = replace(account_of(services), email="none")
    notices_of(services).send(MailText.PASSWORD_CHANGED, account, HERE)
    assert outbox.messages == []
    with pytest.raises(InvalidInput, match="subject"):
        notices_of(services).send(
            MailText.VALUE_CHANGED, account_of(services), HERE, facts={"value": "in\ntwo lines"}
        )
