"""Tokens of owners whose accounts are not Bastide's: events tell of them, no mail does."""

from collections.abc import Mapping

import pytest

from bastide.core.api_tokens import OutsideOwners, account_of, session_of
from bastide.core.foundation import STRANGER, AccountId, Principal, Secret
from bastide.core.mail import MailText
from bastide.core.request import EVERY_LAYER, Layer, Services, Settings, assemble
from bastide.core.security_log import EventFilter, EventKind
from bastide.pages import CatalogueMails
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import Outbox
from support.core import HERE, kinds

MAUD = Principal(account_id=7, name="maud", permissions=frozenset({"read"}))
PEOPLE: Mapping[AccountId, Principal] = {7: MAUD}


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def beside(clock: FrozenClock, outbox: Outbox) -> Services:
    return assemble(
        settings=Settings(), stores=memory_stores(), secret_key=Secret("k" * 32), mailer=outbox,
        mail_texts=CatalogueMails(), sink=lambda log: log, clock=clock, entropy=SeededEntropy(),
        layers=EVERY_LAYER - {Layer.ACCOUNTS}, load_principal=lambda: MAUD,
    )  # fmt: skip


@pytest.mark.asvs("V16.2.1")
def test_what_becomes_of_a_token_is_recorded_and_nobody_is_mailed(beside: Services, outbox: Outbox) -> None:
    session, account = session_of(MAUD), account_of(MAUD)
    issued = beside.api_tokens.issue(session, account, HERE, name="script", scopes=frozenset({"read"}))
    assert issued is not None
    assert beside.api_tokens.revoke(session, account, issued.summary.id, HERE)
    assert kinds(beside) == ["account:token:issued", "account:token:revoked"]
    events, _ = beside.stores.events.list_events(EventFilter(), offset=0, limit=1)
    assert [(event.actor, event.target, event.session) for event in events] == [("7", "account:7", "")]
    beside.api_tokens._notices.tell(  # noqa: SLF001 -- as where nobody is at hand
        EventKind.TOKEN_EXPOSED, MailText.TOKEN_EXPOSED, account, HERE, by=None
    )
    events, _ = beside.stores.events.list_events(EventFilter(), offset=0, limit=1)
    assert [(event.actor, event.target) for event in events] == [("", "account:7")]
    assert outbox.messages == []


def test_whoever_is_nobody_has_no_account() -> None:
    owners = OutsideOwners(lambda account_id: PEOPLE.get(account_id, STRANGER))
    assert owners.get_account(7) == account_of(MAUD)
    assert owners.lock_account(7) == account_of(MAUD)
    assert owners.get_account(8) is None
    assert owners.sample_password_hashes(10) == ()
