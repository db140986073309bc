"""Sign-ins that the application checks itself draw from the same budget as Bastide's own."""

from datetime import timedelta

import pytest

from bastide.core.attempts import LaneKind
from bastide.core.foundation import Client, TooManyRequests
from bastide.core.request import Services
from bastide.core.security_log import EventFilter
from bastide.testing import FrozenClock
from support.core import HERE, kinds

ELSEWHERE = Client(address="198.51.100.9")


@pytest.mark.asvs("V6.3.1")
def test_an_attempt_is_drawn_before_and_stays_drawn_unless_it_succeeds(
    services: Services, clock: FrozenClock
) -> None:
    sign_ins = services.outside_sign_ins
    for _ in range(5):
        sign_ins.fail(sign_ins.begin("Maud", HERE), HERE)
    with pytest.raises(TooManyRequests) as refused:
        sign_ins.begin(" maud ", ELSEWHERE)
    assert refused.value.retry_after == timedelta(minutes=15)
    assert kinds(services) == [
        *["account:login:failure"] * 5, "account:lock:set", "account:login:refused",
    ]  # fmt: skip
    clock.advance(timedelta(minutes=15))
    sign_ins.begin("maud", ELSEWHERE)


@pytest.mark.asvs("V6.1.1", "V16.2.1")
def test_the_owners_browser_has_a_lane_that_strangers_cannot_shut(services: Services) -> None:
    sign_ins = services.outside_sign_ins
    drawn = sign_ins.begin("maud", HERE)
    cookie = sign_ins.succeed(drawn, 7, HERE)
    for _ in range(5):
        sign_ins.fail(sign_ins.begin("maud", ELSEWHERE), ELSEWHERE)
    owner = HERE._replace(device_cookie=cookie.reveal())
    again = sign_ins.begin("maud", owner)
    assert [lane.kind for lane in again.reserved.lanes] == [LaneKind.DEVICE]
    with pytest.raises(TooManyRequests):
        sign_ins.begin("maud", HERE)
    events, _ = services.stores.events.list_events(EventFilter(), offset=99, limit=1)
    assert events == []
    newest, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=100)
    first = newest[-1]
    assert (str(first.kind), first.actor, first.target, first.detail["by"]) == (
        "account:login:success", "7", "account:7", "password",
    )  # fmt: skip


def test_success_gives_back_what_was_drawn(services: Services) -> None:
    sign_ins = services.outside_sign_ins
    for _ in range(30):
        sign_ins.succeed(sign_ins.begin("maud", HERE), 7, HERE)
    assert services.attempts.list_locks(limit=10) == []


def test_one_name_does_not_shut_another(services: Services) -> None:
    sign_ins = services.outside_sign_ins
    for _ in range(5):
        sign_ins.fail(sign_ins.begin("maud", HERE), HERE)
    sign_ins.begin("tomas", HERE)
    assert services.attempts.unlock_account(sign_ins.begin("tomas", HERE).owner)
