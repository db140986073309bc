"""The order of the checks on a request, and what each refuses."""

from datetime import timedelta

import pytest

from bastide.core.access import PROBE, PUBLIC, STATIC, Audience, Rule
from bastide.core.attempts import Rate
from bastide.core.foundation import (
    STRANGER,
    AccessDenied,
    DenialReason,
    Denied,
    Secret,
    StatementRefused,
    StoreUnavailable,
    TokenRefused,
    TooManyRequests,
    VerificationFailed,
)
from bastide.core.http import NO_STORE, VARY_COOKIE, Cookie, Proceed, RedirectToHttps, TransportRefused
from bastide.core.request import Exchange, Guard, check_reflection, refuse_object
from bastide.core.request.guard import MAX_KNOWN_HOSTS
from bastide.core.security_log import EventKind
from bastide.core.tripwires import TripwireTripped, Value
from bastide.testing import FrozenClock, Tripped
from support.blog import Outbox
from support.core import kinds, make
from support.house import API, House, signed_in, token_of


def test_the_guard_remembers_hosts_that_passed_within_bounds(house: House) -> None:
    asked: list[str] = []

    def path() -> str:
        asked.append("path")
        return "/a?b=c"

    def check(method: str = "GET", **facts: str) -> object:
        return house.guard.check_transport(
            house.exchange(**facts), method=method, path="/a", path_and_query=path, rule=lambda: None
        )

    assert check() == Proceed()
    assert check() == Proceed()
    assert len(asked) == 1
    assert check(scheme="http") == RedirectToHttps("https://blog.example/a?b=c")
    assert check("POST", scheme="http") == TransportRefused("plain_http")
    assert check(host="evil.example") == TransportRefused("host")
    assert [event.kind for event in house.heard] == [EventKind.TRANSPORT_REFUSED, EventKind.HOST_REFUSED]
    for port in range(1, MAX_KNOWN_HOSTS + 2):
        assert check(host=f"localhost:{port}") == Proceed()
    before = len(asked)
    assert check(host=f"localhost:{MAX_KNOWN_HOSTS + 1}") == Proceed()
    assert len(asked) == before + 1


def test_health_checks_pass_under_every_host_and_in_clear_and_nothing_else_does(house: House) -> None:
    def check(rule: Rule | None, **facts: str) -> object:
        return house.guard.check_transport(
            house.exchange(**facts),
            method="GET",
            path="/healthz",
            path_and_query=lambda: "/healthz",
            rule=lambda: rule,
        )

    odd = (
        {"host": "10.0.0.7:8000"},
        {"scheme": "http"},
        {"host": ""},
        {"host": "10.0.0.7", "scheme": "http"},
    )
    for facts in odd:
        assert check(PROBE, **facts) == Proceed()
    assert house.heard == []
    for rule in (PUBLIC, None):
        assert check(rule, **odd[0]) == TransportRefused("host")
        assert check(rule, **odd[1]) == RedirectToHttps("https://blog.example/healthz")
    assert check(PUBLIC, **odd[0]) == TransportRefused("host"), (
        "no host is remembered for a health check's sake"
    )


