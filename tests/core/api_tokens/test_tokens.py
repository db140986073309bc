"""How API tokens are issued, shown and revoked."""

from datetime import timedelta
from typing import Any

import pytest

from bastide.core.api_tokens import Admitted, ApiTokenSettings
from bastide.core.foundation import AccessDenied, ConfigurationError, InvalidInput, Principal
from bastide.core.request import Services
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, account_of, kinds, make, register, sign_in
from support.rows import rows
from support.tokens import READ, issue, owner, refused


@pytest.mark.asvs("V6.3.7", "V8.2.1")
def test_a_token_is_shown_once_and_its_owner_is_told(
    services: Services, outbox: Outbox, clock: FrozenClock
) -> None:
    issued = issue(services)
    assert issued.summary.expires_at == clock.now() + timedelta(days=30)
    (listed,) = services.api_tokens.list_own(account_of(services).id)
    assert listed == issued.summary
    assert issued.text.reveal() not in repr(issued)
    assert "account:token:issued" in kinds(services)
    assert "The API token “backup script” was issued" in outbox.messages[-1].body
    assert issued.text.reveal() not in outbox.messages[-1].body
    admitted = services.bearer.match(issued.text.reveal(), HERE)
    assert admitted == Admitted(
        listed.id, Principal(account_id=account_of(services).id, name="maud", permissions=READ)
    )


@rows(
    ("wishes", "field"),
    [
        ({"scopes": frozenset()}, "scopes"), ({"scopes": frozenset({"read", "admin_access"})}, "scopes"),
        ({"lifetime": timedelta(days=366)}, "lifetime"), ({"lifetime": timedelta()}, "lifetime"),
    ],
)  # fmt: skip
def test_nobody_gives_more_than_they_have_or_for_ever(services: Services, wishes: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as found:
        issue(services, **wishes)
    assert found.value.field == field
    assert services.api_tokens.list_own(account_of(services).id) == []


def test_a_right_that_would_be_two_scopes_is_none(services: Services) -> None:
    services.stores.accounts.define_roles({"odd": frozenset({"read mail"})})
    services.stores.accounts.grant_role(account_of(services).id, "odd")
    with pytest.raises(InvalidInput):
        issue(services, scopes=frozenset({"read mail"}))


def test_an_account_has_no_more_tokens_than_its_limit(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, api_tokens={"max_per_account": 2, "lifetime": timedelta(hours=1)})
    register(services)
    session = owner(services)
    for name in ("one", "two"):
        assert issue(services, session, name=name).summary.name == name
    account = account_of(services)
    assert services.api_tokens.issue(session, account, HERE, name="three", scopes=READ) is None
    clock.advance(timedelta(minutes=61))
    assert services.api_tokens.list_own(account.id) == []
    assert issue(services, name="three").summary.name == "three"


def test_a_session_that_ended_meanwhile_issues_and_revokes_nothing(services: Services) -> None:
    session = owner(services)
    issued = issue(services, session)
    services.sessions.end(session.digest)
    account = account_of(services)
    for act in (
        lambda: services.api_tokens.issue(session, account, HERE, name="late", scopes=READ),
        lambda: services.api_tokens.revoke(session, account, issued.summary.id, HERE),
        lambda: services.api_tokens.revoke_all(session, account, HERE),
    ):
        with pytest.raises(AccessDenied):
            act()
    assert services.bearer.match(issued.text.reveal(), HERE)


@pytest.mark.asvs("V7.4.1")
def test_a_revoked_token_is_dead_at_once(services: Services, outbox: Outbox) -> None:
    session, account = owner(services), account_of(services)
    kept, gone = issue(services, session, name="kept"), issue(services, session, name="gone")
    assert services.bearer.match(gone.text.reveal(), HERE)
    assert services.api_tokens.revoke(session, account, gone.summary.id, HERE)
    assert "The API token “gone” was revoked" in outbox.messages[-1].body
    assert not services.api_tokens.revoke(session, account, gone.summary.id, HERE)
    assert not services.api_tokens.revoke(session, account, "AAAAAAAAAAA", HERE)
    assert refused(services, gone.text.reveal()) == "unknown"
    assert services.bearer.match(kept.text.reveal(), HERE)
    assert services.api_tokens.revoke_all(session, account, HERE)
    assert "All API tokens were revoked" in outbox.messages[-1].body
    assert not services.api_tokens.revoke_all(session, account, HERE)
    assert kinds(services).count("account:token:revoked") == 2
    assert refused(services, kept.text.reveal()) == "unknown"


def test_nobody_revokes_what_is_another_s(services: Services) -> None:
    issued = issue(services)
    other = register(services, "ines")
    stranger = sign_in(services, "ines").session
    account = services.stores.accounts.get_account(other)
    assert account is not None
    assert not services.api_tokens.revoke(stranger, account, issued.summary.id, HERE)
    assert services.bearer.match(issued.text.reveal(), HERE)


@pytest.mark.asvs("V7.4.5")
def test_an_administrator_revokes_them_all(services: Services, outbox: Outbox) -> None:
    issued = issue(services)
    assert services.administration.revoke_tokens(account_of(services), HERE, by=None)
    assert not services.administration.revoke_tokens(account_of(services), HERE, by=None)
    assert refused(services, issued.text.reveal()) == "unknown"
    assert kinds(services).count("account:token:revoked") == 1
    assert "API tokens were revoked" in outbox.messages[-1].body


@rows(
    "bad",
    [
        {"lifetime": timedelta()}, {"lifetime": timedelta(days=400)}, {"max_lifetime": timedelta(days=1)},
        {"max_lifetime": timedelta(days=400)}, {"touch_interval": timedelta()}, {"max_per_account": 0},
    ],
)  # fmt: skip
def test_settings_are_held_to_what_makes_sense(bad: Any) -> None:
    with pytest.raises(ConfigurationError):
        ApiTokenSettings(**bad)
