"""Events carry the caller and no session id."""

import pytest

from bastide.core.foundation import Client, ConfigurationError
from bastide.core.security_log import (
    AppEventKind,
    Event,
    EventFilter,
    EventKind,
    Outcome,
    Recorder,
    Vocabulary,
)
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock
from support.core import log_of


@pytest.mark.asvs("V16.2.1", "V16.2.2", "V16.2.5")
def test_recorded_events_carry_the_caller_and_no_session_id() -> None:
    stores, clock = memory_stores(), FrozenClock()
    client = Client(address="203.0.113.7", request_id="r1", route="posts.show")
    recorder = Recorder(sink=log_of(stores), clock=clock)
    recorder.record(
        EventKind.ACCESS_DENIED, Outcome.REFUSED, client, actor=7, target="post:1", session_digest=b"\xab" * 32,
        reason="a\nb",
    )  # fmt: skip
    recorder.record(EventKind.LOGOUT, Outcome.SUCCESS, client)
    events, total = stores.events.list_events(
        EventFilter(kinds=frozenset({EventKind.ACCESS_DENIED})), offset=0, limit=10
    )
    assert total == 1
    assert events[0] == Event(
        kind=EventKind.ACCESS_DENIED, outcome=Outcome.REFUSED, at=clock.now(), actor="7", target="post:1",
        session="ab" * 8, address="203.0.113.7", route="posts.show", request_id="r1", detail={"reason": "a\\u000ab"},
    )  # fmt: skip
    assert recorder.now() == clock.now()


class ShopEvent(AppEventKind):
    PLACED = "shop:order:placed", "an order was placed"


def test_only_declared_kinds_are_recorded() -> None:
    stores, clock = memory_stores(), FrozenClock()
    plain = Recorder(sink=log_of(stores), clock=clock)
    with pytest.raises(ConfigurationError, match="'shop:order:placed' is not declared"):
        plain.record(ShopEvent.PLACED, Outcome.SUCCESS, Client())
    assert stores.events.list_events(EventFilter(), offset=0, limit=1) == ([], 0)
    recorder = Recorder(sink=log_of(stores), clock=clock, vocabulary=Vocabulary(ShopEvent))
    recorder.record(ShopEvent.PLACED, Outcome.SUCCESS, Client(), actor=7)
    (event,), _ = stores.events.list_events(EventFilter(account=7), offset=0, limit=1)
    assert event.kind is ShopEvent.PLACED
