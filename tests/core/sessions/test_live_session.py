"""An act on an account locks it, then looks at the session that it is done with, in one unit."""

import pytest

from bastide.core.foundation import AccessDenied
from bastide.core.request import Services
from bastide.core.sessions import Acting
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, make, register, sign_in
from support.rows import rows


@pytest.fixture
def steps(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the stores are asked for, in order, and whether a unit is open."""
    seen: list[str] = []
    stores = services.stores
    for store, verb in ((stores.accounts, "lock_account"), (stores.sessions, "load_session")):
        ask = getattr(store, verb)

        def spy(*arguments: object, ask: object = ask, verb: str = verb) -> object:
            seen.append(verb if stores.units.is_open else f"{verb} outside")
            return ask(*arguments)  # type: ignore[operator]  # a store's verb

        monkeypatch.setattr(store, verb, spy)
    return seen


@pytest.fixture
def acting(services: Services) -> Acting:
    stores = services.stores
    return Acting(accounts=stores.accounts, sessions=services.sessions, units=stores.units)


@pytest.mark.asvs("V2.3.3", "V15.4.2")
def test_the_account_is_locked_before_the_session_is_looked_at(
    services: Services, acting: Acting, steps: list[str]
) -> None:
    account_id, session = register(services), sign_in(services).session
    steps.clear()
    with acting(account_id, session):
        assert steps == ["lock_account", "load_session"]
        assert services.stores.units.is_open
    with acting(account_id, None):
        assert steps[2:] == ["lock_account"]


@pytest.mark.asvs("V7.4.1", "V7.4.2")
def test_nothing_is_done_with_a_session_that_ended(services: Services, acting: Acting) -> None:
    account_id, session = register(services), sign_in(services).session
    services.login.sign_out(session, HERE)
    with pytest.raises(AccessDenied), acting(account_id, session):
        pytest.fail("done all the same")


@pytest.mark.asvs("V7.4.2", "V8.3.2")
@rows("change", [{"must_rotate": True}, {"account_is_active": False}])
def test_nothing_is_done_with_a_session_whose_account_lost_something(
    clock: FrozenClock, change: dict[str, bool]
) -> None:
    """Also where an application's own code disables the account, and ends no session of it."""
    services = make(clock, Outbox())
    account_id, session = register(services), sign_in(services).session
    stores = services.stores
    stored = stores.sessions.load_session(session.digest)
    assert stored is not None
    stores.sessions.load_session = lambda _: stored._replace(**change)  # type: ignore[method-assign]
    acting = Acting(accounts=stores.accounts, sessions=services.sessions, units=stores.units)
    with pytest.raises(AccessDenied), acting(account_id, session):
        pytest.fail("done all the same")
