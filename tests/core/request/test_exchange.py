"""One request and its answer: what is read, what is sent, and the order of the checks."""

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bastide.core.access import PUBLIC, Audience, Has, Route, Rule, access_matrix
from bastide.core.attempts import ApiRateSettings, Draw, Lane, LaneKind, Rate, Reserved, Share, rate_headers
from bastide.core.foundation import (
    STRANGER,
    AccessDenied,
    BastideError,
    Client,
    ConfigurationError,
    DataRefused,
    DenialReason,
    Principal,
    Secret,
    StoreUnavailable,
    TokenRefused,
    TooManyRequests,
    VerificationFailed,
)
from bastide.core.http import (
    CLEAR_SITE_DATA,
    NO_STORE,
    VARY_COOKIE,
    Cookie,
    Proceed,
    RedirectToHttps,
    TransportRefused,
    find_cookie,
    format_cookie,
)
from bastide.core.records import NewAccount
from bastide.core.request import Exchange, ExchangeSink, Guard, Services, Settings, assemble
from bastide.core.request.guard import MAX_KNOWN_HOSTS
from bastide.core.security_log import Event, EventFilter, EventKind, Outcome
from bastide.core.sign_in import LoggedIn
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import CHEAP_HASHING, FIREFOX, Outbox

NOTED = Rate(name="note", limit=1, period=timedelta(hours=1))


class House:
    """The services of one application, and exchanges with it."""

    def __init__(self, clock: FrozenClock, **settings: dict[str, Any]) -> None:
        self.stores = memory_stores()
        self.heard: list[Event] = []
        self.current: Exchange | None = None
        transport = {
            "allowed_hosts": frozenset({"blog.example", "localhost"}),
            "plain_http_hosts": frozenset({"localhost"}),
        }
        csp = {"report_only": {"script-src": ("'self'",)}}
        sink = partial(
            ExchangeSink, units=self.stores.units, current=lambda: self.current, announce=self.heard.append
        )  # fmt: skip
        self.services: Services = assemble(
            settings=Settings.from_mapping({"hashing": CHEAP_HASHING, "transport": transport, "csp": csp, **settings}),
            stores=self.stores, secret_key=Secret("k" * 32), mailer=Outbox(), sink=sink, clock=clock,
            entropy=SeededEntropy(),
        )  # fmt: skip
        self.guard = Guard(self.services)

    def exchange(self, cookies: str = "", **facts: str) -> Exchange:
        known = {"scheme": "https", "host": "blog.example", "address": "203.0.113.7", "user_agent": FIREFOX}
        self.current = Exchange(self.services, cookies=cookies, **{**known, **facts})
        return self.current

    def kept(self) -> list[str]:
        events, _ = self.stores.events.list_events(EventFilter(), offset=0, limit=100)
        return [str(event.kind) for event in reversed(events)]


@pytest.fixture
def house(clock: FrozenClock) -> House:
    return House(clock)


def signed_in(house: House) -> str:
    """Return the Cookie header of somebody signed in."""
    client = Client(address="203.0.113.7", user_agent=FIREFOX)
    house.stores.accounts.define_roles({"reader": frozenset({"read"})})
    new = NewAccount(
        username="maud", username_key="maud", email="m@example.org", email_key="m@example.org",
        password_hash="x", roles=frozenset({"reader"}),
    )  # fmt: skip
    account_id = house.stores.accounts.add_account(new, ticket_digest=None, now=house.services.clock.now())
    session = house.services.sessions.start(Principal(account_id=account_id, name="maud"), client)
    return f"theme=dark; __Host-session={session.session_id.reveal()}; __Host-device=abc"


def test_cookies_are_found_by_their_whole_name_and_the_first_counts() -> None:
    header = 'a=1; __Host-session=one;__Host-session=two; b; c="x=y"'
    assert find_cookie(header, "__Host-session") == "one"
    assert find_cookie(header, "c") == '"x=y"'
    assert find_cookie(header, "b") is None
    assert find_cookie(header, "session") is None


@pytest.mark.asvs("V3.3.1", "V3.3.2", "V3.3.3", "V3.3.4")
def test_cookies_go_to_this_host_over_https_only() -> None:
    cookie = format_cookie("__Host-session", Cookie(Secret("v"), None))
    assert cookie == "__Host-session=v; Secure; HttpOnly; Path=/; SameSite=Lax"
    dropped = format_cookie("__Host-session", Cookie(Secret(""), 0))
    assert dropped == "__Host-session=; Max-Age=0; Secure; HttpOnly; Path=/; SameSite=Lax"


