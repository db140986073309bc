"""What an owner is shown of sealed values leaves a trace, and the value is no part of it."""

import pytest

from bastide.core.foundation import AccessDenied
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, kinds, make, register, sign_in


@pytest.mark.asvs("V14.2.6", "V16.3.2")
def test_each_is_an_event_and_a_notice(clock: FrozenClock) -> None:
    outbox = Outbox()
    services = make(clock, outbox)
    register(services)
    session = sign_in(services).session
    account = services.stores.accounts.find_account("maud")
    assert account is not None
    services.reveals.note_reveal(session, account, HERE, value="social security number")
    with services.reveals.note_change(session, account, HERE, value="social security number"):
        assert services.stores.units.is_open
        assert kinds(services)[-1] == "account:value:revealed"
    assert kinds(services)[-2:] == ["account:value:revealed", "account:value:changed"]
    bodies = [message.body for message in outbox.messages[-2:]]
    assert "The social security number of your account was shown." in bodies[0]
    assert "The social security number of your account was changed." in bodies[1]
    services.sessions.end(session.digest)
    with pytest.raises(AccessDenied):
        services.reveals.note_reveal(session, account, HERE, value="social security number")
    with (
        pytest.raises(AccessDenied),
        services.reveals.note_change(session, account, HERE, value="social security number"),
    ):
        pytest.fail("changed in a session that ended")
    assert len(outbox.messages) == 2
