"""Attacks on the second factor: guessing it, using it twice, walking around it."""

import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from bastide.testing import FrozenClock
from conftest import make_blog
from support.at_once import Visit, post_at_once
from support.blog import PASSWORD, Blog, Browser, links_in
from support.factors import code_of, enrol, half_way
from support.tools import find_tool

pytestmark = pytest.mark.own_factors

WRONG = "wrong password number one"


def show(browser: Browser, code: str) -> int:
    return browser.post("/account/second-factor", {"code": code, "next": ""}).status_code


@pytest.mark.profiles("factors.drift_steps", "factors.is_required")
def test_a_code_of_the_authenticator_or_a_backup_code_finishes_a_sign_in(blog: Blog) -> None:
    key, codes = enrol(blog, blog.signed_in("maud"))
    first, second = half_way(blog), half_way(blog)
    assert show(first, code_of(key, blog)) == 303
    assert show(second, codes[0].upper().replace("-", " ")) == 303
    assert [browser.get("/account").status_code for browser in (first, second)] == [200, 200]
    assert "account:factor:success" in blog.kinds()


@pytest.mark.profiles("factors.drift_steps")
def test_an_independent_authenticator_shows_the_same_codes(blog: Blog) -> None:
    oathtool = find_tool("oathtool", package="oathtool")
    key, _ = enrol(blog, blog.signed_in("maud"))
    shown = subprocess.run(  # noqa: S603 -- arguments of the test's own
        [oathtool, "--totp", "--base32", f"--now={blog.clock.now():%Y-%m-%d %H:%M:%S UTC}", key],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert show(half_way(blog), shown.stdout.strip()) == 303


@pytest.mark.profiles("factors.drift_steps")
@pytest.mark.asvs("V6.5.1")
def test_no_code_works_twice(blog: Blog) -> None:
    key, codes = enrol(blog, blog.signed_in("maud"))
    code = code_of(key, blog)
    assert show(half_way(blog), code) == 303
    assert show(half_way(blog), code) == 403
    assert show(half_way(blog), codes[3]) == 303
    assert show(half_way(blog), codes[3]) == 403
    # A code of the step before the used one stays dead, and so does everything when the clock goes back.
    blog.clock.advance(timedelta(seconds=60))
    assert show(half_way(blog), code_of(key, blog)) == 303
    assert show(half_way(blog), code_of(key, blog, steps=-1)) == 403
    blog.clock.advance(-timedelta(seconds=30))
    assert show(half_way(blog), code_of(key, blog)) == 403


@pytest.mark.profiles("factors.drift_steps")
@pytest.mark.asvs("V6.3.1")
def test_a_known_password_buys_no_more_guesses(blog: Blog) -> None:
    """The budget is not given back by the password half; every way in draws from the same lanes."""
    key, codes = enrol(blog, blog.signed_in("maud"))
    answers = []
    for number in range(12):
        attacker = blog.browser(address=f"198.51.100.{number}")
        if attacker.sign_in("maud").headers.get("Location") != "/account/second-factor":
            answers.append(429)
            continue
        answers += [show(attacker, "000000"), show(attacker, "aaaa-bbbb-cccc-dddd")]
    assert blog.kinds().count("account:factor:failure") <= 5
    assert answers.count(403) <= 5
    assert 429 in answers
    assert show(half_way_or_locked(blog), code_of(key, blog)) in {303, 429}
    assert codes


def half_way_or_locked(blog: Blog) -> Browser:
    blog.clock.advance(timedelta(minutes=15))
    return half_way(blog)


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V7.2.4", "V8.2.1")
def test_a_half_authenticated_session_reaches_nothing(blog: Blog) -> None:
    enrol(blog, blog.signed_in("maud", "administrator"))
    half, stranger = half_way(blog), blog.browser()
    for path in (
        "/account",
        "/account/password",
        "/account/devices",
        "/account/factors",
        "/admin",
        "/posts/new",
    ):
        seen, known = half.get(path), stranger.get(path)
        assert (seen.status_code, seen.headers.get("Location")) == (
            known.status_code,
            known.headers.get("Location"),
        )
    assert (
        half.post("/account/factors", {"action": "remove"}).status_code
        == stranger.post("/account/factors", {"action": "remove"}).status_code
    )
    assert half.get("/account/second-factor").status_code == 200
    assert stranger.get("/account/second-factor").headers["Location"] == "/account/sign-in"
    blog.clock.advance(timedelta(minutes=10))
    assert half.get("/account/second-factor").headers["Location"] == "/account/sign-in"


@pytest.mark.asvs("V7.2.4")
def test_the_id_changes_with_the_second_factor(blog: Blog) -> None:
    key, _ = enrol(blog, blog.signed_in("maud"))
    browser, thief = half_way(blog), blog.browser()
    stolen = browser.cookie("__Host-session")
    assert stolen is not None
    assert show(browser, code_of(key, blog)) == 303
    assert browser.cookie("__Host-session") != stolen
    thief.set_cookie("__Host-session", stolen)
    assert thief.get("/account").status_code == 303
    assert show(thief, code_of(key, blog)) == 303
    assert thief.get("/account").status_code == 303


def test_changing_the_factor_ends_every_other_session(blog: Blog) -> None:
    owner, other = blog.signed_in("maud"), blog.browser()
    other.sign_in("maud")
    before = owner.cookie("__Host-session")
    enrol(blog, owner)
    assert owner.cookie("__Host-session") != before
    assert other.get("/account").status_code == 303
    again = half_way(blog)
    assert owner.post("/account/factors", {"action": "remove"}).status_code == 303
    assert again.get("/account/second-factor").headers["Location"] == "/account/sign-in"
    assert owner.get("/account").status_code == 200
    assert blog.browser().sign_in("maud").headers["Location"] == "/"
    assert [message.subject for message in blog.outbox.messages] == ["Your second factor"] * 2


def test_a_new_set_of_backup_codes_kills_the_old_one(blog: Blog) -> None:
    owner = blog.signed_in("maud")
    _, old = enrol(blog, owner)
    page = owner.post("/account/factors", {"action": "renew"})
    new = re.findall(r"<li><code>([a-z2-7-]{19})</code></li>", page.text)
    assert page.headers["Cache-Control"] == "no-store, private"
    assert show(half_way(blog), old[0]) == 403
    assert show(half_way(blog), new[0]) == 303
    assert not set(old) & set(new)


@pytest.mark.profiles("factors.is_required")
def test_setting_up_asks_for_a_fresh_factor_and_a_right_code(blog: Blog) -> None:
    owner = blog.signed_in("maud")
    assert owner.post("/account/factors", {"action": "begin"}).status_code == 303
    assert owner.post("/account/factors/totp", {"code": "000000"}).status_code == 400
    assert blog.browser().sign_in("maud").headers["Location"] == "/"
    assert owner.post("/account/factors", {"action": "renew"}).headers["Location"] == "/account/factors"
    assert owner.post("/account/factors", {"action": "remove"}).headers["Location"] == "/account/factors"
    blog.clock.advance(timedelta(minutes=11))
    for path in ("/account/factors", "/account/factors/totp"):
        assert owner.get(path).headers["Location"].startswith("/account/confirm")
        assert owner.post(path, {"action": "begin"}).status_code in {303, 403}


@pytest.mark.profiles("factors.drift_steps")
@pytest.mark.asvs("V6.5.5")
def test_a_secret_nobody_confirmed_is_good_for_minutes(blog: Blog) -> None:
    """A secret that was on a screen once, and was left there, turns nothing on later."""
    owner = blog.signed_in("maud")
    owner.post("/account/factors", {"action": "begin"})
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", owner.get("/account/factors/totp").text)
    assert shown is not None
    key = shown[1].replace(" ", "")
    blog.clock.advance(timedelta(minutes=10))
    assert owner.confirm("maud").status_code == 303
    assert owner.get("/account/factors/totp").headers["Location"] == "/account/factors"
    late = owner.post("/account/factors/totp", {"code": code_of(key, blog)})
    assert late.headers["Location"] == "/account/factors"
    assert blog.browser().sign_in("maud").headers["Location"] == "/"
    enrol(blog, owner)
    half_way(blog)


@pytest.mark.asvs("V6.4.3")
def test_a_reset_leaves_the_factor_alone(blog: Blog) -> None:
    enrol(blog, blog.signed_in("maud"))
    blog.browser().post("/account/reset", {"email": "maud@example.org"})
    new = "an even better battery staple"
    link = links_in(blog.outbox.messages[-1])[0]
    assert blog.browser().post(link, {"password": new, "password_again": new}).status_code == 303
    assert blog.browser().sign_in("maud", new).headers["Location"] == "/account/second-factor"


@pytest.mark.asvs("V11.3.2")
def test_a_stolen_database_holds_neither_secret_nor_code(blog: Blog) -> None:
    key, codes = enrol(blog, blog.signed_in("maud"))
    import base64

    raw = base64.b32decode(key)
    stored = blog.rows("SELECT secret FROM bastide_totp")[0][0]
    assert raw not in bytes(stored)
    assert bytes(stored)[:3] == b"\x01\x00\x01"
    dump = str(
        [
            blog.rows(f"SELECT * FROM {table}")
            for table in ("bastide_event", "bastide_backup_code", "bastide_totp")
        ]
    )
    assert key not in dump
    assert not any(code in dump or code.replace("-", "") in dump for code in codes)


def test_a_role_that_asks_for_a_factor_gives_no_rights_without_one(
    framework: str, database_url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    settings = {"factors": {"required_roles": frozenset({"administrator"})}}
    blog = make_blog(database_url, tmp_path, clock, framework=framework, settings=settings)
    boss = blog.signed_in("boss", "administrator")
    assert boss.get("/admin").headers["Location"].startswith("/account/factors")
    assert boss.post("/admin/users/1/unlock").status_code in {303, 403}
    assert "account:lock:lifted" not in blog.kinds()
    enrol(blog, boss)
    assert boss.get("/admin").status_code == 200
    assert boss.post("/account/factors", {"action": "remove"}).status_code == 303
    assert boss.get("/admin").status_code == 303
    blog.close()


@pytest.mark.asvs("V6.5.1", "V15.4.2")
@pytest.mark.parametrize("kind", ["totp", "backup code"])
def test_of_twenty_at_once_one_wins(
    framework: str, database_url: str, tmp_path: Path, clock: FrozenClock, kind: str
) -> None:
    """From 20 threads in 4 processes, each half-authenticated."""
    blog = make_blog(database_url, tmp_path, clock, framework=framework)
    key, codes = enrol(blog, blog.signed_in("maud"))
    code = code_of(key, blog) if kind == "totp" else codes[0]
    form = {"code": code, "next": ""}
    visits = [
        Visit("/account/second-factor", str(half_way(blog).cookie("__Host-session")), form) for _ in range(20)
    ]
    got = post_at_once(framework, database_url, tmp_path, clock.now(), visits, processes=4)
    assert got.count((303, "/")) == 1, got
    assert blog.kinds().count("account:factor:success") == 1
    blog.close()


def test_the_password_half_tells_nothing_new(blog: Blog) -> None:
    enrol(blog, blog.signed_in("maud"))
    assert blog.browser(address="198.51.100.9").sign_in("maud", WRONG).status_code == 403
    assert PASSWORD not in str(blog.rows("SELECT * FROM bastide_event"))
