"""Honest messages are delivered, odd ones queued."""

from datetime import timedelta

import pytest

from bastide.core.foundation import ConfigurationError, Secret, Signer
from bastide.core.inputs import (
    SpamFilter,
    SpamSettings,
    Verdict,
)
from bastide.testing import FrozenClock, SeededEntropy
from bastide.testing.clock import START
from support.blog import Outbox
from support.core import make


@pytest.fixture
def spam() -> SpamFilter:
    spent: set[str] = set()

    def spend(nonce: str, period: timedelta) -> bool:
        assert period == SpamSettings().max_fill_time
        is_first = nonce not in spent
        spent.add(nonce)
        return is_first

    signer = Signer(Secret("k" * 32), purpose="form")
    return SpamFilter(signer=signer, entropy=SeededEntropy(), spend=spend, settings=SpamSettings())


@pytest.mark.asvs("V2.4.2")
def test_honest_messages_are_delivered_and_odd_ones_queued(spam: SpamFilter) -> None:
    used, stamp, later = spam.issue_stamp(START), spam.issue_stamp(START), START + timedelta(seconds=3)
    assert spam.judge("Hello", stamp=used, honeypot="", now=later).verdict is Verdict.DELIVER
    honest = spam.judge("Where do I click here?", "It works from home.", stamp=stamp, honeypot="", now=later)
    assert (honest.verdict, honest.score, honest.reasons) == (
        Verdict.DELIVER,
        1,
        ("phrase: click here",),
    )
    stamp = spam.issue_stamp(START)
    cases = {
        "honeypot": {"honeypot": "Acme"},
        "used": {"stamp": used},
        "too fast": {"now": START + timedelta(seconds=2)},
        "stale": {"now": START + timedelta(hours=13)},
        "stamp": {"stamp": stamp[:-1] + ("A" if stamp[-1] != "A" else "B")},
    }
    for reason, change in cases.items():
        found = spam.judge("Hello", **{"stamp": stamp, "honeypot": "", "now": later, **change})  # type: ignore[arg-type]
        assert (found.verdict, found.reasons) == (Verdict.QUEUE, (reason,))


@pytest.mark.asvs("V2.4.1")
def test_a_stamp_stays_used_for_as_long_as_it_would_be_good(clock: FrozenClock) -> None:
    spam = make(clock, Outbox()).spam
    stamps = [spam.issue_stamp(clock.now()) for _ in range(2)]
    clock.advance(timedelta(seconds=3))
    found = [spam.judge("Hello", stamp=stamp, honeypot="", now=clock.now()) for stamp in (*stamps, stamps[0])]
    assert [judgement.reasons for judgement in found] == [(), (), ("used",)]
    clock.advance(SpamSettings().max_fill_time - timedelta(seconds=3))
    assert spam.judge("Hello", stamp=stamps[0], honeypot="", now=clock.now()).reasons == ("used",)
    clock.advance(timedelta(seconds=1))
    assert spam.judge("Hello", stamp=stamps[0], honeypot="", now=clock.now()).reasons == ("stale",)


@pytest.mark.parametrize(
    ("name", "email", "reasons"),
    [
        ("bob", "bob@example.org", ("the name is the address's",)),
        (" BOB ", "Bob@example.org", ("the name is the address's",)),
        ("bo\u200bb", "bob@example.org", ("the name is the address's",)),
        ("bob@example.org", "bob@example.org", ("the name is the address's",)),
        ("Bob Stone", "bob@example.org", ()),
        ("Bob Stone", "bob.stone@example.org", ()),
        ("Bob", "bobby@example.org", ()),
        ("", "", ()),
    ],
)
def test_a_name_that_is_the_address_s_own_is_queued(
    spam: SpamFilter, name: str, email: str, reasons: tuple[str, ...]
) -> None:
    stamp, later = spam.issue_stamp(START), START + timedelta(seconds=3)
    found = spam.judge("Hello", name=name, email=email, stamp=stamp, honeypot="", now=later)
    assert found.reasons == reasons
    assert (found.verdict is Verdict.QUEUE) == bool(reasons)


@pytest.mark.parametrize("phrase", ["buy now", "click here", "free money"])
def test_each_phrase_scores_and_none_alone_queues(spam: SpamFilter, phrase: str) -> None:
    stamp, later = spam.issue_stamp(START), START + timedelta(seconds=3)
    found = spam.judge(f"Why does it say “{phrase}”?", stamp=stamp, honeypot="", now=later)
    assert (found.verdict, found.reasons) == (Verdict.DELIVER, (f"phrase: {phrase}",))
    assert found.score > 0


@pytest.mark.parametrize(
    "text", ["BUY  NOW at the ca\u200bsino", "ｂｕｙ ｎｏｗ, casino", "www.a www.b https://c"]
)
def test_dressed_up_phrases_and_link_farms_are_queued(spam: SpamFilter, text: str) -> None:
    stamp, later = spam.issue_stamp(START), START + timedelta(seconds=3)
    assert spam.judge(text, stamp=stamp, honeypot="", now=later).verdict is Verdict.QUEUE


def test_settings_that_mean_nothing_stop_the_start() -> None:
    with pytest.raises(ConfigurationError):
        SpamSettings(threshold=0)
    with pytest.raises(ConfigurationError):
        SpamSettings(min_fill_time=timedelta(days=1))
