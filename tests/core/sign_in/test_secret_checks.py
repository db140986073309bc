"""Whoever shows a secret draws from the budget first."""

from datetime import timedelta

import pytest

from bastide.core.foundation import (
    STRANGER,
    Client,
    Secret,
)
from bastide.core.request import Services
from bastide.core.sessions import ActiveSession
from bastide.core.sign_in import Refused
from bastide.core.sign_in.login import Confirmed
from bastide.core.sign_in.secret_checks import RefusalReason
from bastide.testing import FrozenClock
from support.core import HERE, RIGHT, WRONG, kinds, register, sign_in


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
