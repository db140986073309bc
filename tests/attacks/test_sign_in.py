"""Attacks on the way in: guessing, locking others out, telling accounts apart."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from bastide.core.attempts import Lane, LaneKind
from bastide.core.foundation import Secret
from bastide.testing import FrozenClock
from conftest import make_blog
from support.at_once import beside
from support.blog import PASSWORD, Blog, last_link, links_in
from support.processes import own_processes
from support.rows import rows


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V6.3.1")
def test_the_sixth_guess_is_not_checked_even_when_it_is_right(blog: Blog) -> None:
    blog.add_account("maud")
    stranger = blog.browser()
    answers = [stranger.sign_in("maud", "wrong password number one").status_code for _ in range(5)]
    assert answers == [403] * 5
    sixth = stranger.sign_in("maud", PASSWORD)
    assert sixth.status_code == 429
    assert sixth.headers["Retry-After"] == "900"
    assert blog.kinds().count("account:login:failure") == 5
    assert blog.kinds().count("account:lock:set") == 1
    blog.clock.advance(timedelta(minutes=15))
    assert blog.browser().sign_in("maud").status_code == 303


@pytest.mark.asvs("V6.1.1", "V6.3.1")
def test_a_stranger_cannot_lock_the_owner_out_of_a_known_device(blog: Blog) -> None:
    owner = blog.signed_in("maud")
    owner.post("/account/sign-out")
    stranger = blog.browser(address=owner.address)
    for _ in range(30):
        stranger.sign_in("maud", "wrong password number one")
    assert blog.browser(address="198.51.100.9").sign_in("maud").status_code == 429
    assert owner.sign_in("maud").status_code == 303


def test_a_forged_device_cookie_opens_no_lane(blog: Blog) -> None:
    blog.add_account("maud")
    mallory = blog.signed_in("mallory")
    device = mallory.cookie("__Host-device")
    assert device is not None
    attacker = blog.browser(address="198.51.100.1")
    for number in range(12):
        attacker.set_cookie("__Host-device", device if number % 2 else f"{'A' * 22}.{'B' * 21}A")
        attacker.sign_in("maud", "wrong password number one")
    assert blog.kinds().count("account:login:failure") == 5


def test_every_spelling_of_a_name_draws_from_one_budget(blog: Blog) -> None:
    blog.add_account("maud")
    for number, name in enumerate(
        ["maud", "MAUD", " maud ", "ｍａｕｄ", "maud@example.org", "Maud", "MAUD@EXAMPLE.ORG"]
    ):
        blog.browser(address=f"198.51.100.{number}").sign_in(name, "wrong password number one")
    assert blog.kinds().count("account:login:failure") == 5


@pytest.mark.asvs("V6.3.8")
def test_known_unknown_locked_and_disabled_accounts_get_one_answer(blog: Blog) -> None:
    blog.add_account("maud")
    disabled = blog.add_account("tomas")
    blog.services.stores.accounts.set_active(disabled, is_active=False)

    def answer(name: str, password: str) -> tuple[int, str]:
        response = blog.browser(address=f"198.51.100.{len(name)}").sign_in(name, password)
        text = response.text.replace(name, "NAME")
        for line in text.splitlines():
            if blog.token_field in line or ' nonce="' in line:
                text = text.replace(line, "")
        return response.status_code, text

    wrong = "wrong password number one"
    assert (
        answer("maud", wrong)
        == answer("nobody", wrong)
        == answer("tomas", PASSWORD)
        == answer("tomas", wrong)
    )
    for _ in range(5):
        blog.browser(address="192.0.2.1").sign_in("maud", wrong)
        blog.browser(address="192.0.2.2").sign_in("nobody", wrong)
    assert answer("maud", wrong)[0] == answer("nobody", wrong)[0] == 429
    assert answer("maud", wrong)[1] == answer("nobody", wrong)[1]


@pytest.mark.asvs("V6.3.8")
def test_whatever_must_look_alike_costs_one_hash(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is answered sooner is told apart by time; only a lock of the caller's own making may be."""
    blog.add_account("maud")
    disabled = blog.add_account("tomas")
    blog.services.stores.accounts.set_active(disabled, is_active=False)
    hasher = blog.services.login._hasher  # noqa: SLF001 -- the framework's own
    verify, hashed = hasher.verify, list[bool]()

    def counted(password: Secret, stored_hash: str | None) -> bool:
        hashed.append(stored_hash is not None)
        return verify(password, stored_hash)

    monkeypatch.setattr(hasher, "verify", counted)

    def hashes(name: str, password: str = "wrong password number one") -> tuple[int, list[bool]]:
        hashed.clear()
        return blog.browser().sign_in(name, password).status_code, list(hashed)

    assert [hashes("maud") for _ in range(5)] == [(403, [True])] * 5
    assert hashes("nobody") == (403, [False])
    assert hashes("tomas", PASSWORD) == (403, [True])
    for password in ("wrong password number one", PASSWORD):
        assert hashes("maud@example.org", password) == (403, [False])
    assert hashes("maud", PASSWORD) == (429, [])