def test_a_strangers_exchange_reads_nothing_and_sends_nothing(house: House) -> None:
    exchange = house.exchange("theme=dark")
    assert exchange.principal is STRANGER
    assert not exchange.is_private
    names = [name for name, _ in exchange.extra_headers(())]
    assert "Strict-Transport-Security" in names
    assert "Content-Security-Policy-Report-Only" in names
    assert "Content-Security-Policy" in names
    assert "Cache-Control" not in names
    assert exchange.new_cookies == {}


def test_an_answer_keeps_what_the_view_said_and_says_the_rest_once(house: House) -> None:
    exchange = house.exchange()
    exchange.csp_overrides = {"img-src": ("'none'",)}
    extra = dict(exchange.extra_headers({"referrer-policy", "cache-control"}))
    assert "Referrer-Policy" not in extra
    assert "img-src 'none'" in extra["Content-Security-Policy"]
    assert "img-src 'none'" not in dict(house.exchange().extra_headers(()))["Content-Security-Policy"]


def test_a_nonce_is_drawn_once_and_makes_the_answer_private(house: House) -> None:
    exchange = house.exchange()
    nonce = exchange.nonce
    assert exchange.nonce == nonce
    extra = exchange.extra_headers(())
    assert f"'nonce-{nonce}'" in dict(extra)["Content-Security-Policy"]
    assert NO_STORE in extra
    assert VARY_COOKIE in extra


@pytest.mark.asvs("V14.3.1")
def test_signing_out_forgets_all_but_the_device(house: House) -> None:
    exchange = house.exchange(signed_in(house))
    assert exchange.active is not None
    exchange.sign_out()
    assert exchange.principal is STRANGER
    assert exchange.new_cookies["__Host-session"] == Cookie(Secret(""), 0)
    assert exchange.new_cookies["__Host-device"] == Cookie(Secret("abc"), 31_536_000)
    assert CLEAR_SITE_DATA in exchange.extra_headers(())
    stranger = house.exchange()
    stranger.sign_out()
    assert set(stranger.new_cookies) == {"__Host-session"}


def test_signing_in_adopts_the_session_and_drops_the_visitor(house: House) -> None:
    exchange = house.exchange()
    session = house.services.sessions.start(Principal(account_id=1, name="maud"), exchange.client)
    exchange.sign_in(LoggedIn(session, Secret("vouched")))
    assert exchange.principal.name == "maud"
    assert exchange.new_cookies == {
        "__Host-session": Cookie(session.session_id, None),
        "__Host-device": Cookie(Secret("vouched"), 31_536_000),
        "__Host-visitor": Cookie(Secret(""), 0),
    }


def test_an_unknown_id_is_logged_and_left_for_the_answer_that_replaced_it(house: House) -> None:
    exchange = house.exchange("__Host-session=nonsense")
    assert exchange.active is None
    assert exchange.new_cookies == {}
    assert [event.kind for event in exchange.events] == [EventKind.SESSION_REFUSED]


def test_a_session_past_its_limit_takes_its_cookie_along(house: House, clock: FrozenClock) -> None:
    cookie = signed_in(house)
    clock.advance(timedelta(hours=12))
    exchange = house.exchange(cookie)
    assert exchange.active is None
    assert exchange.new_cookies == {"__Host-session": Cookie(Secret(""), 0)}


def test_events_wait_for_the_end_of_the_exchange(house: House) -> None:
    exchange = house.exchange()
    exchange.record(EventKind.CONTENT_MODERATED, target="comment:1")
    assert house.kept() == []
    assert [event.kind for event in house.heard] == [EventKind.CONTENT_MODERATED]
    exchange.keep_events()
    assert house.kept() == ["content:moderation:decided"]
    house.current = None
    house.services.recorder.record(EventKind.UNLOCKED, Outcome.SUCCESS, Client())
    assert house.kept() == ["content:moderation:decided", "account:lock:lifted"]


def test_a_log_that_is_away_breaks_no_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = house.exchange()
    exchange.record(EventKind.UNLOCKED)

    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(house.stores.events, "append_event", away)
    exchange.keep_events()