def test_requests_without_an_address_are_named_once_for_each_host(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    def check(**facts: str) -> object:
        exchange = house.exchange(**facts)
        return house.guard.check_transport(
            exchange, method="GET", path="/", path_and_query=lambda: "/", rule=lambda: None
        )

    assert check() == Proceed()
    assert caplog.messages == []
    for _ in range(2):
        assert check(host="localhost", address="") == Proceed()
    (message,) = caplog.messages
    assert message.startswith("requests for localhost come without an address")
    assert "transport.proxies" in message


def test_the_guard_asks_the_rule(house: House) -> None:
    exchange = house.exchange()
    house.guard.check_rule(exchange, PUBLIC)
    assert exchange.rule is PUBLIC
    with pytest.raises(AccessDenied) as denied:
        house.guard.check_rule(exchange, Rule())
    assert denied.value.decision.reason is DenialReason.SIGN_IN_REQUIRED
    house.guard.check_rule(house.exchange(signed_in(house)), Rule())


@pytest.mark.asvs("V8.2.2", "V16.3.2")
def test_a_hidden_object_is_recorded_and_left_to_be_answered_as_one_that_is_not_there(house: House) -> None:
    exchange = house.exchange()
    refuse_object(exchange, Denied(DenialReason.HIDDEN), target="post:1")
    exchange.keep_events()
    assert house.kept() == ["access:check:denied"]
    for reason in set(DenialReason) - {DenialReason.HIDDEN}:
        with pytest.raises(AccessDenied) as denied:
            refuse_object(exchange, Denied(reason), target="post:1")
        assert (denied.value.decision.reason, denied.value.target) == (reason, "post:1")
    exchange.keep_events()
    assert house.kept() == ["access:check:denied"]


@pytest.mark.asvs("V3.5.1")
def test_the_guard_wants_an_origin_a_binding_and_a_token(house: House) -> None:
    def check(exchange: Exchange, method: str, token: str = "", **sent: str) -> str:
        referer, fetch_site = sent.get("referer"), sent.get("fetch_site")
        try:
            house.guard.check_forgery(
                exchange, method=method, referer=referer, fetch_site=fetch_site, token=lambda: token
            )
        except VerificationFailed as error:
            return error.reason
        return ""

    stranger = house.exchange()
    assert check(stranger, "GET") == ""
    assert check(stranger, "POST") == "csrf_no_binding"
    token = stranger.csrf_token()
    assert check(stranger, "POST", token) == ""
    assert check(stranger, "POST", token, referer="https://blog.example/own", fetch_site="same-origin") == ""
    assert check(stranger, "POST", token, referer="https://evil.example/") == "foreign_referer"
    assert check(stranger, "POST", token, fetch_site="cross-site") == "cross_site"
    assert check(stranger, "POST") == "csrf_missing"
    cookies = f"__Host-visitor={stranger.new_cookies['__Host-visitor'].value.reveal()}"
    assert check(house.exchange(cookies, origin="https://blog.example"), "POST", token) == ""
    assert check(house.exchange(cookies, origin="https://evil.example"), "POST", token) == "foreign_origin"


@pytest.mark.asvs("V3.5.1")
def test_a_token_that_lets_nobody_in_excuses_nothing(house: House) -> None:
    cookies = signed_in(house)
    for shown in ("x", token_of(house)):
        page = house.exchange(cookies, authorization=f"Bearer {shown}")
        house.guard.check_rule(page, PUBLIC)
        with pytest.raises(VerificationFailed) as refused:
            house.guard.check_forgery(page, method="POST", referer=None, fetch_site=None, token=lambda: "")
        assert refused.value.reason == "csrf_no_binding"


@pytest.mark.asvs("V3.5.1")
def test_without_a_token_the_origin_still_decides(house: House) -> None:
    def check(fetch_site: str) -> None:
        house.guard.check_forgery(
            house.exchange(), method="POST", referer=None, fetch_site=fetch_site, token=None
        )

    check("same-origin")
    with pytest.raises(VerificationFailed) as refused:
        check("cross-site")
    assert refused.value.reason == "cross_site"


@pytest.mark.asvs("V3.5.1")
def test_a_token_speaks_where_the_rule_takes_it_and_nowhere_else(house: House) -> None:
    cookies = f"__Host-visitor=x; {signed_in(house)}"
    header = f"Bearer {token_of(house)}"
    page = house.exchange(cookies, authorization=header)
    with pytest.raises(AccessDenied) as denied:
        house.guard.check_rule(page, Rule())
    assert denied.value.decision.reason is DenialReason.SIGN_IN_REQUIRED
    assert (page.principal, page.is_by_token, page.is_private) == (STRANGER, False, True)
    asked = house.exchange(cookies, authorization=header)
    house.guard.check_rule(asked, API)
    assert asked.is_by_token
    assert (asked.principal.name, asked.active) == ("maud", None)
    house.guard.check_forgery(asked, method="POST", referer=None, fetch_site=None, token=lambda: "")
    asked.save_state({"never": "kept"})
    asked.send_cookie("x", Cookie(Secret("v"), None))
    assert asked.new_cookies == {}
    asked.record(EventKind.UPLOAD_STORED)
    assert house.heard[-1].actor == "1"
    assert house.heard[-1].detail["token"] == header[11:22]


def test_a_request_without_a_token_is_what_it_was(house: House) -> None:
    with pytest.raises(AccessDenied):
        house.guard.check_rule(house.exchange(), API)
    with pytest.raises(TokenRefused):
        house.guard.check_rule(house.exchange(authorization="Bearer wrong"), API)
    asked = house.exchange(signed_in(house), authorization="Basic YTpi")
    house.guard.check_rule(asked, API)
    assert (asked.principal.name, asked.is_by_token) == ("maud", False)


@pytest.mark.asvs("V14.2.1", "V4.1.2")
def test_a_token_in_the_address_or_in_clear_is_dead(house: House) -> None:
    signed_in(house)

    def check(rule: Rule | None, method: str = "GET", path: str = "/api", **facts: str) -> object:
        exchange = house.exchange(**facts)
        return house.guard.check_transport(
            exchange, method=method, path=path, path_and_query=lambda: "/api", rule=lambda: rule
        )

    text = token_of(house)
    assert check(API, query=f"access_token={text}") == TransportRefused("token_in_query")
    assert house.heard[-1].kind is EventKind.TOKEN_EXPOSED
    with pytest.raises(TokenRefused):
        house.guard.check_rule(house.exchange(authorization=f"Bearer {text}"), API)
    assert check(API, scheme="http") == TransportRefused("plain_http")
    for page in (Rule(), None):
        assert check(page, scheme="http") == RedirectToHttps("https://blog.example/api")
    assert check(None, path="/api/nothing", scheme="http") == TransportRefused("plain_http")
    text = token_of(house)
    assert check(API, scheme="http", authorization=f"Bearer {text}") == TransportRefused("plain_http")
    assert [event.kind for event in house.heard[-2:]] == [
        EventKind.TRANSPORT_REFUSED,
        EventKind.TOKEN_EXPOSED,
    ]
    assert check(API, host="evil.example", authorization=f"Bearer {token_of(house)}") == TransportRefused(
        "host"
    )
    assert house.heard[-1].kind is EventKind.HOST_REFUSED


@pytest.mark.asvs("V3.4.2")
def test_other_origins_are_answered_where_tokens_are_taken_only(clock: FrozenClock) -> None:
    origin = "https://app.example"
    house = House(clock, cors={"origins": frozenset({origin})})

    def ask(rule: Rule | None) -> object:
        exchange = house.exchange(origin=origin)
        found = house.guard.answer_preflight(exchange, rule, method="GET", headers=None)
        named = [value for name, value in exchange.extra_headers(()) if name == "Access-Control-Allow-Origin"]
        return found is not None, named

    assert ask(API) == (True, [origin])
    for closed in (None, PUBLIC, Rule(is_api=True)):
        assert ask(closed) == (False, [])


@pytest.mark.asvs("V2.4.1")
def test_an_api_tells_how_often_it_may_be_asked(house: House) -> None:
    page, call = house.exchange(), house.exchange()
    house.guard.check_rule(page, PUBLIC)
    house.guard.check_rule(call, Rule(audience=Audience.EVERYBODY, is_api=True))
    twice = Rate(name="twice", limit=2, period=timedelta(minutes=1))
    page.draw_rate(twice)
    assert not any(name.startswith("RateLimit") for name, _ in page.extra_headers(()))
    call.draw_rate(twice)
    told = [("RateLimit-Policy", '"twice";q=2;w=60'), ("RateLimit", '"twice";r=0;t=60')]
    assert call.extra_headers(())[-2:] == told
    with pytest.raises(TooManyRequests):
        call.draw_rate(twice)
    assert call.extra_headers(())[-2:] == told


@pytest.mark.asvs("V2.4.1")
def test_calls_are_counted_before_the_rule_decides(house: House) -> None:
    rule = Rule(audience=Audience.SIGNED_IN, is_api=True, takes_tokens=True)
    limit = house.services.settings.api_rates.network_limit
    for _ in range(limit):
        with pytest.raises(AccessDenied):
            house.guard.check_rule(house.exchange(address="203.0.113.9"), rule)
    for authorization in ("", "Bearer bst_x"):
        refused = house.exchange(address="203.0.113.9", authorization=authorization)
        with pytest.raises(TooManyRequests):
            house.guard.check_rule(refused, rule)
        assert ("RateLimit-Policy", f'"api-network";q={limit};w=3600') in refused.extra_headers(())
    with pytest.raises(AccessDenied):
        house.guard.check_rule(house.exchange(address="203.0.113.10"), rule)
    pages = Rule(audience=Audience.SIGNED_IN, is_api=True)
    with pytest.raises(AccessDenied):
        house.guard.check_rule(house.exchange(address="203.0.113.9"), pages)


def test_only_who_is_signed_in_is_shown_what_is_sealed(house: House) -> None:
    for act in (house.exchange().note_reveal, house.exchange().note_change):
        with pytest.raises(AccessDenied):
            act("number")
    exchange = house.exchange(signed_in(house))
    exchange.note_reveal("number")
    with exchange.note_change("number"):
        pass
    assert [event.kind for event in house.heard] == [EventKind.VALUE_REVEALED, EventKind.VALUE_CHANGED]


SELECT = "SELECT id, title FROM post WHERE "
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
    told = f"a statement carries a value of the request (query) in its text; request {exchange.request_id}"
    assert tripped[0].startswith(f"{told}, route -\nStack")


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
    exchange.route = "post"
    check_reflection(exchange, "<p>&lt;script></p>", [markup])
    with tripwires.expected() as tripped, pytest.raises(TripwireTripped):
        check_reflection(exchange, f"<p>{markup.text}</p>", [markup])
    told = "the page gives markup of the request (form) back unescaped"
    assert tripped == [f"{told}; request {exchange.request_id}, route post"]


def test_what_is_the_same_for_everybody_is_private_only_where_the_session_was_read(house: House) -> None:
    cookies = signed_in(house)
    exchange = house.exchange(cookies)
    house.guard.check_rule(exchange, STATIC)
    assert not {NO_STORE, VARY_COOKIE} & set(exchange.extra_headers({"cache-control"}))
    assert exchange.principal.name == "maud"
    assert {NO_STORE, VARY_COOKIE} <= set(exchange.extra_headers({"cache-control"}))
    page = house.exchange(cookies)
    house.guard.check_rule(page, PUBLIC)
    assert NO_STORE in page.extra_headers({"cache-control"})
