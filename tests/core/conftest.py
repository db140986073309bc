"""The core's services over stores in memory, as most tests of the core begin."""

import pytest

from bastide.core.request import Services, Stores
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import make
from support.house import House


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def services(clock: FrozenClock, outbox: Outbox) -> Services:
    return make(clock, outbox)


@pytest.fixture
def stores() -> Stores:
    made = memory_stores()
    made.accounts.define_roles({"reader": frozenset({"read_post"}), "author": frozenset({"write_post"})})
    return made


@pytest.fixture
def house(clock: FrozenClock) -> House:
    return House(clock)