def test_a_rate_counts_by_account_or_by_network(house: House) -> None:
    house.exchange(address="2001:db8::1").draw_rate(NOTED)
    with pytest.raises(TooManyRequests) as refused:
        house.exchange(address="2001:db8::2").draw_rate(NOTED)
    assert refused.value.retry_after == timedelta(hours=1)
    cookies = signed_in(house)
    house.exchange(cookies).draw_rate(NOTED)
    with pytest.raises(TooManyRequests):
        house.exchange(cookies, address="198.51.100.1").draw_rate(NOTED)


def test_state_is_kept_with_the_session_and_makes_one_for_a_stranger(house: House) -> None:
    exchange = house.exchange()
    assert exchange.read_state() == {}
    exchange.save_state({})
    assert exchange.active is None
    exchange.save_state({"seen": [1]})
    active = exchange.active
    assert active is not None
    again = house.exchange(f"__Host-session={active.session_id.reveal()}")
    assert again.read_state() == {"seen": [1]}
    again.save_state({"seen": [2]})
    with pytest.raises(BastideError):
        again.save_state({"seen": "x" * 20_000})
    stored = house.stores.sessions.load_session(active.digest)
    assert stored is not None
    assert json.loads(stored.state) == {"seen": [2]}


def test_what_a_request_kept_first_and_took_back_then_is_gone(house: House) -> None:
    exchange = house.exchange()
    exchange.save_state({"seen": 1})
    active = exchange.active
    assert active is not None
    exchange.save_state({"seen": 1, "draft": "x"})
    assert exchange.read_state() == {"seen": 1, "draft": "x"}
    house.stores.sessions.save_session_state(
        active.digest, '{"seen":1,"draft":"x","other":2}', previous='{"seen":1,"draft":"x"}'
    )
    exchange.save_state({"seen": 1})
    stored = house.stores.sessions.load_session(active.digest)
    assert stored is not None
    assert json.loads(stored.state) == {"seen": 1, "other": 2}


def test_the_oldest_messages_make_room_and_nothing_else_does(house: House) -> None:
    exchange = house.exchange()
    values = {"seen": 1, "waiting": ["a" * 9_000, "b" * 9_000, "c" * 7_000]}

    def drop_oldest(fitting: dict[str, Any]) -> bool:
        waiting, fitting["waiting"] = fitting["waiting"], fitting["waiting"][1:]
        return bool(waiting)

    exchange.save_state(values, drop_oldest=drop_oldest)
    active = exchange.active
    assert active is not None
    stored = house.stores.sessions.load_session(active.digest)
    assert stored is not None
    assert json.loads(stored.state) == {"seen": 1, "waiting": ["b" * 9_000, "c" * 7_000]}
    with pytest.raises(BastideError):
        exchange.save_state({**values, "seen": "x" * 17_000}, drop_oldest=drop_oldest)
    assert house.stores.sessions.load_session(active.digest) == stored


def test_tokens_are_bound_to_the_session_or_to_a_visitor(house: House) -> None:
    stranger = house.exchange()
    token = stranger.csrf_token()
    visitor = stranger.new_cookies["__Host-visitor"].value.reveal()
    assert stranger.csrf_token() != token
    assert stranger.new_cookies["__Host-visitor"].value.reveal() == visitor
    same = house.exchange(f"__Host-visitor={visitor}")
    house.services.csrf.verify_token(token, same.csrf_binding() or b"")
    person = house.exchange(signed_in(house))
    assert (person.csrf_binding() or b"").startswith(b"session:")


