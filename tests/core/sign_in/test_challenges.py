"""What a passkey signs is good once, for one use."""

from datetime import timedelta

import pytest

from bastide.core.request import Services
from bastide.testing import FrozenClock
from support.authenticator import SoftKey
from support.blog import Outbox
from support.core import make, register
from support.passkeys import BROWSER, PARTY, WRONG, added, enter


@pytest.fixture
def services(services: Services) -> Services:
    register(services)
    return services


def test_the_lifetime_of_a_challenge_is_declared(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, tickets={"passkey_lifetime": timedelta(seconds=30)})
    register(services)
    key = SoftKey()
    added(services, key)
    options = services.passkey_proofs.begin_sign_in(PARTY, browser=BROWSER)
    clock.advance(timedelta(seconds=30))
    assert enter(services, key.get(options)) == WRONG
    assert services.tickets.purge() == 1
