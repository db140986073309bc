"""Signing in, confirming, changing the password and registering, as the services compose them."""

from datetime import timedelta

import pytest

from bastide.core.accounts import RegistrationSettings
from bastide.core.attempts import Exhausted
from bastide.core.foundation import (
    STRANGER,
    AccessDenied,
    AccountId,
    Client,
    ConfigurationError,
    InvalidInput,
    Secret,
)
from bastide.core.records import Account, AccountExists, LastHolder, TicketSpent
from bastide.core.request import Services
from bastide.core.sessions import ActiveSession
from bastide.core.sign_in import LoggedIn, Refused, TicketPurpose
from bastide.core.sign_in.login import Confirmed
from bastide.core.sign_in.secret_checks import RefusalReason
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, NEW, RIGHT, WRONG, Dead, kinds, make, register, sign_in


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def services(clock: FrozenClock, outbox: Outbox) -> Services:
    return make(clock, outbox)


@pytest.mark.asvs("V7.2.4", "V16.3.1")
def test_the_right_password_gives_a_session_and_a_device(services: Services) -> None:
    account = register(services)
    first = sign_in(services)
    assert first.session.principal.account_id == account
    second = services.login.sign_in("MAUD@example.org", RIGHT, HERE, previous=first.session)
    assert isinstance(second, LoggedIn)
    assert services.sessions.resume(first.session.session_id.reveal(), HERE.user_agent).session is None
    assert kinds(services)[-2:] == ["account:login:success"] * 2


@pytest.mark.asvs("V6.3.1", "V6.3.8")
def test_the_budget_is_drawn_before_the_password_is_looked_at(services: Services, clock: FrozenClock) -> None:
    register(services)
    for _ in range(5):
        assert services.login.sign_in("maud", WRONG, HERE, previous=None) == Refused(
            RefusalReason.WRONG_SECRET
        )
    locked = services.login.sign_in("maud", RIGHT, HERE, previous=None)
    assert locked == Refused(RefusalReason.LOCKED, timedelta(minutes=15))
    assert kinds(services)[-3:] == ["account:login:failure", "account:lock:set", "account:login:refused"]
    unknown = services.login.sign_in("nobody", WRONG, Client(address="198.51.100.1"), previous=None)
    assert unknown == Refused(RefusalReason.UNKNOWN_ACCOUNT)
    clock.advance(timedelta(minutes=15))
    sign_in(services)


def test_a_disabled_account_fails_after_the_check(services: Services) -> None:
    account = register(services)
    services.stores.accounts.set_active(account, is_active=False)
    assert services.login.sign_in("maud", RIGHT, HERE, previous=None) == Refused(RefusalReason.DISABLED)


@pytest.mark.asvs("V11.4.2", "V11.2.2")
def test_a_weaker_hash_is_renewed_at_sign_in(services: Services) -> None:
    from bastide.core.sign_in import HashingSettings, PasswordHasher

    account = register(services)
    stored = services.stores.accounts.get_account(account)
    assert stored is not None
    old = PasswordHasher(HashingSettings(memory_kib=32, time_cost=1, allow_weak=True)).hash(RIGHT)
    assert services.stores.accounts.replace_password_hash(
        account, old_hash=stored.password_hash or "", new_hash=old
    )
    sign_in(services)
    renewed = services.stores.accounts.get_account(account)
    assert renewed is not None
    assert "m=64," in (renewed.password_hash or "")
    assert "account:password:rehashed" in kinds(services)


