"""One request and its answer: what is read and what is sent."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bastide.core.attempts import Rate
from bastide.core.foundation import (
    STRANGER,
    BastideError,
    Principal,
    Secret,
    TooManyRequests,
)
from bastide.core.http import (
    CLEAR_SITE_DATA,
    NO_STORE,
    VARY_COOKIE,
    Cookie,
    FormerCookie,
    FormerKind,
)
from bastide.core.security_log import EventKind
from bastide.core.sign_in import LoggedIn
from bastide.testing import FrozenClock
from support.house import House, signed_in

NOTED = Rate(name="note", limit=1, period=timedelta(hours=1))


def test_a_strangers_exchange_reads_nothing_and_sends_nothing(house: House) -> None:
    exchange = house.exchange("theme=dark")
    assert exchange.has_cookies
    assert not house.exchange().has_cookies
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


def test_pictures_that_no_page_shows_are_told_unless_the_page_lets_them_in(house: House) -> None:
    html = '<img src="/own.png"><img src="https://images.example.org/a.png">'
    exchange = house.exchange()
    assert exchange.hidden_images(html) == ("https://images.example.org/a.png",)
    widened = ("'self'", "https://images.example.org")
    assert exchange.hidden_images(html, img_src=widened) == ()
    exchange.csp_overrides["img-src"] = widened
    assert (
        "img-src 'self' https://images.example.org;"
        in dict(exchange.extra_headers(()))["Content-Security-Policy"]
    )
    house.services = replace(house.services, headers=None)
    assert house.exchange().hidden_images(html) == ()


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
    assert exchange.new_cookies == {"__Host-session": Cookie(Secret(""), 0)}
    assert exchange.cookie_headers() == [
        ("Set-Cookie", "__Host-session=; Max-Age=0; Secure; HttpOnly; Path=/; SameSite=Lax")
    ]
    assert CLEAR_SITE_DATA in exchange.extra_headers(())


def test_a_former_sign_in_goes_from_where_it_was_set_and_nobody_elses_cookie_does(house: House) -> None:
    former = FormerCookie(kind=FormerKind.DJANGO, name="theirs", path="/shop", domain="blog.example")
    house.services = replace(house.services, former_cookies=[former])
    exchange = house.exchange(f"theirs={'k3' * 16}; theme=dark")
    assert exchange.end_former_sign_in()
    assert exchange.cookie_headers() == [
        ("Set-Cookie", "theirs=; Max-Age=0; Domain=blog.example; Secure; HttpOnly; Path=/shop; SameSite=Lax")
    ]
    assert exchange.is_private
    other = house.exchange("theirs=dark")
    assert not other.end_former_sign_in()
    assert (other.new_cookies, other.is_private) == ({}, False)


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
    # A stranger's session comes with the first message and goes with the last: forms outlive it.
    same.save_state({"waiting": ["Sent."]})
    session = same.new_cookies["__Host-session"].value.reveal()
    later = house.exchange(f"__Host-visitor={visitor}; __Host-session={session}")
    assert later.active is not None
    house.services.csrf.verify_token(token, later.csrf_binding() or b"")
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


@pytest.mark.asvs("V16.2.1")
def test_whoever_asked_before_the_request_was_routed_leaves_no_event_without_a_route(house: House) -> None:
    exchange = house.exchange()
    assert exchange.client.route == ""
    exchange.route = "posts.edit"
    exchange.record(EventKind.UPLOAD_STORED)
    assert (house.heard[-1].route, house.heard[-1].request_id) == ("posts.edit", exchange.request_id)
