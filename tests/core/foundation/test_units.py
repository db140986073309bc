"""Writes that stand or fall together."""

import pytest

from bastide.core.mail import Message
from bastide.core.request import Services
from bastide.core.security_log import EventKind, Outcome
from bastide.testing import FrozenClock
from support.core import HERE, Dead, kinds, make, register, sign_in

LETTER = Message(to="maud@example.org", subject="A link", body="https://blog.example/secret-token")


class Crash(BaseException):
    """The process dies here."""


@pytest.fixture
def mailer() -> Dead:
    return Dead()


@pytest.fixture
def services(clock: FrozenClock, mailer: Dead) -> Services:
    return make(clock, mailer)


@pytest.mark.asvs("V2.3.3")
def test_a_failure_takes_everything_back_but_the_attempts(services: Services) -> None:
    account_id = register(services)
    session = sign_in(services).session
    told: list[str] = []
    before = kinds(services)

    def act() -> None:
        with services.stores.units() as nothing:
            assert nothing is None
            services.stores.accounts.set_active(account_id, is_active=False)
            services.recorder.record(EventKind.ACCOUNT_DISABLED, Outcome.SUCCESS, HERE)
            services.outbox.send(LETTER)
            services.stores.units.afterwards(lambda: told.append("told"))
            raise Crash

    with pytest.raises(Crash):
        act()
    account = services.stores.accounts.get_account(account_id)
    assert account is not None
    assert account.is_active
    assert services.sessions.resume(session.session_id.reveal(), HERE.user_agent).session is not None
    assert (kinds(services), services.stores.mail.count_mail(), told) == (before, 0, [])
    assert not services.stores.units.is_open


def test_an_inner_unit_is_a_part_of_the_outer_one(services: Services) -> None:
    units, told = services.stores.units, list[str]()
    with units():
        with units():
            units.afterwards(lambda: told.append("inner"))
        assert units.is_open
        assert told == []
    assert told == ["inner"]
    units.afterwards(lambda: told.append("at once"))
    assert told == ["inner", "at once"]
