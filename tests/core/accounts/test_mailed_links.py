"""Whoever asks for a link gets one answer, at one price, whether or not somebody has the address."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from bastide.core.accounts import LinkLimits
from bastide.core.attempts import Exhausted
from bastide.core.foundation import ConfigurationError, Secret
from bastide.core.request import Services
from bastide.core.security_log import EventFilter
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, Dead, account_of, kinds, make, register

KNOWN, UNKNOWN, DISABLED = "maud@example.org", "nobody@example.org", "otto@example.org"
ZOE = 1
Ask = Callable[[Services, str], Any]


def link_to(token: Secret) -> str:
    return f"https://blog.example/{token.reveal()}"


def ask_to_register(services: Services, email: str) -> Exhausted | None:
    return services.registration.request(email, HERE, link_to=link_to)


def ask_to_reset(services: Services, email: str) -> Exhausted | None:
    return services.recovery.request(email, HERE, link_to=link_to)


def ask_to_change(services: Services, email: str) -> Exhausted | None:
    account = services.stores.accounts.get_account(ZOE)
    assert account is not None
    return services.email_change.request(account, email, HERE, link_to=link_to)


WAYS = pytest.mark.parametrize("ask", [ask_to_register, ask_to_reset, ask_to_change])


@pytest.fixture
def services(services: Services) -> Services:
    for name in ("zoe", "maud", "otto"):
        register(services, name)
    services.stores.accounts.set_active(account_of(services, "otto").id, is_active=False)
    return services


@contextmanager
def listened(services: Services) -> Iterator[list[str]]:
    """Give the name of every verb that is asked of a store."""
    asked: list[str] = []

    def told(name: str, verb: Callable[..., Any]) -> Callable[..., Any]:
        def tell(*arguments: Any, **options: Any) -> Any:
            asked.append(name)
            return verb(*arguments, **options)

        return tell

    with pytest.MonkeyPatch.context() as patch:
        for kind in ("accounts", "attempts", "tickets", "mail", "events"):
            store = getattr(services.stores, kind)
            verbs = [
                name for name in dir(store) if not name.startswith("_") and callable(getattr(store, name))
            ]
            for name in verbs:
                patch.setattr(store, name, told(f"{kind}.{name}", getattr(store, name)))
        yield asked


@pytest.mark.asvs("V6.3.8")
@WAYS
def test_every_address_costs_the_same_reads_and_writes(services: Services, ask: Ask) -> None:
    asked = []
    for email in (KNOWN, UNKNOWN, DISABLED):
        with listened(services) as verbs:
            assert ask(services, email) is None
        asked.append(verbs)
    assert asked[0] == asked[1] == asked[2]
    assert asked[0].count("tickets.put_ticket") == 1
    assert asked[0].count("accounts.find_account") == 1
    assert asked[0].count("mail.put_mail") == (2 if ask is ask_to_change else 1)


@pytest.mark.asvs("V6.3.8")
@WAYS
def test_link_and_note_are_worded_in_either_case(
    services: Services, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    letters = services.registration._links._letters  # noqa: SLF001
    write = letters.write
    monkeypatch.setattr(
        letters, "write", lambda text, **options: written.append(str(text)) or write(text, **options)
    )
    for email in (KNOWN, UNKNOWN, DISABLED):
        written.clear()
        ask(services, email)
        assert [text.rpartition("_")[2] for text in written[:2]] == ["link", "note"]


@pytest.mark.asvs("V6.3.8", "V2.4.1")
def test_what_one_address_may_be_mailed_is_bounded_and_nobody_sees_it(
    clock: FrozenClock, outbox: Outbox
) -> None:
    services = make(clock, outbox, registration={"address_limit": 1, "network_limit": 3})
    with listened(services) as first:
        assert ask_to_register(services, UNKNOWN) is None
    with listened(services) as second:
        assert ask_to_register(services, UNKNOWN) is None
    assert (first.count("mail.put_mail"), first.count("tickets.put_ticket")) == (1, 1)
    assert (second.count("mail.put_mail"), second.count("tickets.put_ticket")) == (0, 0)
    assert kinds(services) == ["account:registration:requested"] * 2
    assert len(outbox.messages) == 1


@WAYS
def test_who_asks_too_often_is_refused_and_recorded(clock: FrozenClock, outbox: Outbox, ask: Ask) -> None:
    limits = {"network_limit": 1, "address_limit": 1}
    services = make(clock, outbox, registration=limits, recovery=limits)
    register(services, "zoe")
    assert ask(services, UNKNOWN) is None
    with listened(services) as asked:
        assert isinstance(ask(services, "else@example.org"), Exhausted)
    assert not {"tickets.put_ticket", "mail.put_mail", "accounts.find_account"} & set(asked)
    events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=1)
    name = {ask_to_register: "registration", ask_to_reset: "reset", ask_to_change: "email-change"}[ask]
    assert (str(events[0].kind), events[0].detail) == ("request:rate:refused", {"rate": name})


def test_a_link_that_is_dead_by_now_is_mailed_to_nobody(clock: FrozenClock) -> None:
    mailer = Dead()
    services = make(clock, mailer)
    ask_to_reset(services, UNKNOWN)
    mailer.is_down = False
    clock.advance(timedelta(minutes=10))
    assert services.outbox.deliver() == 0
    assert (mailer.messages, kinds(services)[-1]) == ([], "system:mail:abandoned")


def test_the_log_knows_whose_link_was_asked_for(services: Services) -> None:
    targets = []
    for email in (KNOWN, UNKNOWN, DISABLED):
        ask_to_reset(services, email)
        events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=1)
        targets.append((str(events[0].kind), events[0].actor, events[0].target))
    asked = "account:reset:requested"
    assert targets == [(asked, "", "account:2"), (asked, "", ""), (asked, "", "account:3")]


@pytest.mark.parametrize("bad", [{"network_limit": 0}, {"address_limit": 0}, {"period": timedelta()}])
def test_limits_that_mean_nothing_stop_the_start(bad: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="limits of mailed links"):
        LinkLimits(**bad)
