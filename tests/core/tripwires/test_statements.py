"""Which values of a request count as evidence in statements, and which do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.tripwires import (
    QueryTripwire,
    Value,
    find_carried,
)
from bastide.core.tripwires.statements import MAX_KNOWN, MAX_KNOWN_LENGTH, MAX_SPLIT_LENGTH, MAX_TAGS_LENGTH
from support.leaky import STATEMENTS
from support.rows import rows


def carries(sql: str, *texts: str) -> bool:
    return find_carried(sql, [Value("query", text) for text in texts]) is not None


SELECT = "SELECT id, title FROM post WHERE "


@pytest.mark.asvs("V1.2.4")
@rows(
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
@rows(
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


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def tagged(sql: str, *, route: str = "notes/search", trace: str = TRACE, end: str = "") -> str:
    """Return the statement as OpenTelemetry hands it on."""
    tags = (
        f"controller='notes.list_all_of_them_now',db_driver='psycopg',route='/{route}',traceparent='{trace}'"
    )
    return f"{sql} /*{tags}*/{end}"


@pytest.mark.asvs("V1.2.4")
@rows(
    ("sql", "value"),
    [
        (tagged(f"{SELECT}id = ?"), "notes/search"),
        (tagged(f"{SELECT}id = ?"), "/notes/search"),
        (tagged(f"{SELECT}id = ?", end=";"), "notes/search"),
        (tagged(f"{SELECT}id = ?", end="; "), "notes/search"),
        (tagged(f"{SELECT}id = ?"), "notes.list_all_of_them_now"),
        (tagged(f"{SELECT}id = ?"), TRACE),
        (tagged(f"{SELECT}id = ?"), "4bf92f3577b34da6a3ce929d0e0e4736"),
        (tagged(f"{SELECT}id = ?"), "00-"),
        (tagged(tagged(f"{SELECT}id = ?"), route="about"), "notes/search"),
        (tagged(f"{SELECT}id = ?", route="a%%2Fb"), "a%2Fb"),
    ],
)
def test_names_of_routes_and_traces_behind_a_statement_are_none(sql: str, value: str) -> None:
    assert not carries(sql, value)


@pytest.mark.asvs("V1.2.4")
@rows(
    ("sql", "value"),
    [
        (tagged(f"{SELECT}id = 1 or 1=1"), "1 or 1=1"),
        (tagged(f"{SELECT}id = 1 or 1=1", end=";"), "1 or 1=1"),
        (tagged(f"{SELECT}path = 'notes/search'"), "notes/search"),
        (tagged(f"{SELECT}trace = '{TRACE}'"), TRACE),
        (f"{SELECT}trace = {TRACE}", "00-"),
        (tagged(f"{SELECT}id = ?") + " or 1=1", "or 1=1"),
        (tagged(f"{SELECT}id = ?") + " -- /notes/search", "notes/search"),
        (tagged(f"{SELECT}id = ?", route="x'*/ or 1=1 /*y='"), "x'*/ or 1=1 /*y='"),
        (tagged(f"{SELECT}id = ?", route="x*/ or 1=1 --"), "x*/ or 1=1 --"),
        (tagged(f"{SELECT}id = ?", trace="00-1 or 1=1"), "1 or 1=1"),
        (tagged(f"{SELECT}id = ?", trace="x/y"), "x/y"),
        (tagged(f"{SELECT}id = 1 or 1=1"), tagged("1 or 1=1")),
        (tagged(tagged(f"{SELECT}id = 1 or 1=1"), trace=TRACE.replace("f", "0")), tagged("1 or 1=1")),
        (f"{SELECT}id = 0 union select 1 /*route='a'*/", "0 union select 1 /*route='a'*/"),
        (f"{SELECT}id = ? /*baggage='a/b',route='c'*/", "a/b"),
        (f"{SELECT}id = ? /*my_route='a/b'*/", "a/b"),
        (f"/*route='a/b'*/ {SELECT}id = ?", "a/b"),
        (tagged(f"{SELECT}id = ?", route="a/b" * MAX_TAGS_LENGTH), "a/b"),
    ],
)
def test_what_stands_before_in_or_behind_such_a_comment_is_found(sql: str, value: str) -> None:
    assert carries(sql, value)


def test_a_trace_s_number_makes_no_other_statement() -> None:
    tripwire = QueryTripwire()
    sql = "SELECT title FROM post ORDER BY title DESC"
    assert tripwire.find(tagged(sql), []) is None
    other = tagged(sql, trace="00-00000000000000000000000000000001-0000000000000002-00", route="elsewhere")
    assert tripwire.is_constant(other)
    assert not tripwire.is_constant(other.replace("psycopg", "others"))
    assert not tripwire.is_constant(sql)


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
