"""Mail is kept with the unit that sends it, and tried until it is taken."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bastide.core.foundation import ConfigurationError, StoreUnavailable
from bastide.core.mail import Message, OutboxSettings
from bastide.core.request import Services
from bastide.core.security_log import EventFilter, EventKind
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import Dead, kinds, make

LETTER = Message(to="maud@example.org", subject="A link", body="https://blog.example/secret-token")


@pytest.fixture
def mailer() -> Dead:
    return Dead()


@pytest.fixture
def services(clock: FrozenClock, mailer: Dead) -> Services:
    return make(clock, mailer)


@pytest.mark.asvs("V16.5.2")
def test_mail_is_tried_until_it_is_taken_and_ever_less_often(
    services: Services, mailer: Dead, clock: FrozenClock
) -> None:
    services.outbox.send(LETTER)
    waits = []
    for _ in range(8):
        tries, minutes = kinds(services).count("system:mail:delayed"), 0
        while kinds(services).count("system:mail:delayed") == tries and minutes < 99:
            clock.advance(timedelta(minutes=1))
            minutes += 1
            assert services.outbox.deliver() == 0
        waits.append(minutes)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    mailer.is_down = False
    clock.advance(timedelta(hours=1))
    assert (services.outbox.deliver(), services.outbox.deliver()) == (1, 0)
    assert mailer.messages == [LETTER]


def test_mail_past_its_use_is_given_up(services: Services, mailer: Dead, clock: FrozenClock) -> None:
    services.outbox.send(LETTER, good_for=timedelta(minutes=10))
    clock.advance(timedelta(minutes=10))
    mailer.is_down = False
    assert services.outbox.deliver() == 0
    assert (services.stores.mail.count_mail(), mailer.messages) == (0, [])
    assert kinds(services)[-1] == "system:mail:abandoned"


def test_mail_sealed_under_a_lost_key_is_given_up_and_said(clock: FrozenClock, mailer: Dead) -> None:
    services = make(clock, mailer)
    services.outbox.send(LETTER)
    services.outbox._sealer = make(clock, mailer, keys="").outbox._sealer  # noqa: SLF001
    clock.advance(timedelta(minutes=1))
    assert services.outbox.deliver() == 0
    events, _ = services.stores.events.list_events(
        EventFilter(kinds=frozenset({EventKind.MAIL_ABANDONED})), offset=0, limit=9
    )
    assert [event.detail["reason"] for event in events] == ["unreadable"]


@pytest.mark.asvs("V11.3.3")
def test_mail_that_was_moved_to_another_row_is_given_up(
    services: Services, mailer: Dead, clock: FrozenClock
) -> None:
    for number in range(2):
        services.outbox.send(replace(LETTER, to=f"reader{number}@example.org"))
    store, now = services.stores.mail, clock.now() + timedelta(minutes=1)
    first, second = store.claim_mail(now=now, until=now, limit=2)
    for row, sealed in ((first, second.sealed), (second, first.sealed)):
        assert store.drop_mail(row.id)
        store.put_mail(replace(row, sealed=sealed))
    clock.advance(timedelta(minutes=1))
    mailer.is_down = False
    assert (services.outbox.deliver(), mailer.messages) == (0, [])
    assert kinds(services)[-2:] == ["system:mail:abandoned"] * 2


@pytest.mark.asvs("V14.2.4")
@pytest.mark.parametrize("keys", [None, ""])
def test_a_waiting_link_is_unreadable_at_rest(clock: FrozenClock, mailer: Dead, keys: str | None) -> None:
    services = make(clock, mailer) if keys is None else make(clock, mailer, keys=keys)
    services.outbox.send(LETTER)
    (row,) = services.stores.mail.claim_mail(
        now=clock.now() + timedelta(1), until=clock.now() + timedelta(2), limit=9
    )
    assert b"secret-token" not in row.sealed
    assert b"maud" not in row.sealed


def test_a_store_that_fails_after_the_fact_fails_nothing(
    clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = make(clock, mailer := Outbox())

    def away(**_: object) -> None:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(services.stores.mail, "claim_mail", away)
        services.outbox.send(LETTER)
    assert services.outbox.deliver() == 1
    assert mailer.messages == [LETTER]


def test_odd_settings_stop_the_start() -> None:
    for bad in (
        {"first_wait": timedelta()},
        {"longest_wait": timedelta(seconds=1)},
        {"lifetime": timedelta(1)} | {"longest_wait": timedelta(2)},
        {"lease": timedelta()},
    ):
        with pytest.raises(ConfigurationError):
            OutboxSettings(**bad)


def test_a_mailer_that_breaks_fails_nothing(clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    services = make(clock, mailer := Outbox())
    with monkeypatch.context() as patch:
        patch.setattr(mailer, "send", lambda _: 1 / 0)
        services.outbox.send(LETTER)
    assert kinds(services) == ["system:mail:delayed"]
    clock.advance(timedelta(minutes=1))
    assert services.outbox.deliver() == 1
