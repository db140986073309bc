"""Attacks on views that forgot parameters and escaping: the tripwires stand behind them."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.instrumentation.sqlcommenter_utils import _add_sql_comment

from bastide import StatementRefused
from bastide.core.security_log import EventFilter, EventKind
from bastide.core.tripwires import TripwireTripped
from bastide.testing import FrozenClock, Tripped
from conftest import make_blog
from support.blog import Blog
from support.leaky import PAGES

Open = Callable[..., Blog]


@pytest.fixture
def leaky(framework: str, database_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Open]:
    """Open the blog with views that leak, under these settings of the tripwires."""
    undo = ExitStack()

    def start(**tripwires: str) -> Blog:
        if framework == "django":
            from support import django_blog

            django_blog.set_up()
            from django.test import override_settings

            undo.enter_context(override_settings(ROOT_URLCONF="support.leaky_urls"))
        settings = {"tripwires": tripwires}
        blog = make_blog(database_url, tmp_path, clock, framework=framework, settings=settings)
        undo.callback(blog.close)
        if framework == "flask":
            from support.leaky import flask_routes

            flask_routes(blog.application)
        author = blog.signed_in("maud", "author", "reader")
        blog.publish(author, "Green tea")
        blog.publish(author, "Black tea")
        return blog

    with undo:
        yield start


# The way that the view goes wrong, what somebody sends, whether the statement can run at all.
INJECTIONS = [
    ("literal", "x' OR '1'='1"), ("literal", "x' UNION SELECT password_hash FROM {users} --"), ("literal", "Green tea"),
    ("pattern", "%' OR 1=1 --"), ("pattern", "GREEN TEA"), ("number", "1 OR 1=1"), ("number", "0 OR id IN (1, 2)"),
    ("order", "(SELECT CASE WHEN 1=1 THEN title ELSE content END)"), ("order", "title DESC"), ("order", "title, id"),
    ("comment", "*/ SELECT email FROM {users} --"), ("by hand", "It's tea"), ("by hand", "Caf\u00e9 cr\u00e8me"),
    ("cut", "x' OR 'a' = 'a' OR title = 'some more' and more, which is cut off"), ("words", "green ')OR(1=1)--"),
    ("literal", "x\uff07 OR \uff071\uff07=\uff071"), ("literal", "3f1c2b04-9a51-4c3e-8f5e-0c1d2e3f4a5b"),
]  # fmt: skip


@pytest.mark.asvs("V1.2.4", "V16.3.3")
def test_values_in_the_text_of_statements_are_blocked_and_logged(leaky: Open, tripwires: Tripped) -> None:
    blog = leaky()
    users = "user_account" if blog.framework == "flask" else "blog_user"
    browser = blog.browser()
    before = blog.kinds().count("request:query:refused")
    with tripwires.expected() as tripped:
        for way, payload in INJECTIONS:
            answer = browser.get(f"/leaky/run/{way}", query_string={"v": payload.format(users=users)})
            assert answer.status_code == 400, (way, payload)
    assert len(tripped) == len(INJECTIONS)
    assert not any("tea" in message.splitlines()[0] for message in tripped)
    events = blog.rows("SELECT detail FROM bastide_event WHERE kind = 'request:query:refused'")
    assert [row[0] for row in events] == ['{"place": "query"}'] * len(INJECTIONS)
    assert before == 0
    assert browser.get("/").status_code == 200


@pytest.mark.asvs("V1.2.4")
@pytest.mark.parametrize(
    "sent",
    [
        {"query_string": {"v": "x' OR '1'='1"}},
        {"headers": {"X-Value": "x' OR '1'='1"}},
        {"environ": {"HTTP_COOKIE": r'v="x\047 OR \0471\047=\0471"'}},
        {"method": "POST", "data": {"v": "x' OR '1'='1"}},
        {"method": "POST", "json": {"v": "x' OR '1'='1"}},
        {
            "query_string": {"v": "x+ACc- OR +ACc-1+ACc-=+ACc-1"},
            "headers": {"Content-Type": "text/plain; charset=utf-7"},
        },
        {"method": "PUT", "data": {"v": "x' OR '1'='1"}},
        {"method": "POST", "json": {"v": "x' OR '1'='1"}, "headers": {"X-Stream": "1"}},
        {
            "method": "POST",
            "data": "{\"v\": \"x' OR '1'='1\"}",
            "headers": {"X-Stream": "1"},
            "content_type": "multipart/form-data; boundary=x",
        },
    ],
    ids=[
        "query",
        "header",
        "cookie",
        "form",
        "json",
        "charset",
        "form of another method",
        "stream",
        "stream as a form",
    ],
)
def test_wherever_the_value_came_from(leaky: Open, tripwires: Tripped, sent: dict[str, Any]) -> None:
    browser = leaky().browser()
    with tripwires.expected() as tripped:
        answer = browser.open(path="/leaky/run/literal", **{"method": "GET", **sent})
        assert answer.status_code == 400
    assert len(tripped) == 1


@pytest.mark.asvs("V1.2.4")
@pytest.mark.parametrize("driver", ["cursor", "orm", "raw"])
def test_whichever_way_the_statement_goes(leaky: Open, tripwires: Tripped, driver: str) -> None:
    browser = leaky().browser()
    with tripwires.expected():
        answer = browser.get(f"/leaky/run/number/{driver}", query_string={"v": "1 = 1 OR 2 > 1"})
        assert answer.status_code == 400


@pytest.mark.asvs("V1.2.4")
def test_in_tests_and_development_it_is_an_error(leaky: Open, tripwires: Tripped) -> None:
    browser = leaky(on_query="raise").browser()
    with tripwires.expected() as tripped:
        assert browser.get("/leaky/run/literal?v=Green tea").status_code == 500
    assert "carries a value of the request (query)" in tripped[0]
    assert "leaky" in tripped[0]


def test_turned_off_the_same_attacks_succeed(leaky: Open) -> None:
    browser = leaky(on_query="off").browser()
    answer = browser.get("/leaky/run/literal", query_string={"v": "x' OR '1'='1"})
    assert sorted(answer.get_json()["rows"]) == ["Black tea", "Green tea"]
    answer = browser.get("/leaky/run/number", query_string={"v": "1 OR 1=1"})
    assert len(answer.get_json()["rows"]) == 2
    answer = browser.get("/leaky/show/text", query_string={"v": "<script>alert(1)</script>"})
    assert "<script>alert(1)</script>" in answer.text


@pytest.mark.asvs("V1.2.4")
def test_words_and_numbers_that_change_nothing_pass(leaky: Open) -> None:
    browser = leaky().browser()
    for way, harmless in (
        ("order", "title"), ("number", "1"), ("number", "-1"), ("literal", "tea"), ("literal", "in-review"),
        ("literal", "2026-03-01"), ("comment", "select"),
    ):  # fmt: skip
        answer = browser.get(f"/leaky/run/{way}", query_string={"v": harmless})
        assert answer.status_code == 200, (way, harmless)


@pytest.mark.asvs("V1.2.4")
def test_collected_injections_reach_no_database(
    leaky: Open, tripwires: Tripped, corpora: dict[str, list[str]]
) -> None:
    browser = leaky().browser()
    collected = [text for text in corpora.get("patt_sqli", []) if {"=", "("} & set(text)][::9]
    with tripwires.expected():
        for payload in ["' OR 1=1 --", *(text for text in collected if len(text) > 2)]:
            for way in ("literal", "pattern", "number", "order"):
                answer = browser.get(f"/leaky/run/{way}", query_string={"v": payload})
                assert answer.status_code == 400, (way, payload)


@pytest.mark.asvs("V1.2.4")
@pytest.mark.parametrize("first", ["comments", "tripwire"])
def test_comments_of_tracing_are_no_values_and_hide_none(leaky: Open, tripwires: Tripped, first: str) -> None:
    blog, is_first = leaky(), first == "comments"
    browser, trace = blog.browser(), f"00-{'4bf92f3577b34da6' * 2}-00f067aa0ba902b7-01"
    with commented(blog, is_first=is_first, route="leaky/run/order", traceparent=trace) as seen:
        for _ in range(2):
            answer = browser.get(
                "/leaky/run/order?v=title",
                headers={"traceparent": trace, "X-B3-TraceId": trace.split("-")[1], "X-Original-URI": "/leaky/run/order"},
            )  # fmt: skip
            assert answer.status_code == 200
        assert seen[-1].endswith("*/")
        with tripwires.expected():
            for way, payload in INJECTIONS:
                for value in (payload, f"{payload} /*route='a',traceparent='{trace}'*/"):
                    answer = browser.get(f"/leaky/run/{way}", query_string={"v": value.format(users="post")})
                    assert answer.status_code == 400, (way, value, seen)
    if is_first:
        with commented(blog, is_first=True, baggage=trace), tripwires.expected():
            assert browser.get("/leaky/run/order?v=id", headers={"baggage": trace}).status_code == 400


@contextmanager
def commented(blog: Blog, *, is_first: bool, **tags: str) -> Iterator[list[str]]:
    """Let OpenTelemetry's own function write the tags behind each statement, before the tripwire or after it."""
    seen: list[str] = []

    def comment(sql: str) -> str:
        seen.append(_add_sql_comment(sql, **tags))
        return seen[-1]

    if blog.framework == "flask":
        from sqlalchemy import Engine, event

        def before(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> tuple[str, Any]:
            return comment(sql), parameters

        # What listens to the class is asked before what listens to an engine, whenever it came.
        engine: Any = Engine if is_first else blog.application.extensions["bastide"].engine
        listening = (engine, "before_cursor_execute", before)
        event.listen(*listening, retval=True)
        try:
            yield seen
        finally:
            event.remove(*listening)
    else:
        from django.db import connection

        def wrapper(execute: Any, sql: Any, *rest: Any) -> Any:
            return execute(comment(str(sql)), *rest)

        # The first of the list is asked first.
        wrappers = connection.execute_wrappers
        wrappers.insert(0 if is_first else len(wrappers), wrapper)
        try:
            yield seen
        finally:
            wrappers.remove(wrapper)


REFLECTIONS = [
    ("text", "<script>alert(1)</script>"), ("text", "<img src=x onerror=alert(1)>"), ("text", "<SVG/onload=alert(1)>"),
    ("text", '<a href="java\tscript:alert(1)">x</a>'), ("text", "<em>fine</em><iframe src=//evil.example>"),
    ("attribute", 'x" onfocus="alert(1)'), ("attribute", '"><b>bold'), ("unquoted", "x onfocus=alert(1)"),
    ("address", "javascript:alert(1)"), ("address", " jAvA\tScript:alert(1)"), ("address", "vbscript:msgbox"),
    ("script", '";alert(1)//'),
]  # fmt: skip


@pytest.mark.asvs("V1.2.1", "V1.2.3", "V1.3.1")
def test_markup_that_comes_back_is_an_error(
    leaky: Open, tripwires: Tripped, corpora: dict[str, list[str]]
) -> None:
    browser = leaky(on_reflection="raise").browser()
    collected = [text for text in corpora.get("patt_xss", []) if re.match(r"<\w", text) and " on" in text][
        ::20
    ]
    for way, payload in [*REFLECTIONS, *(("text", text) for text in collected)]:
        with tripwires.expected():
            answer = browser.get(f"/leaky/show/{way}", query_string={"v": payload})
            assert answer.status_code == 500, (way, payload)
            assert payload not in answer.text


@pytest.mark.asvs("V1.2.1")
def test_what_people_may_write_comes_back_unharmed(leaky: Open) -> None:
    browser = leaky(on_reflection="raise").browser()
    for way, harmless in (
        ("text", "<p>Some <em>fine</em> words</p>"), ("text", '<img src="https://example.org/x" alt="x">'),
        ("text", "a < b and c > d"), ("text", 'He said "so = so"'), ("attribute", "O'Brien & sons"),
        ("address", "https://example.org/?a=b"), ("script", "O Brien"),
    ):  # fmt: skip
        assert browser.get(f"/leaky/show/{way}", query_string={"v": harmless}).status_code == 200, harmless


def test_every_way_of_a_page_is_attacked() -> None:
    assert {way for way, _ in REFLECTIONS} == set(PAGES)


@pytest.mark.asvs("V1.2.4", "V16.3.3")
def test_what_streams_is_watched_to_the_last_chunk(leaky: Open, tripwires: Tripped) -> None:
    blog = leaky(on_query="block")
    browser = blog.browser()
    before = blog.kinds()
    for value in ("x' OR '1'='1", "Green tea"):
        with tripwires.expected(), pytest.raises(StatementRefused):
            browser.get("/leaky/stream", query_string={"v": value})
    assert blog.kinds()[len(before) :] == [EventKind.ACCESS_DENIED, EventKind.QUERY_REFUSED] * 2
    # Too short to be told from words of the application's own.
    answer = browser.get("/leaky/stream", query_string={"v": "x"})
    assert (answer.status_code, answer.text) == (200, "begun,")
    events, _ = blog.services.stores.events.list_events(EventFilter(), offset=0, limit=1)
    assert (events[0].kind, events[0].target) == (EventKind.ACCESS_DENIED, "stream")
    assert events[0].address == "203.0.113.7"


@pytest.mark.asvs("V16.2.1", "V16.3.3")
@pytest.mark.parametrize("on_query", ["block", "raise"])
def test_what_is_refused_names_its_request(
    leaky: Open, tripwires: Tripped, caplog: pytest.LogCaptureFixture, on_query: str
) -> None:
    blog = leaky(on_query=on_query)
    browser, value = blog.browser(), "x' OR '1'='1"
    with tripwires.expected():
        page = browser.get("/leaky/run/literal", query_string={"v": value})
        with pytest.raises((StatementRefused, TripwireTripped)):
            browser.get("/leaky/stream", query_string={"v": value})
    events, _ = blog.services.stores.events.list_events(EventFilter(), offset=0, limit=10)
    refused = [event for event in reversed(events) if event.kind == EventKind.QUERY_REFUSED]
    during, streamed = refused
    assert during.request_id in page.text
    assert during.route.endswith("run")
    (noted,) = [event for event in events if event.target == "stream"]
    assert (streamed.request_id, streamed.route) == (noted.request_id, noted.route)
    assert streamed.route.endswith("stream")
    assert streamed.request_id != during.request_id
    said = [record.getMessage() for record in caplog.records if record.name == "bastide.tripwires"]
    for event, line in zip(refused, said, strict=True):
        assert event.request_id in line
        assert event.route in line