def test_a_hash_changed_meanwhile_is_not_renewed(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    register(services)
    monkeypatch.setattr("bastide.core.sign_in.PasswordHasher.needs_rehash", lambda *_: True)
    monkeypatch.setattr("bastide.stores.memory.MemoryAccounts.replace_password_hash", lambda *_, **__: False)
    sign_in(services)
    assert "account:password:rehashed" not in kinds(services)


def test_confirming_makes_the_session_fresh_under_a_new_id(services: Services, clock: FrozenClock) -> None:
    register(services)
    session = sign_in(services).session
    clock.advance(timedelta(minutes=10))
    assert services.login.confirm(session, WRONG, HERE) == Refused(RefusalReason.WRONG_SECRET)
    confirmed = services.login.confirm(session, RIGHT, HERE)
    assert isinstance(confirmed, Confirmed)
    fresh = services.sessions.resume(confirmed.session.session_id.reveal(), HERE.user_agent).session
    assert fresh is not None
    assert fresh.principal.is_fresh
    assert services.login.confirm(session, RIGHT, HERE) == Refused(RefusalReason.SESSION_GONE)
    stranger = ActiveSession(session_id=Secret("x"), digest=b"", principal=STRANGER)
    assert services.login.confirm(stranger, RIGHT, HERE) == Refused(RefusalReason.SESSION_GONE)


@pytest.mark.asvs("V6.2.3", "V7.4.3", "V6.3.7")
def test_changing_the_password(services: Services, outbox: Outbox) -> None:
    register(services)
    here, there = sign_in(services).session, sign_in(services).session
    assert services.login.change_password(here, WRONG, NEW, HERE) == Refused(RefusalReason.WRONG_SECRET)
    with pytest.raises(InvalidInput, match="common"):
        services.login.change_password(here, RIGHT, Secret("Password123!"), HERE)
    changed = services.login.change_password(here, RIGHT, NEW, HERE)
    assert isinstance(changed, Confirmed)
    assert services.sessions.resume(there.session_id.reveal(), HERE.user_agent).session is None
    assert services.sessions.resume(changed.session.session_id.reveal(), HERE.user_agent).session is not None
    assert [message.to for message in outbox.messages] == ["maud@example.org"]
    assert isinstance(services.login.sign_in("maud", NEW, HERE, previous=None), LoggedIn)
    stranger = ActiveSession(session_id=Secret("x"), digest=b"", principal=STRANGER)
    assert services.login.change_password(stranger, RIGHT, NEW, HERE) == Refused(RefusalReason.SESSION_GONE)


def test_a_change_stands_when_its_notice_cannot_go_out(clock: FrozenClock) -> None:
    services = make(clock, Dead())
    register(services)
    session = sign_in(services).session
    assert isinstance(services.login.change_password(session, RIGHT, NEW, HERE), Confirmed)
    assert kinds(services)[-2:] == ["account:password:changed", "system:mail:delayed"]


def test_two_changes_at_once_do_not_both_win(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    register(services)
    session = sign_in(services).session
    with monkeypatch.context() as patch:
        patch.setattr("bastide.stores.memory.MemoryAccounts.replace_password_hash", lambda *_, **__: False)
        assert services.login.change_password(session, RIGHT, NEW, HERE) == Refused(
            RefusalReason.SESSION_GONE
        )
    with monkeypatch.context() as patch:
        patch.setattr("bastide.stores.memory.MemorySessions.rotate_session", lambda *_, **__: False)
        with pytest.raises(AccessDenied):
            services.login.change_password(session, RIGHT, NEW, HERE)
    assert isinstance(services.login.sign_in("maud", RIGHT, HERE, previous=None), LoggedIn)


def test_signing_out_ends_the_session(services: Services) -> None:
    register(services)
    session = sign_in(services).session
    services.login.sign_out(session, HERE)
    assert services.sessions.resume(session.session_id.reveal(), HERE.user_agent).session is None
    assert kinds(services)[-1] == "account:logout:success"


@pytest.mark.asvs("V6.3.8", "V6.3.2")
def test_registration_mails_one_of_two_texts_and_answers_alike(services: Services, outbox: Outbox) -> None:
    register(services)
    links: list[str] = []

    def link_to(token: Secret) -> str:
        links.append(token.reveal())
        return f"http://localhost/register/{token.reveal()}"

    assert services.registration.request("maud@example.org", HERE, link_to=link_to) is None
    assert links == []
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


def test_what_cannot_be_a_token_opens_nothing(services: Services) -> None:
    assert services.registration.match_ticket("x", HERE, purpose=TicketPurpose.REGISTRATION) is None
    assert kinds(services) == []


def test_registration_limits_that_mean_nothing_stop_the_start() -> None:
    with pytest.raises(ConfigurationError):
        RegistrationSettings(network_limit=0)


@pytest.mark.asvs("V7.4.3")
def test_a_sign_in_that_a_new_password_overtakes_opens_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = register(services)
    lock = services.stores.accounts.lock_account

    def overtaken(locked: AccountId) -> Account | None:
        account = services.stores.accounts.get_account(account_id)
        assert account is not None
        services.stores.accounts.replace_password_hash(
            account_id, old_hash=account.password_hash or "", new_hash="$argon2id$new"
        )
        services.sessions.end_others(account_id, keep=None)
        return lock(locked)

    monkeypatch.setattr(services.stores.accounts, "lock_account", overtaken)
    outcome = services.login.sign_in("maud", RIGHT, HERE, previous=None)
    assert outcome == Refused(RefusalReason.SESSION_GONE)
    assert services.sessions.end_others(account_id, keep=None) == 0


def test_a_lock_under_one_name_looks_like_a_wrong_password_under_another(services: Services) -> None:
    register(services)
    for _ in range(5):
        services.login.sign_in("maud", WRONG, HERE, previous=None)
    hidden = services.login.sign_in("maud@example.org", RIGHT, HERE, previous=None)
    assert hidden == Refused(RefusalReason.LOCKED, None)


def test_the_last_holder_of_a_role_keeps_it(services: Services) -> None:
    account = register(services)
    with pytest.raises(LastHolder):
        services.stores.accounts.revoke_role(account, "reader", keep_holders=("reader",))


@pytest.mark.asvs("V7.5.2")
def test_people_end_their_own_sessions_elsewhere(services: Services) -> None:
    register(services)
    here, there, third = (sign_in(services).session for _ in range(3))
    end = services.login.end_elsewhere
    assert end(here, HERE, handle=there.digest.hex()[:32])
    assert not end(here, HERE, handle=there.digest.hex()[:32])
    assert end(here, HERE, handle=None)
    assert not end(here, HERE, handle=None)
    assert services.sessions.resume(third.session_id.reveal(), HERE.user_agent).session is None
    assert services.sessions.resume(here.session_id.reveal(), HERE.user_agent).session is not None
    assert kinds(services).count("session:end:requested") == 2
    assert not end(services.sessions.start(STRANGER, HERE), HERE, handle=None)


def test_a_registration_role_that_nobody_declared_stops_the_start() -> None:
    RegistrationSettings().require_role({"reader": set()})
    RegistrationSettings(is_open=False).require_role({})
    with pytest.raises(
        ConfigurationError, match="'reader', which is not declared; declared are \\['author'\\]"
    ):
        RegistrationSettings().require_role({"author": set()})
