"""What administrators do to an account, and that its owner is told."""

import pytest

from bastide.core.foundation import AccessDenied, Secret
from bastide.core.records import LastHolder
from bastide.core.request import Services
from bastide.core.security_log import EventFilter
from support.blog import Outbox
from support.core import HERE, account_of, kinds, register, sign_in


@pytest.mark.asvs("V7.4.5", "V16.3.1")
def test_every_act_of_an_administrator_is_told_once(services: Services, outbox: Outbox) -> None:
    register(services)
    register(services, "boss")
    by = sign_in(services, "boss").session
    acts, account = services.administration, account_of(services)
    sign_in(services)
    assert acts.end_sessions(account, HERE, by=by)
    assert not acts.end_sessions(account, HERE, by=by)
    assert acts.grant_role(account, "administrator", HERE, by=by)
    assert not acts.grant_role(account, "administrator", HERE, by=by)
    assert acts.revoke_role(account, "administrator", HERE, by=by)
    assert not acts.revoke_role(account, "administrator", HERE, by=by)
    assert acts.disable(account, HERE, by=by)
    assert not acts.disable(account, HERE, by=by)
    assert acts.enable(account, HERE, by=None)
    assert not acts.enable(account, HERE, by=None)
    events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=5)
    assert [
        (str(event.kind), event.actor, event.target, bool(event.session)) for event in reversed(events)
    ] == [
        ("session:end:requested", "2", "account:1", True),
        ("account:role:granted", "2", "account:1", True),
        ("account:role:revoked", "2", "account:1", True),
        ("account:status:disabled", "2", "account:1", True),
        ("account:status:enabled", "", "account:1", False),
    ]
    assert [message.to for message in outbox.messages] == ["maud@example.org"] * 5


def test_unlocking_is_an_event_where_there_was_something_to_unlock(services: Services) -> None:
    register(services)
    account = account_of(services)
    assert not services.administration.unlock(account, HERE, by=None)
    services.login.sign_in("maud", Secret("wrong"), HERE, previous=None)
    assert services.administration.unlock(account, HERE, by=None)
    assert kinds(services)[-1] == "account:lock:lifted"


@pytest.mark.asvs("V16.3.1")
def test_a_role_is_extended_by_what_it_lacks_and_nothing_is_taken(services: Services) -> None:
    declared = {"reader": frozenset({"comment", "note"}), "administrator": frozenset({"admin_access"})}
    extended = [("reader", "comment"), ("reader", "note")]
    assert services.administration.extend_roles(declared, HERE) == extended
    assert services.administration.extend_roles(declared, HERE) == []
    assert kinds(services) == ["access:role:extended"] * 2
    assert not services.stores.accounts.add_permission("reader", "read")


def test_the_last_holder_stays_and_nothing_is_told(services: Services, outbox: Outbox) -> None:
    register(services)
    account = account_of(services)
    for act in (
        lambda: services.administration.disable(account, HERE, by=None, keep_holders=("reader",)),
        lambda: services.administration.revoke_role(
            account, "reader", HERE, by=None, keep_holders=("reader",)
        ),
    ):
        with pytest.raises(LastHolder):
            act()
    assert account_of(services).is_active
    assert outbox.messages == []


def test_an_administrator_whose_session_ended_changes_nothing(services: Services) -> None:
    register(services)
    boss = register(services, "boss")
    by = sign_in(services, "boss").session
    acts, account = services.administration, account_of(services)
    services.stores.accounts.grant_role(boss, "administrator")
    for act in (
        lambda: acts.grant_role(account, "administrator", HERE, by=by),
        lambda: acts.disable(account, HERE, by=by),
        lambda: acts.end_sessions(account, HERE, by=by),
    ):
        with pytest.raises(AccessDenied):
            act()
        services.sessions.end(by.digest)
    after = account_of(services)
    assert (after.roles, after.is_active) == ({"reader"}, True)


def test_nobody_lifts_their_own_lock(services: Services) -> None:
    register(services)
    by = sign_in(services).session
    services.login.sign_in("maud", Secret("wrong"), HERE, previous=None)
    assert not services.administration.unlock(account_of(services), HERE, by=by)
