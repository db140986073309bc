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
        sign_ins.fail(sign_ins.begin(["Maud"], HERE), HERE)
    with pytest.raises(TooManyRequests) as refused:
        sign_ins.begin([" maud "], ELSEWHERE)
    assert refused.value.retry_after == timedelta(minutes=15)
    assert kinds(services) == [
        *["account:login:failure"] * 5, "account:lock:set", "account:login:refused",
    ]  # fmt: skip
    clock.advance(timedelta(minutes=15))
    sign_ins.begin(["maud"], ELSEWHERE)


@pytest.mark.asvs("V6.1.1", "V16.2.1")
def test_the_owners_browser_has_a_lane_that_strangers_cannot_shut(services: Services) -> None:
    sign_ins = services.outside_sign_ins
    drawn = sign_ins.begin(["maud"], HERE)
    cookie = sign_ins.succeed(drawn, 7, HERE)
    assert cookie is not None
    for _ in range(5):
        sign_ins.fail(sign_ins.begin(["maud"], ELSEWHERE), ELSEWHERE)
    owner = HERE._replace(device_cookie=cookie.reveal())
    (again,) = sign_ins.begin(["maud"], owner)
    assert [lane.kind for lane in again.reserved.lanes] == [LaneKind.DEVICE]
    with pytest.raises(TooManyRequests):
        sign_ins.begin(["maud"], HERE)
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
        sign_ins.succeed(sign_ins.begin(["maud"], HERE), 7, HERE)
    assert services.attempts.list_locks(limit=10) == []


def test_one_name_does_not_shut_another(services: Services) -> None:
    sign_ins = services.outside_sign_ins
    for _ in range(5):
        sign_ins.fail(sign_ins.begin(["maud"], HERE), HERE)
    sign_ins.begin(["tomas"], HERE)
    assert services.attempts.unlock_account(sign_ins.begin(["tomas"], HERE)[0].owner)


@pytest.mark.asvs("V6.3.1")
def test_every_name_that_comes_at_once_is_counted(services: Services) -> None:
    sign_ins = services.outside_sign_ins
    for number in range(5):
        sign_ins.fail(sign_ins.begin([f"nobody{number}", "maud", " MAUD "], HERE), HERE)
    with pytest.raises(TooManyRequests):
        sign_ins.begin(["nobody", "maud"], HERE)
    assert kinds(services) == [
        *["account:login:failure"] * 5, "account:lock:set", "account:login:refused",
    ]  # fmt: skip
    newest, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=100)
    assert newest[1].detail["lane"] == "account,name"


@pytest.mark.asvs("V6.3.1")
def test_who_signs_in_gives_back_and_vouches_for_their_own_names_only(services: Services) -> None:
    sign_ins = services.outside_sign_ins
    own = "tomas", "tomas@example.org"
    for _ in range(4):
        sign_ins.fail(sign_ins.begin(["maud"], HERE), HERE)
    cookie = sign_ins.succeed(sign_ins.begin(["maud", "Tomas"], HERE), 8, HERE, names=own)
    assert cookie is not None
    here = HERE._replace(device_cookie=cookie.reveal())
    with pytest.raises(TooManyRequests):
        sign_ins.begin(["maud"], here)
    (known,) = sign_ins.begin(["tomas"], here)
    assert [lane.kind for lane in known.reserved.lanes] == [LaneKind.DEVICE]
    both = sign_ins.succeed(sign_ins.begin(own, here), 8, here, names=own)
    assert both is not None
    for drawn in sign_ins.begin(own, here._replace(device_cookie=both.reveal())):
        assert [lane.kind for lane in drawn.reserved.lanes] == [LaneKind.DEVICE]
    assert sign_ins.succeed(sign_ins.begin(["lena", "paul"], HERE), 8, HERE, names=own) is None
