"""API tokens of whoever acts: only who signed in makes, sees and revokes them."""

import pytest

from bastide.core.foundation import STRANGER, AccessDenied, InvalidInput, Principal, Secret
from bastide.core.request import (
    EVERY_LAYER,
    Exchange,
    Layer,
    Services,
    Settings,
    assemble,
    issue_own_token,
    list_own_tokens,
    revoke_own_token,
)
from bastide.pages import CatalogueMails
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import Outbox
from support.core import kinds

MAUD = Principal(account_id=7, name="maud", permissions=frozenset({"read"}))


@pytest.fixture
def acting() -> list[Principal]:
    return [MAUD]


@pytest.fixture
def beside(clock: FrozenClock, acting: list[Principal]) -> Services:
    return assemble(
        settings=Settings(), stores=memory_stores(), secret_key=Secret("k" * 32), mailer=Outbox(),
        mail_texts=CatalogueMails(), sink=lambda log: log, clock=clock, entropy=SeededEntropy(),
        layers=EVERY_LAYER - {Layer.ACCOUNTS}, load_principal=lambda: acting[-1],
    )  # fmt: skip


@pytest.fixture
def exchange(beside: Services) -> Exchange:
    return Exchange(
        beside, scheme="https", host="localhost", address="203.0.113.7", user_agent="", cookies=""
    )  # fmt: skip


@pytest.mark.asvs("V8.2.1")
def test_who_acts_issues_lists_and_revokes_their_own(exchange: Exchange, beside: Services) -> None:
    issued = issue_own_token(exchange, " script ", ["read"])
    assert issued is not None
    assert [(token.name, token.scopes) for token in list_own_tokens(exchange)] == [("script", {"read"})]
    with pytest.raises(InvalidInput):
        issue_own_token(exchange, "script", ["write"])
    assert not revoke_own_token(exchange, "x" * 11)
    assert revoke_own_token(exchange, issued.summary.id)
    assert kinds(beside) == ["account:token:issued", "account:token:revoked"]


@pytest.mark.asvs("V8.2.1")
def test_strangers_and_tokens_have_none(exchange: Exchange, acting: list[Principal]) -> None:
    acting.append(STRANGER)
    for ask in (
        lambda: issue_own_token(exchange, "script", ["read"]),
        lambda: list_own_tokens(exchange),
        lambda: revoke_own_token(exchange, "x" * 11),
    ):
        with pytest.raises(AccessDenied):
            ask()
