"""The gate of new passwords asks for breaches, and survives an outage."""

import pytest

from bastide.core.foundation import Client, InvalidInput, Secret
from bastide.core.security_log import EventFilter, Recorder
from bastide.core.sign_in import (
    BreachVerdict,
    CommonPasswords,
    PasswordGate,
    PasswordPolicy,
    PasswordPreset,
    PasswordSettings,
)
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock
from support.core import log_of

COMMON = CommonPasswords()


def policy(preset: PasswordPreset = PasswordPreset.DEFAULT) -> PasswordPolicy:
    return PasswordPolicy(
        settings=PasswordSettings(preset=preset, site_words=("Under the Arcades",)), common=COMMON
    )


@pytest.mark.asvs("V6.2.12")
def test_the_gate_asks_for_breaches_and_survives_an_outage() -> None:
    stores = memory_stores()
    recorder = Recorder(sink=log_of(stores), clock=FrozenClock())

    class Breaches:
        verdict = BreachVerdict.CLEAN

        def check(self, password: Secret) -> BreachVerdict:
            assert password.reveal() == "x7 q9 z3 k1 m5 p"
            return self.verdict

    breaches = Breaches()
    gate = PasswordGate(policy=policy(), breaches=breaches, recorder=recorder)
    password = Secret("x7 q9 z3 k1 m5 p")
    gate.check(password, context=(), client=Client())
    breaches.verdict = BreachVerdict.UNKNOWN
    gate.check(password, context=(), client=Client())
    events, _ = stores.events.list_events(EventFilter(), offset=0, limit=10)
    assert [event.kind for event in events] == ["account:password:breach_check_unavailable"]
    breaches.verdict = BreachVerdict.BREACHED
    with pytest.raises(InvalidInput, match="breached"):
        gate.check(password, context=(), client=Client())
    with pytest.raises(InvalidInput, match="common"):
        gate.check(Secret("Password123!"), context=(), client=Client())
    PasswordGate(policy=policy(), breaches=None, recorder=recorder).check(
        password, context=(), client=Client()
    )
