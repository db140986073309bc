"""Attempts with a small budget for each network."""

import pytest

from bastide.core.attempts import Attempts, AttemptSettings
from bastide.core.request import Stores
from bastide.testing import FrozenClock


@pytest.fixture
def attempts(stores: Stores, clock: FrozenClock) -> Attempts:
    return Attempts(store=stores.attempts, clock=clock, settings=AttemptSettings(network_limit=7))
