"""Which values of a request count as evidence, in statements and in pages, and which do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import StatementRefused, StoreUnavailable
from bastide.core.request import Exchange, Guard, Settings, check_reflection
from bastide.core.tripwires import (
    OnQuery,
    OnReflection,
    QueryTripwire,
    TripwireTripped,
    Value,
    body_values,
    environ_values,
    find_carried,
    find_reflected,
    pair_values,
)
from bastide.core.tripwires.statements import MAX_KNOWN, MAX_KNOWN_LENGTH, MAX_SPLIT_LENGTH
from bastide.testing import FrozenClock, Tripped
from support.blog import Outbox
from support.core import kinds, make
from support.leaky import STATEMENTS


def carries(sql: str, *texts: str) -> bool:
    return find_carried(sql, [Value("query", text) for text in texts]) is not None


def reflects(html: str, text: str) -> bool:
    return find_reflected(html, [Value("query", text)]) is not None


SELECT = "SELECT id, title FROM post WHERE "


@pytest.mark.asvs("V1.2.4")
@pytest.mark.parametrize(
    ("sql", "value"),
    [
        (f"{SELECT}title = 'x' OR '1'='1'", "x' OR '1'='1"),
        (f"{SELECT}id = 1 or  1=1", "1 OR 1=1"),
        (f"{SELECT}title = 'O''Brien'", "O'Brien"),
        (f"{SELECT}title = 'O\\'Brien'", "O'Brien"),
        (f"{SELECT}title LIKE '%%50%% off%%'", "50% off"),
        (f"{SELECT}title LIKE '%50\\% off%'", "50% off"),
        (f"{SELECT}title = 'green tea'", "Green\tTEA "),
        (f"{SELECT}title = 'café'", "Cafe\u0301"),
        (f"{SELECT}title = 'x' or 1=1", "x%27 or 1=1"),
        (f"{SELECT}title = 'x' or 1=1", "x%2527 or 1=1".replace("%25", "%")),
        (f"{SELECT}title = 'maud@example.org'", "maud@example.org"),
        (f"{SELECT}title = '3f1c2b04-9a51-4c3e-8f5e-0c1d2e3f4a5b'", "3f1c2b04-9a51-4c3e-8f5e-0c1d2e3f4a5b"),
        (f"{SELECT}id = 1 -- 3f1c2b049a514c3e8f5e0c1d", "3f1c2b049a514c3e8f5e0c1d"),
        (f"{SELECT}title = $x$3f1c2b049a514c3e8f5e0c1d$x$", "3f1c2b049a514c3e8f5e0c1d"),
        ("SELECT version()", "version()"),
        ("SELECT title FROM post ORDER BY title desc", "title desc"),
        ("SELECT title FROM post ORDER BY a--", "a--"),
        (f"{SELECT}a LIKE '%x%' AND a LIKE '%')or(1=1)--%'", "x ')OR(1=1)--"),
        (f"{SELECT}title = 'x' union select pass", "x' UNION SELECT password FROM account"),
    ],
)
def test_what_changes_a_statement_is_evidence(sql: str, value: str) -> None:
    assert carries(sql, value)


@pytest.mark.asvs("V1.2.4")
@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SELECT title FROM post ORDER BY title", "title"),
        ('SELECT "post"."title" FROM "post"', '"title"'),
        ('SELECT "post"."number_of_approved_comments"', "number_of_approved_comments"),
        ("SELECT post.title FROM post", "post.title"),
        ("SELECT title FROM post ORDER BY title", "select"),
        (f"{SELECT}state = 'in-review'", "in-review"),
        (f"{SELECT}state = 'approved'", "'approved'"),
        (f"{SELECT}state = 'approved' AND at > '2026-03-01'", "2026-03-01"),
        (f"{SELECT}id IN (1, 2, 3) LIMIT -1", "1, 2, 3"),
        (f"{SELECT}id = 1 LIMIT -1", "-1"),
        (f"{SELECT}id = ? AND title = ?", "?"),
        (f"{SELECT}id = ?", "x' OR 1=1"),
        (f"{SELECT}id = ?", ""),
        (f"{SELECT}state = 'approved' and id = ?", "it's 'best' and 'it' is approved"),
        (f"{SELECT}id = ?", "' " * MAX_SPLIT_LENGTH),
    ],
)
def test_the_applications_own_words_are_none(sql: str, value: str) -> None:
    assert not carries(sql, value)


@given(st.text(), st.text())
def test_parameters_never_are(name: str, text: str) -> None:
    """A statement with placeholders carries nothing that does not read like a statement itself."""
    assert not carries("SELECT a FROM b WHERE c = ? AND d = ?", f"\u2603{name}", f"\u2603{text}\u2603")


@given(st.text(alphabet="aB1 ='\"\\%(\té\uff07").map(lambda text: f"{text}=1=b"))
def test_whatever_is_written_into_a_statement_is(text: str) -> None:
    assert carries(f"SELECT a FROM b WHERE c = {text}", text)


@pytest.mark.asvs("V1.2.4")
def test_collected_injections_are_found_in_every_kind_of_statement(corpora: dict[str, list[str]]) -> None:
    collected = [text for text in corpora.get("patt_sqli", []) if {"=", "("} & set(text) and len(text) > 2]
    for payload in ["x' OR '1'='1", *collected]:
        for way in ("literal", "pattern", "number", "order", "comment"):
            assert carries(STATEMENTS[way](payload), payload), (way, payload)


def test_a_text_that_came_up_without_the_value_is_constant_from_then_on() -> None:
    tripwire = QueryTripwire()
    sql = "SELECT title FROM post ORDER BY title DESC"
    asked = [Value("query", "title desc")]
    assert tripwire.find(sql, asked) == asked[0]
    assert not tripwire.is_constant(sql)
    assert tripwire.find(sql, [Value("query", "down")]) is None
    assert tripwire.is_constant(sql)


def test_what_is_remembered_is_bounded() -> None:
    tripwire = QueryTripwire()
    assert tripwire.find("x" * (MAX_KNOWN_LENGTH + 1), []) is None
    assert not tripwire.is_constant("x" * (MAX_KNOWN_LENGTH + 1))
    for number in range(MAX_KNOWN + 1):
        tripwire.find(f"SELECT {number}", [])
    assert not tripwire.is_constant("SELECT 0")
    assert tripwire.is_constant(f"SELECT {MAX_KNOWN}")


@pytest.mark.asvs("V1.2.1", "V1.2.3")
@pytest.mark.parametrize(
    ("html", "value"),
    [
        ("<p><script>alert(1)</script></p>", "<script>alert(1)</script>"),
        ("<p><SCRIPT>ALERT(1)</SCRIPT></p>", "<script>alert(1)</script>"),
        ("<p><script>alert(1)", "<script>alert(1)</script> and more that was cut"),
        ("<p>x<em onclick=y>z</p>", "x<em onclick=y>z"),
        ('<a href="&#106;avascript:alert(1)">', '<a href="&#106;avascript:alert(1)">'),
        ("<!-- x --><!-- y -->", "<!-- x -->"),
        ('<input value="x" onfocus="y">', 'x" onfocus="y'),
        ("<input title='x' onfocus='y'>", "x' onfocus='y"),
        ("<input value=x onfocus=y>", "x onfocus=y"),
        ('<p>x" onfocus="y</p><input value="x" onfocus="y">', 'x" onfocus="y'),
        ('<a href="javascript:alert(1)">', "javascript:alert(1)"),
        ("<a href='java\tscript:alert(1)'>", " java\tscript:alert(1)"),
        ("<form action=javascript:alert(1)>", "javascript:alert(1)"),
        ('<script>x = "a";y()//"</script>', 'a";y()//'),
        ('<script type="module">x = "a";y()//"</script>', 'a";y()//'),
    ],
)
def test_markup_that_comes_back_is_evidence(html: str, value: str) -> None:
    assert reflects(html, value)


@pytest.mark.asvs("V1.2.1", "V1.2.3")
@pytest.mark.parametrize(
    ("html", "value"),
    [
        ("<p>&lt;script>alert(1)&lt;/script></p>", "<script>alert(1)</script>"),
        ("<p><em>fine</em></p>", "<em>fine</em>"),
        ('<img src="https://x.example/y" alt="z">', '<img src="https://x.example/y" alt="z">'),
        ("<script>own()</script><p>&lt;/script></p>", "</script>"),
        ("<!doctype html> <p>x</p>", "<!DOCTYPE html>\n<svg onload=x>"),
        ("<p>x</p>", "<svg onload=x></"),
        ("<form><button>Go</button></form>", "<form onclick=x></button></form>"),
        ("<p>a < b=c</p>", "a < b=c"),
        ('a < b "c=d"', 'a < b "c=d"'),
        ('<p>x" onfocus="y</p>', 'x" onfocus="y'),
        ("<input value=\"x' onfocus='y\">", "x' onfocus='y"),
        ('<p title="a">it\'s < b=c</p>', "it's < b=c"),
        ("<input value=a=b>", "a=b=c"[:3] + "=d"),
        ("<input value=abc=de>", "abc=de"),
        ("<p>javascript:alert(1)</p>", "javascript:alert(1)"),
        ("<p>x href=javascript:alert(1)</p>", "javascript:alert(1)"),
        ('<a href="https://x.example">', "https://x.example"),
        ('<a href="#">', "javascript:alert(1)"),
        ('<script type="application/json">"O\'Brien"</script>', "O'Brien"),
        ("<script>own()</script>say 'x'='y'", "'x'='y'"),
        ("<p>abc</p>", "<b"),
    ],
)
def test_what_is_escaped_or_allowed_is_none(html: str, value: str) -> None:
    assert not reflects(html, value)


def test_everything_that_a_request_carries_is_looked_at() -> None:
    environ = {
        "PATH_INFO": "/caf\xc3\xa9/x%y", "QUERY_STRING": "a=b%27&c", "HTTP_X_TENANT": "one", "HTTP_COOKIE": "d=e",
        "REMOTE_ADDR": "192.0.2.1",
    }  # fmt: skip
    values = list(environ_values(environ))
    assert values == [
        Value("path", ""), Value("path", "café"), Value("path", "x%y"), Value("path", "café/x%y"),
        Value("path", "x%y"), Value("query", "a"), Value("query", "b'"),
        Value("query", "c"), Value("query", ""), Value("header", "one"),
    ]  # fmt: skip
    assert list(environ_values({})) == [Value("path", "")]
    assert next(environ_values({"PATH_INFO": "é"})) == Value("path", "é")
    assert list(pair_values("form", [("n", "v")])) == [Value("form", "n"), Value("form", "v")]
    assert sorted(
        value.text for value in body_values(b'{"a": ["b", {"c": "d"}, 1, null], "e": true}')
    ) == list("abcde")
    assert list(body_values(b"a\xff")) == [Value("body", "a\ufffd")]
    assert list(body_values(b"[" * 100_000)) == [Value("body", "[" * 100_000)]


def test_statements_are_blocked_and_pages_left_alone_unless_the_settings_say_otherwise() -> None:
    assert Settings().tripwires.on_query is OnQuery.BLOCK
    assert Settings().tripwires.on_reflection is OnReflection.OFF
    raising = Settings.from_mapping({"tripwires": {"on_query": "raise", "on_reflection": "raise"}}).tripwires
    assert (raising.on_query, raising.on_reflection) == (OnQuery.RAISE, OnReflection.RAISE)


ASKED = [Value("query", "x' OR 1=1")]
CARRYING = f"{SELECT}title = 'x' OR 1=1"


def ask(clock: FrozenClock, on_query: str, cookies: str = "") -> tuple[Guard, Exchange]:
    services = make(clock, Outbox(), tripwires={"on_query": on_query})
    exchange = Exchange(
        services, scheme="https", host="blog.example", address="203.0.113.7", user_agent="", cookies=cookies
    )
    return Guard(services), exchange


@pytest.mark.asvs("V1.2.4", "V16.3.3")
def test_a_refused_statement_is_told_without_its_value(clock: FrozenClock, tripwires: Tripped) -> None:
    guard, exchange = ask(clock, "block")
    guard.check_statement(exchange, f"{SELECT}id = ?", ASKED)
    assert guard.is_constant(f"{SELECT}id = ?")
    with tripwires.expected() as tripped, pytest.raises(StatementRefused) as refused:
        guard.check_statement(exchange, CARRYING, ASKED)
    assert not guard.is_constant(CARRYING)
    assert refused.value.place == "query"
    assert kinds(exchange.services) == ["request:query:refused"]
    assert tripped[0].startswith("a statement carries a value of the request (query) in its text\nStack")


@pytest.mark.asvs("V16.5.3")
def test_it_is_refused_also_where_the_session_cannot_be_read(
    clock: FrozenClock, tripwires: Tripped, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise StoreUnavailable

    guard, exchange = ask(clock, "block", cookies="__Host-session=x")
    monkeypatch.setattr(exchange.services.sessions, "resume", gone)
    with tripwires.expected(), pytest.raises(StatementRefused):
        guard.check_statement(exchange, CARRYING, ASKED)
    assert kinds(exchange.services) == ["request:query:refused"]


def test_in_tests_both_are_errors(clock: FrozenClock, tripwires: Tripped) -> None:
    guard, exchange = ask(clock, "raise")
    with tripwires.expected(), pytest.raises(TripwireTripped):
        guard.check_statement(exchange, CARRYING, ASKED)
    markup = Value("form", "<script>alert(1)</script>")
    check_reflection("<p>&lt;script></p>", [markup])
    with tripwires.expected() as tripped, pytest.raises(TripwireTripped):
        check_reflection(f"<p>{markup.text}</p>", [markup])
    assert tripped == ["the page gives markup of the request (form) back unescaped"]
