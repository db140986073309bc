"""Sorting, filtering, paging, redirects and spam."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import ConfigurationError, InvalidInput, Secret, Signer
from bastide.core.inputs import (
    Direction,
    Page,
    SortMap,
    SpamFilter,
    SpamSettings,
    Verdict,
    escape_like,
    parse_page,
    parse_term,
    safe_target,
)
from bastide.core.inputs.queries import FilterMap
from bastide.testing import FrozenClock, SeededEntropy
from bastide.testing.clock import START
from support.blog import Outbox
from support.core import make

SORTS = SortMap(columns={"date": "post.date", "title": "post.title"}, default="date", tie_break="post.id")


@pytest.mark.asvs("V1.2.4")
def test_sorts_come_from_the_map_alone() -> None:
    order = SORTS.parse("title", "desc")
    assert (order.column, order.direction, order.tie_break) == ("post.title", Direction.DESCENDING, "post.id")
    assert SORTS.parse(None, None).key == "date"
    for key, direction in (
        ("id", None),
        ("", None),
        ("title; DROP", None),
        ("title", "sideways"),
        ("title", ""),
    ):
        with pytest.raises(InvalidInput, match="undeclared"):
            SORTS.parse(key, direction)
    with pytest.raises(ConfigurationError):
        SortMap(columns={}, default="date", tie_break="post.id")


def test_filters_come_from_the_map_alone() -> None:
    filters = FilterMap({"tag": "tag.name"})
    assert filters.parse({"tag": "x"}) == (("tag.name", "x"),)
    with pytest.raises(InvalidInput, match="undeclared"):
        filters.parse({"author__password": "x"})


@pytest.mark.asvs("V1.4.2")
def test_pages_are_bounded() -> None:
    assert parse_page(None, size=8) == Page(1, 8)
    assert parse_page("3", size=8).offset == 16
    for raw in ("0", "-1", "10001", str(10**30), "x", "", "٣", "1\n"):
        with pytest.raises(InvalidInput):
            parse_page(raw, size=8)


def test_search_terms_are_bounded() -> None:
    assert parse_term(None) is None
    assert parse_term("  ") is None
    assert parse_term(" bread ") == "bread"
    for raw, code in (("x", "too_short"), ("x" * 101, "too_long"), ("a\x00b", "control_characters")):
        with pytest.raises(InvalidInput, match=code):
            parse_term(raw)


@given(st.text())
def test_escaped_like_patterns_mean_themselves(text: str) -> None:
    escaped = escape_like(text)
    assert escaped.replace("\\\\", "").replace("\\%", "").replace("\\_", "").count("%") == 0
    assert escape_like(r"100%_\x") == r"100\%\_\\x"


@pytest.mark.asvs("V3.7.2")
@pytest.mark.parametrize(
    "target",
    [None, "", "//evil", "/\\evil", "\\evil", "evil", "https://evil", "https:evil", "/a\nb", "/a\tb", "/%2f%2fx\\", "/\x7f",
     "/%09/evil", "/%5cevil", "x" * 2001, "/" + "x" * 2000, "/ evil", "/a?b=c d", "/%2F/evil", "/é\u2028"],
)  # fmt: skip
def test_targets_outside_the_site_land_on_the_default(target: str | None) -> None:
    assert safe_target(target, default="/home") == "/home"


@pytest.mark.parametrize("target", ["/", "/posts/1?x=1&y=%20#c", "/é", "/a?next=%2Fb"])
def test_targets_within_the_site_pass(target: str) -> None:
    assert safe_target(target, default="/home") == target


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
    assert (honest.verdict, honest.score, honest.reasons) == (Verdict.DELIVER, 0, ())
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