@pytest.mark.asvs("V6.3.8")
def test_a_lock_tells_nobody_whose_address_it_is(blog: Blog) -> None:
    """Five failures under a user name; the address of the same account must look like any other."""
    blog.add_account("maud")
    for _ in range(6):
        blog.browser(address="192.0.2.1").sign_in("maud", "wrong password number one")
    answers = [
        blog.browser(address="192.0.2.1").sign_in(name, password).status_code
        for name in ("maud@example.org", "nobody@example.org")
        for password in ("wrong password number one", PASSWORD)
    ]
    assert answers == [403] * 4
    assert blog.kinds().count("account:login:failure") == 7


def test_a_flood_from_everywhere_shuts_nobody_out(blog: Blog) -> None:
    blog.add_account("maud")
    limit = blog.services.settings.attempts.global_limit
    everybody = Lane(kind=LaneKind.GLOBAL, subject="", limit=limit, period=timedelta(minutes=15))
    for _ in range(limit):
        blog.services.stores.attempts.reserve_attempt((everybody,), now=blog.clock.now())
    wrong = "wrong password number one"
    guesser = blog.browser(address="198.51.100.1")
    assert [guesser.sign_in(f"name{number}", wrong).status_code for number in range(4)] == [
        403,
        403,
        403,
        429,
    ]
    assert blog.browser(address="198.51.100.2").sign_in("maud").status_code == 303


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V7.4.2", "V15.4.2")
def test_a_sign_in_that_loses_its_account_meanwhile_opens_nothing(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the check of the right password and the session, somebody takes the account away."""
    boss = blog.signed_in("boss1", "administrator")
    hasher = blog.services.login._hasher  # noqa: SLF001 -- the framework's own
    verify, acts = hasher.verify, list[Callable[[], Any]]()

    def verify_and_be_overtaken(password: Secret, stored_hash: str | None) -> bool:
        is_right = verify(password, stored_hash)
        if acts:
            beside(blog, acts.pop())
        return is_right

    def reset() -> int:
        new = "an even better battery staple"
        blog.browser().post("/account/reset", {"email": "ines@example.org"})
        form = {"password": new, "password_again": new}
        return blog.browser().post(last_link(blog), form).status_code

    monkeypatch.setattr(hasher, "verify", verify_and_be_overtaken)
    maud = blog.add_account("maud")
    blog.add_account("ines")
    blog.add_account("tomas")
    for name, act in (
        ("maud", lambda: boss.post(f"/admin/users/{maud}/disable")),
        ("ines", reset),
        ("tomas", lambda: blog.delete_account("tomas")),
    ):
        acts.append(act)
        assert blog.browser().sign_in(name).status_code == 403, name
        assert acts == []
    assert len(blog.rows("SELECT * FROM bastide_session WHERE account_id IS NOT NULL")) == 1
    opened = "account:factor:needed" if blog.gives_factors else "account:login:success"
    assert blog.kinds().count(opened) == 1
    assert boss.post(f"/admin/users/{maud}/enable").status_code == 303
    assert blog.browser().sign_in("maud").status_code == 303


@pytest.mark.profiles("factors.is_required")
def test_successes_are_refunded(blog: Blog) -> None:
    blog.add_account("maud")
    assert [blog.browser().sign_in("maud").status_code for _ in range(8)] == [303] * 8


@pytest.mark.asvs("V6.3.8")
def test_registration_answers_alike_for_known_and_unknown_addresses(blog: Blog) -> None:
    blog.add_account("maud")
    known = blog.browser().post("/account/register", {"email": "maud@example.org"})
    unknown = blog.browser().post("/account/register", {"email": "new@example.org"})
    assert (known.status_code, known.headers["Location"], known.text) == (
        unknown.status_code, unknown.headers["Location"], unknown.text,
    )  # fmt: skip
    first, second = blog.outbox.messages
    assert links_in(first) == []
    assert len(links_in(second)) == 1


@pytest.mark.asvs("V6.3.8")
@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("paypaI", 400, "taken"), ("раураl", 400, "one alphabet"), ("РАУРАІ", 400, "taken"),
        ("pay\u3164pal", 400, "Only letters"), ("adrnin", 400, "kept for the site"), ("paypai", 303, ""),
    ],
)  # fmt: skip
def test_nobody_registers_a_name_that_looks_like_another(
    blog: Blog, name: str, status: int, said: str
) -> None:
    blog.add_account("paypal")
    browser = blog.browser()
    browser.post("/account/register", {"email": "new@example.org"})
    link = links_in(blog.outbox.messages[0])[0]
    answer = browser.post(link, {"username": name, "password": PASSWORD, "password_again": PASSWORD})
    assert answer.status_code == status
    assert said in answer.text
    assert browser.sign_in(name).status_code == (303 if status == 303 else 403)


@pytest.mark.profiles("tickets.registration_lifetime")
@pytest.mark.asvs("V6.4.1", "V6.3.2")
def test_a_registration_link_works_once_and_not_for_long(blog: Blog) -> None:
    browser = blog.browser()
    browser.post("/account/register", {"email": "new@example.org"})
    link = links_in(blog.outbox.messages[0])[0]
    form = {"username": "newcomer", "password": PASSWORD, "password_again": PASSWORD}
    assert browser.get(link).status_code == 200
    assert browser.post(link, form).headers["Location"] == "/account/sign-in"
    spent = browser.post(link, {**form, "username": "second"})
    assert spent.status_code == 410
    assert 'action="/account/register"' in spent.text
    assert browser.get("/account").status_code == 303
    assert browser.sign_in("newcomer").status_code == 303
    browser.post("/account/sign-out")
    browser.post("/account/register", {"email": "late@example.org"})
    late = links_in(blog.outbox.messages[1])[0]
    blog.clock.advance(timedelta(hours=1))
    assert browser.get(late).status_code == 410
    assert "Set-Cookie" not in blog.browser().open("HEAD", "/").headers
    assert blog.rows("SELECT count(*) FROM bastide_session WHERE account_id IS NULL")[0][0] == 0
    assert [row[0] for row in blog.rows("SELECT username FROM user_account")] == ["newcomer"]


@pytest.mark.profiles("passwords.preset")
@pytest.mark.asvs("V6.2.4", "V6.2.11")
@rows(
    "password",
    ["Password123!", "Welcome2025!!", "newcomernewcomer", "undertheArcades1!", "short", "passwordpassword"],
)
def test_weak_passwords_are_refused_at_the_door(blog: Blog, password: str) -> None:
    browser = blog.browser()
    browser.post("/account/register", {"email": "new@example.org"})
    link = last_link(blog)
    form = {"username": "newcomer", "password": password, "password_again": password}
    assert browser.post(link, form).status_code == 400
    assert blog.rows("SELECT count(*) FROM user_account")[0][0] == 0


def _guess(framework: str, url: str, folder: str, process: int, threads: int, each: int, counts: Any) -> None:
    blog = make_blog(url, Path(folder), FrozenClock(), framework=framework)
    barrier = Barrier(threads)

    def guess(number: int) -> None:
        browser = blog.browser(address=f"198.51.100.{process * threads + number}")
        barrier.wait()
        for _ in range(each):
            counts.put(browser.sign_in("maud", "wrong password number one").status_code)

    workers = [Thread(target=guess, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    blog.close()


@pytest.mark.asvs("V6.3.1", "V15.4.2")
def test_two_hundred_parallel_guesses_get_five_checks(
    framework: str, database_url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    """From 52 connections in 4 processes; the owner signs in from a known device meanwhile."""
    blog = make_blog(database_url, tmp_path, clock, framework=framework)
    owner = blog.signed_in("maud")
    owner.post("/account/sign-out")
    context = own_processes()
    counts = context.Queue()
    processes = [
        context.Process(target=_guess, args=(framework, database_url, str(tmp_path), number, 13, 4, counts))
        for number in range(4)
    ]
    for process in processes:
        process.start()
    answers = [counts.get() for _ in range(208)]
    for process in processes:
        process.join()
    assert answers.count(403) == 5
    assert answers.count(429) == 203
    assert blog.kinds().count("account:login:failure") == 5
    assert owner.sign_in("maud").status_code == 303
    blog.close()


@pytest.mark.asvs("V16.3.1")
def test_the_log_says_which_secret_was_guessed(blog: Blog) -> None:
    blog.gives_factors = True
    blog.add_account("maud")
    browser = blog.browser()
    browser.sign_in("maud", "wrong password number one")
    assert browser.post("/account/sign-in", {"name": "maud", "password": PASSWORD}).status_code == 303
    for code in ("000000", "aaaa-bbbb-cccc-dddd"):
        assert browser.post("/account/second-factor", {"code": code}).status_code == 403
    code = blog.wallet["maud"].pop()
    assert browser.post("/account/second-factor", {"code": code}).status_code == 303
    browser.post("/account/confirm", {"code": "000000"})
    for _ in range(9):
        blog.browser().sign_in("maud", "wrong password number one")
    rows = blog.rows("SELECT kind, detail FROM bastide_event ORDER BY id")
    told = [(kind.removeprefix("account:"), json.loads(detail).get("by")) for kind, detail in rows]
    assert told[:6] == [
        ("login:failure", "password"), ("factor:needed", None), ("factor:failure", "authenticator"),
        ("factor:failure", "backup_code"), ("factor:success", "backup_code"), ("confirm:failure", "authenticator"),
    ]  # fmt: skip
    assert {by for kind, by in told if kind == "login:refused"} == {"password"}


def test_password_managers_learn_whose_password_each_form_asks_for(blog: Blog) -> None:
    browser = blog.signed_in("maud")
    hidden = '<input type="text" autocomplete="username" value="maud" readonly hidden>'
    assert hidden in browser.get("/account/password").text
    blog.clock.advance(timedelta(minutes=11))
    confirm = browser.get("/account/confirm").text
    assert (hidden in confirm) == ('autocomplete="current-password"' in confirm)
    stranger = blog.browser()
    assert hidden not in stranger.get("/account/sign-in").text
    stranger.post("/account/reset", {"email": "maud@example.org"})
    assert hidden in stranger.get(last_link(blog)).text
    found = stranger.get("/.well-known/change-password")
    assert (found.status_code, found.headers["Location"]) == (303, "/account/password")
    assert stranger.get("/account/password").headers["Location"].startswith("/account/sign-in?next=")
