"""Events wait for the end of the exchange, or are kept with the unit at hand."""

import json

import pytest

from bastide.core.foundation import Client, StoreUnavailable
from bastide.core.security_log import EventKind, Outcome
from support.house import House


@pytest.mark.asvs("V16.2.2", "V16.4.3")
def test_events_wait_for_the_end_of_the_exchange(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="bastide.events")
    exchange = house.exchange()
    exchange.record(EventKind.UPLOAD_STORED, target="comment:1")
    assert house.kept() == []
    # The server's own log has it at once, whatever becomes of the store.
    (line,) = [record.getMessage() for record in caplog.records if record.name == "bastide.events"]
    assert json.loads(line)["target"] == "comment:1"
    assert [event.kind for event in house.heard] == [EventKind.UPLOAD_STORED]
    exchange.keep_events()
    assert house.kept() == ["content:upload:stored"]
    house.current = None
    house.services.recorder.record(EventKind.UNLOCKED, Outcome.SUCCESS, Client())
    assert house.kept() == ["content:upload:stored", "account:lock:lifted"]


def test_a_log_that_is_away_breaks_no_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = house.exchange()
    exchange.record(EventKind.UNLOCKED)

    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(house.stores.events, "append_event", away)
    exchange.keep_events()


def test_inside_a_unit_an_event_is_kept_with_it_and_told_afterwards(house: House) -> None:
    exchange = house.exchange()
    with house.stores.units():
        exchange.record(EventKind.LOGOUT)
        assert (house.kept(), house.heard) == (["account:logout:success"], [])
    assert [event.kind for event in house.heard] == [EventKind.LOGOUT]
    assert exchange.events == []
