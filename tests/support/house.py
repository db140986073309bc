"""The services of one application, and exchanges with it."""

from functools import partial
from typing import Any

from bastide.core.access import Rule
from bastide.core.foundation import Client, Principal, Secret
from bastide.core.records import NewAccount
from bastide.core.request import Exchange, ExchangeSink, Guard, Services, Settings, assemble
from bastide.core.security_log import Event, EventFilter
from bastide.pages import CatalogueMails
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import CHEAP_HASHING, FIREFOX, Outbox


class House:
    """The services of one application, and exchanges with it."""

    def __init__(self, clock: FrozenClock, **settings: dict[str, Any]) -> None:
        self.stores = memory_stores()
        self.heard: list[Event] = []
        self.current: Exchange | None = None
        transport = {
            "allowed_hosts": frozenset({"blog.example", "localhost"}),
            "plain_http_hosts": frozenset({"localhost"}),
        }
        csp = {"report_only": {"script-src": ("'self'",)}}
        sink = partial(
            ExchangeSink, units=self.stores.units, current=lambda: self.current, announce=self.heard.append
        )  # fmt: skip
        self.services: Services = assemble(
            settings=Settings.from_mapping({"hashing": CHEAP_HASHING, "transport": transport, "csp": csp, **settings}),
            stores=self.stores, secret_key=Secret("k" * 32), mailer=Outbox(), mail_texts=CatalogueMails(), sink=sink, clock=clock,
            entropy=SeededEntropy(),
        )  # fmt: skip
        self.guard = Guard(self.services)

    def exchange(self, cookies: str = "", **facts: str) -> Exchange:
        known = {"scheme": "https", "host": "blog.example", "address": "203.0.113.7", "user_agent": FIREFOX}
        self.current = Exchange(self.services, cookies=cookies, **{**known, **facts})
        return self.current

    def kept(self) -> list[str]:
        events, _ = self.stores.events.list_events(EventFilter(), offset=0, limit=100)
        return [str(event.kind) for event in reversed(events)]


def signed_in(house: House) -> str:
    """Return the Cookie header of somebody signed in."""
    client = Client(address="203.0.113.7", user_agent=FIREFOX)
    house.stores.accounts.define_roles({"reader": frozenset({"read"})})
    new = NewAccount(
        username="maud", username_key="maud", email="m@example.org", email_key="m@example.org",
        password_hash="x", roles=frozenset({"reader"}),
    )  # fmt: skip
    account_id = house.stores.accounts.add_account(new, ticket_digest=None, now=house.services.clock.now())
    session = house.services.sessions.start(Principal(account_id=account_id, name="maud"), client)
    return f"theme=dark; __Host-session={session.session_id.reveal()}; __Host-device=abc"


API = Rule(permission="read", is_api=True, takes_tokens=True)


def token_of(house: House) -> str:
    account = house.stores.accounts.find_account("maud")
    assert account is not None
    client = Client(address="203.0.113.7", user_agent=FIREFOX)
    principal = Principal(account_id=account.id, name="maud", permissions=frozenset({"read"}))
    session = house.services.sessions.start(principal, client)
    issued = house.services.api_tokens.issue(session, account, client, name="t", scopes=frozenset({"read"}))
    assert issued is not None
    return issued.text.reveal()
