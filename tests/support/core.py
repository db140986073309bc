"""The core's services over stores in memory, and the first steps of most tests of them."""

from dataclasses import dataclass, field
from typing import Any

from bastide.core.encryption import KeyRing, LiveRing
from bastide.core.foundation import AccountId, Client, Secret, StoreUnavailable
from bastide.core.mail import Message
from bastide.core.records import Account
from bastide.core.request import Services, Settings, Stores, assemble
from bastide.core.security_log import Chain, ChainedLog, EventFilter
from bastide.core.sessions import ActiveSession
from bastide.core.sign_in import FactorNeeded, LoggedIn, TicketPurpose
from bastide.pages import CatalogueMails
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import CHEAP_HASHING, FIREFOX, KEYS, PASSWORD, Outbox

HERE = Client(address="203.0.113.7", user_agent=FIREFOX)
WRONG, RIGHT = Secret("wrong horse battery staple"), Secret(PASSWORD)
NEW = Secret("a much better battery staple")
CHAIN = Chain.from_secrets(Secret("k" * 64), None)


@dataclass
class Dead:
    """A mail server that is down until somebody starts it."""

    messages: list[Message] = field(default_factory=list)
    is_down: bool = True

    def send(self, message: Message) -> None:
        if self.is_down:
            raise StoreUnavailable(message.subject)
        self.messages.append(message)


def log_of(stores: Stores) -> ChainedLog:
    """Return what takes events and keeps them in the store."""
    return ChainedLog(store=stores.events, chain=CHAIN)


def make(clock: FrozenClock, mailer: Outbox | Dead, *, keys: str = KEYS, **settings: Any) -> Services:
    services = assemble(
        settings=Settings.from_mapping({"hashing": CHEAP_HASHING, **settings}), stores=memory_stores(),
        secret_key=Secret("k" * 32), mailer=mailer, mail_texts=CatalogueMails(), sink=lambda log: log, clock=clock, entropy=SeededEntropy(),
        key_ring=LiveRing(KeyRing.parse(keys)) if keys else None,
    )  # fmt: skip
    services.stores.accounts.define_roles(
        {"reader": frozenset({"read"}), "administrator": frozenset({"admin_access"})}
    )
    return services


def register(services: Services, name: str = "maud") -> AccountId:
    token = services.registration.invite(role="reader", email=f"{name}@example.org", client=HERE, by=None)
    ticket = services.registration.match_ticket(token.reveal(), HERE, purpose=TicketPurpose.INVITATION)
    assert ticket is not None
    return services.registration.complete(ticket, username=name, email="", password=RIGHT, client=HERE)


def sign_in(services: Services, name: str = "maud", client: Client = HERE) -> LoggedIn:
    outcome = services.login.sign_in(name, RIGHT, client, previous=None)
    assert isinstance(outcome, LoggedIn)
    return outcome


def kinds(services: Services) -> list[str]:
    events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=100)
    return [str(event.kind) for event in reversed(events)]


def account_of(services: Services, name: str = "maud") -> Account:
    account = services.stores.accounts.find_account(name)
    assert account is not None
    return account


def half_way(services: Services, name: str = "maud") -> ActiveSession:
    """Return a session whose password was right and whose second factor is still to be shown."""
    outcome = services.login.sign_in(name, RIGHT, HERE, previous=None)
    assert isinstance(outcome, FactorNeeded)
    return outcome.session