def test_a_marked_session_goes_on_under_a_new_id_unless_somebody_was_faster(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookies = signed_in(house)
    sessions = house.stores.sessions
    load = sessions.load_session

    def marked(digest: bytes) -> object:
        stored = load(digest)
        return None if stored is None else stored._replace(must_rotate=True)

    monkeypatch.setattr(sessions, "load_session", marked)
    exchange = house.exchange(cookies)
    assert exchange.active is not None
    assert exchange.new_cookies["__Host-session"].value == exchange.active.session_id
    again = house.exchange(f"__Host-session={exchange.active.session_id.reveal()}")
    monkeypatch.setattr(sessions, "rotate_session", lambda *_, **__: False)
    assert again.active is not None
    assert again.new_cookies == {}


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


def test_the_guard_asks_the_rule(house: House) -> None:
    exchange = house.exchange()
    house.guard.check_rule(exchange, PUBLIC)
    assert exchange.rule is PUBLIC
    with pytest.raises(AccessDenied) as denied:
        house.guard.check_rule(exchange, Rule())
    assert denied.value.decision.reason is DenialReason.SIGN_IN_REQUIRED
    house.guard.check_rule(house.exchange(signed_in(house)), Rule())


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


@pytest.mark.asvs("V8.1.1")
def test_the_matrix_names_every_route_and_every_role() -> None:
    routes = [
        Route("/b", ("POST",), Rule(policy=Has("write"))),
        Route("/a", ("GET", "POST"), Rule(permission="write")),
        Route("/", ("GET",), PUBLIC),
    ]
    assert access_matrix(routes, {"author": frozenset({"write"})}) == [
        f"GET       {'/':<45} [everybody] stranger=allow author=allow",
        f"GET,POST  {'/a':<45} [signed_in, has write] stranger=deny author=allow",
        f"POST      {'/b':<45} [signed_in, passes has(write)] stranger=deny author=object",
    ]


def test_errors_say_what_they_are() -> None:
    assert str(DataRefused(is_conflict=True)) == "conflict"
    assert str(DataRefused(is_conflict=False)) == "bad data"


def test_inside_a_unit_an_event_is_kept_with_it_and_told_afterwards(house: House) -> None:
    exchange = house.exchange()
    with house.stores.units():
        exchange.record(EventKind.LOGOUT)
        assert (house.kept(), house.heard) == (["account:logout:success"], [])
    assert [event.kind for event in house.heard] == [EventKind.LOGOUT]
    assert exchange.events == []


API = Rule(permission="read", is_api=True, takes_tokens=True)


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
    asked.record(EventKind.CONTENT_MODERATED)
    assert house.heard[-1].actor == "1"
    assert house.heard[-1].detail["token"] == header[11:22]


def token_of(house: House) -> str:
    account = house.stores.accounts.find_account("maud")
    assert account is not None
    client = Client(address="203.0.113.7", user_agent=FIREFOX)
    principal = Principal(account_id=account.id, name="maud", permissions=frozenset({"read"}))
    session = house.services.sessions.start(principal, client)
    issued = house.services.api_tokens.issue(session, account, client, name="t", scopes=frozenset({"read"}))
    assert issued is not None
    return issued.text.reveal()


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


def test_the_headers_of_a_rate_are_whole_seconds(house: House) -> None:
    now, rate = house.services.clock.now(), Rate(name="r", limit=3, period=timedelta(seconds=1.5))
    lane = Lane(kind=LaneKind.RATE, subject="r:x", limit=3, period=rate.period)
    drawn = Reserved.of([Draw(lane, 1, now + timedelta(milliseconds=1))])
    assert rate_headers([Share(rate, "x")], drawn, now=now) == [
        ("RateLimit-Policy", '"r";q=3;w=2'),
        ("RateLimit", '"r";r=2;t=1'),
    ]
    assert rate_headers([Share(rate, "x")], Reserved(()), now=now) == []


@pytest.mark.asvs("V2.4.1")
def test_a_call_draws_from_token_and_account_or_from_the_network() -> None:
    rates = ApiRateSettings(token_limit=2, account_limit=5, network_limit=3, period=timedelta(minutes=1))

    def drawn(*caller: Any) -> list[tuple[str, int, str]]:
        return [(rate.name, rate.limit, subject) for rate, subject in rates.shares_of(*caller)]

    assert drawn("t1", 7, "203.0.113.1") == [("api-token", 2, "t1"), ("api-account", 5, "account:7")]
    assert drawn("", 7, "203.0.113.1") == [("api-account", 5, "account:7")]
    assert drawn("", None, "2001:db8::1") == [("api-network", 3, "2001:db8::/64")]


@pytest.mark.parametrize(
    "values",
    [
        {"token_limit": 0},
        {"token_limit": 5, "account_limit": 4},
        {"network_limit": 0},
        {"period": timedelta()},
    ],
)
def test_api_rates_that_mean_nothing_stop_the_start(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        ApiRateSettings(**values)


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
