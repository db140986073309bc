"""A notice is kept with what it tells of."""

from bastide.core.sign_in.login import Confirmed
from bastide.testing import FrozenClock
from support.core import HERE, NEW, RIGHT, Dead, kinds, make, register, sign_in


def test_a_change_stands_when_its_notice_cannot_go_out(clock: FrozenClock) -> None:
    services = make(clock, Dead())
    register(services)
    session = sign_in(services).session
    assert isinstance(services.login.change_password(session, RIGHT, NEW, HERE), Confirmed)
    assert kinds(services)[-2:] == ["account:password:changed", "system:mail:delayed"]
