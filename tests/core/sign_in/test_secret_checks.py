"""Whoever shows a secret draws from the budget first."""

from datetime import timedelta

import pytest

from bastide.core.foundation import (
    STRANGER,
    Client,
    Secret,
    TooManyRequests,
    encode_token,
)
from bastide.core.request import Services
from bastide.core.security_log import EventFilter
from bastide.core.sessions import ActiveSession
from bastide.core.sign_in import Refused, TicketPurpose
from bastide.core.sign_in.login import Confirmed
from bastide.core.sign_in.secret_checks import RefusalReason
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, RIGHT, WRONG, kinds, make, register, sign_in


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


@pytest.mark.asvs("V16.2.1")
def test_only_who_succeeded_is_named_as_who_acted(services: Services) -> None:
    register(services)
    services.login.sign_in("maud", WRONG, HERE, previous=None)
    sign_in(services)
    events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=2)
    assert [(str(event.kind), event.actor, event.target) for event in events] == [
        ("account:login:success", "1", "account:1"), ("account:login:failure", "", "account:1"),
    ]  # fmt: skip


@pytest.mark.asvs("V6.6.3")
def test_a_right_link_costs_its_network_nothing(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, attempts={"link_limit": 1})
    token = services.registration.invite(role="reader", email=None, client=HERE, by=None).reveal()
    purpose = TicketPurpose.INVITATION
    assert all(services.registration.match_ticket(token, HERE, purpose=purpose) for _ in range(3))
    assert services.registration.match_ticket(encode_token(bytes(32)), HERE, purpose=purpose) is None
    with pytest.raises(TooManyRequests):
        services.registration.match_ticket(token, HERE, purpose=purpose)


def test_a_disabled_account_fails_after_the_check(services: Services) -> None:
    account = register(services)
    services.stores.accounts.set_active(account, is_active=False)
    assert services.login.sign_in("maud", RIGHT, HERE, previous=None) == Refused(RefusalReason.DISABLED)


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


@pytest.mark.asvs("V6.3.8")
def test_a_lock_under_one_name_looks_like_a_wrong_password_under_another(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(services)
    for _ in range(5):
        services.login.sign_in("maud", WRONG, HERE, previous=None)
    hashed: list[str | None] = []
    monkeypatch.setattr(
        "bastide.core.sign_in.PasswordHasher.verify", lambda _, __, stored: hashed.append(stored)
    )
    hidden = services.login.sign_in("maud@example.org", RIGHT, HERE, previous=None)
    assert hidden == Refused(RefusalReason.LOCKED, None)
    assert hashed == [None]
    told = services.login.sign_in("maud", RIGHT, HERE, previous=None)
    assert told == Refused(RefusalReason.LOCKED, timedelta(minutes=15))
    assert hashed == [None]
