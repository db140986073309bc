"""Layers can be taken alone: what is off is not asked, and says so when it is."""

from dataclasses import replace

import pytest

from bastide.core.foundation import STRANGER, ConfigurationError, Principal, Secret
from bastide.core.request import (
    EVERY_LAYER,
    Absent,
    Exchange,
    Layer,
    Services,
    Settings,
    assemble,
    read_layers,
)
from bastide.core.security_log import EventKind, UnkeptLog
from bastide.pages import CatalogueMails
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import Outbox
from support.core import make

MAUD = Principal(account_id=7, name="maud", permissions=frozenset({"write"}))


def beside(clock: FrozenClock, acting: list[Principal], *layers: Layer) -> Services:
    """Return services beside an application whose own accounts say who acts."""
    return assemble(
        settings=Settings(), stores=memory_stores(), secret_key=Secret("k" * 32), mailer=Outbox(),
        mail_texts=CatalogueMails(), sink=lambda log: log, clock=clock, entropy=SeededEntropy(),
        layers=frozenset(layers), load_principal=lambda: acting[-1],
    )  # fmt: skip


def ask(services: Services, **sent: str) -> Exchange:
    given = {"cookies": "", "authorization": "", "query": "", **sent}
    return Exchange(
        services, scheme="https", host="localhost", address="203.0.113.7", user_agent="", **given
    )  # fmt: skip


def test_the_whole_has_every_layer(clock: FrozenClock) -> None:
    services = make(clock, Outbox())
    assert services.layers == EVERY_LAYER
    assert services.owns_accounts


def test_nobody_acts_where_nothing_tells_who_does(clock: FrozenClock) -> None:
    services = assemble(
        settings=Settings(), stores=memory_stores(), secret_key=Secret("k" * 32), mailer=Outbox(),
        mail_texts=CatalogueMails(), sink=lambda log: log, clock=clock, entropy=SeededEntropy(),
        layers=frozenset({Layer.HEADERS}),
    )  # fmt: skip
    assert not services.owns_accounts
    assert ask(services).principal == STRANGER


def test_layers_are_read_by_name() -> None:
    assert read_layers(["headers", Layer.LOG]) == {Layer.HEADERS, Layer.LOG}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "no layer is named; there are api_tokens, attempts, encryption, forgery, headers"),
        (["headers", "haeders"], "unknown layers: haeders; there are"),
        (["accounts"], "accounts stand on every other layer"),
        (["api_tokens"], "api_tokens needs attempts"),
        (["reports", "attempts"], "reports needs headers, .* and attempts"),
        (["reports", "headers"], "reports needs headers, .* and attempts"),
    ],
)
def test_what_cannot_stand_alone_is_refused_by_name(names: list[str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_layers(names)


def test_what_is_absent_says_which_layer_is_off() -> None:
    with pytest.raises(
        ConfigurationError, match="the layer log is off, and something asks it for append_event"
    ):
        Absent(Layer.LOG).append_event()


@pytest.mark.asvs("V8.3.1", "V14.3.2")
def test_the_application_says_who_acts_at_every_question(clock: FrozenClock) -> None:
    acting = [STRANGER]
    exchange = ask(beside(clock, acting, Layer.RULES), cookies="__Host-session=whatever")
    assert exchange.active is None
    assert exchange.principal == STRANGER
    assert not exchange.is_private
    acting.append(MAUD)
    assert exchange.principal == MAUD
    assert exchange.is_private


@pytest.mark.asvs("V3.5.1")
def test_form_tokens_are_bound_to_whoever_acts(clock: FrozenClock) -> None:
    acting = [STRANGER]
    services = beside(clock, acting, Layer.FORGERY)
    exchange = ask(services)
    exchange.csrf_token()
    assert (exchange.csrf_binding() or b"").startswith(b"visitor:")
    acting.append(MAUD)
    assert exchange.csrf_binding() == b"account:7:"
    marked = replace(services, mark_sign_in=lambda account_id: f"mark of {account_id}")
    assert ask(marked).csrf_binding() == b"account:7:mark of 7"


def test_tokens_of_the_applications_own_are_none_of_ours(clock: FrozenClock) -> None:
    sent = {"authorization": "Bearer of-theirs", "query": "token=x"}
    exchange = ask(beside(clock, [STRANGER], Layer.RULES), **sent)
    assert (exchange.bearer, exchange.exposed_token, exchange.is_private) == (None, None, False)
    assert ask(make(clock, Outbox()), **sent).bearer == "of-theirs"


def test_headers_are_added_where_their_layer_is_on(clock: FrozenClock) -> None:
    names = [name for name, _ in ask(beside(clock, [STRANGER], Layer.HEADERS)).extra_headers(())]
    assert "Content-Security-Policy" in names
    assert ask(beside(clock, [STRANGER], Layer.RULES)).extra_headers(()) == [("Vary", "Cookie")]


def test_without_the_log_events_are_told_and_not_kept(clock: FrozenClock) -> None:
    services = beside(clock, [MAUD], Layer.RULES)
    assert isinstance(services.log, UnkeptLog)
    ask(services).record(EventKind.ACCESS_DENIED)
    assert services.stores.events.chain_ends().head is None


def test_a_browser_is_vouched_for(clock: FrozenClock) -> None:
    exchange = ask(beside(clock, [MAUD], Layer.ATTEMPTS))
    exchange.vouch_for(Secret("cookie"))
    assert exchange.cookie_headers() == [
        ("Set-Cookie", "__Host-device=cookie; Max-Age=31536000; Secure; HttpOnly; Path=/; SameSite=Lax")
    ]
