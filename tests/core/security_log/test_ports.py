"""Every place where events go takes what the ports say."""

from bastide.core.request import ExchangeSink
from bastide.core.security_log import ChainedLog, EventLog, EventSink
from support.ports import keepers_of, taken_otherwise


def test_every_store_of_events_is_one() -> None:
    assert taken_otherwise(EventLog, *keepers_of(EventLog)) == []


def test_whatever_takes_events_takes_them_alike() -> None:
    assert taken_otherwise(EventSink, ChainedLog, ExchangeSink) == []
