"""Every way in, one budget: the same number of checks, the same lock, the same events, whatever is guessed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from bastide.core.api_tokens.token_text import _check, parse_token
from bastide.core.foundation import Client, TokenRefused, TooManyRequests, encode_token
from bastide.core.sign_in import Refused
from bastide.stores.memory import memory_stores
from support.api import Program, issue
from support.authenticator import SoftKey
from support.blog import PASSWORD, Blog, Browser, last_link, links_in
from support.factors import code_of, enrol, half_way

pytestmark = pytest.mark.own_factors

WRONG = "wrong password number one"
BUDGET = 5


@dataclass
class Guess:
    """One try from a browser that the account's owner never used."""

    blog: Blog
    number: int
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"198.51.100.{self.number}"

    def stranger(self) -> Browser:
        return self.blog.browser(address=self.address)


def password(guess: Guess) -> int:
    return guess.stranger().sign_in("maud", WRONG).status_code


def password_by_email(guess: Guess) -> int:
    return guess.stranger().sign_in("MAUD@example.org", WRONG).status_code


def authenticator(guess: Guess) -> int:
    return _second_factor(guess, f"{guess.number:06}")


def backup_code(guess: Guess) -> int:
    return _second_factor(guess, f"aaaa-bbbb-cccc-{guess.number:04}")


def _second_factor(guess: Guess, code: str) -> int:
    """Guess in a session whose password was right: a stolen password must not buy guesses."""
    browser = guess.known["halves"][guess.number]
    browser.address = guess.address
    status: int = browser.post("/account/second-factor", {"code": code, "next": ""}).status_code
    return status


def confirmation(guess: Guess) -> int:
    """Guess the password from a stolen session; the thief has the cookie, not the device."""
    form = {"password": WRONG, "next": ""}
    return _thief(guess).post("/account/confirm", form).status_code


def confirmation_by_code(guess: Guess) -> int:
    return _thief(guess).post("/account/confirm", {"code": f"{guess.number:06}", "next": ""}).status_code


def password_change(guess: Guess) -> int:
    new = "an even better battery staple"
    form = {"current_password": WRONG, "password": new, "password_again": new}
    return _thief(guess).post("/account/password", form).status_code


def passkey_alone(guess: Guess) -> int:
    return _forge(guess.stranger(), "/account/sign-in/passkey", guess)


def passkey_beside_the_password(guess: Guess) -> int:
    browser = guess.known["halves"][guess.number]
    browser.address = guess.address
    return _forge(browser, "/account/second-factor/passkey", guess)


def passkey_to_confirm(guess: Guess) -> int:
    return _forge(_thief(guess), "/account/confirm/passkey", guess)


def _forge(browser: Browser, path: str, guess: Guess) -> int:
    """Answer with the id of the owner's passkey and a key of one's own."""
    forged = SoftKey(credential_id=guess.known["passkey"].credential_id)
    sent = forged.get(browser.post(f"{path}/options").get_json())
    return browser.post(path, {"credential": sent, "next": ""}).status_code


def api_token(guess: Guess) -> int:
    """Guess the secret behind an id that a log or a screenshot gave away."""
    program = Program(guess.blog, forged_token(guess.known["token"], guess.number), address=guess.address)
    return program.get("/profile").status_code


def forged_token(token: str, number: int) -> str:
    """Return a token with the id and another secret, whose check is right."""
    body = f"{token[:-12]}{number:06}"
    forged = body + _check(body)
    assert parse_token(forged) is not None
    return forged


def _thief(guess: Guess) -> Browser:
    thief = guess.stranger()
    thief.set_cookie("__Host-session", guess.known["session"])
    return thief


def without_factor(blog: Blog) -> dict[str, Any]:
    return {"session": blog.signed_in("maud").cookie("__Host-session")}


def with_factor(blog: Blog) -> dict[str, Any]:
    owner = blog.signed_in("maud")
    key, codes = enrol(blog, owner)
    halves = [half_way(blog, address=f"192.0.2.{number}") for number in range(20)]
    return {"session": owner.cookie("__Host-session"), "halves": halves, "key": key, "codes": codes}


def with_passkey(blog: Blog) -> dict[str, Any]:
    owner, key = blog.signed_in("maud"), SoftKey()
    sent = key.create(owner.post("/account/passkeys/options").get_json())
    assert owner.post("/account/passkeys", {"name": "My key", "credential": sent}).status_code == 200
    halves = [half_way(blog, address=f"192.0.2.{number}") for number in range(20)]
    return {"session": owner.cookie("__Host-session"), "halves": halves, "passkey": key}


def with_token(blog: Blog) -> dict[str, Any]:
    owner = blog.signed_in("maud")
    key, _ = enrol(blog, owner)
    return {"key": key, "token": issue(owner, "edit_profile")}


WAYS: dict[str, tuple[Callable[[Blog], dict[str, Any]], Callable[[Guess], int], str]] = {
    "password": (without_factor, password, "account:login"),
    "password under the address": (without_factor, password_by_email, "account:login"),
    "authenticator": (with_factor, authenticator, "account:factor"),
    "backup code": (with_factor, backup_code, "account:factor"),
    "confirmation by password": (without_factor, confirmation, "account:confirm"),
    "confirmation by code": (with_factor, confirmation_by_code, "account:confirm"),
    "passkey alone": (with_passkey, passkey_alone, "account:login"),
    "passkey beside the password": (with_passkey, passkey_beside_the_password, "account:factor"),
    "passkey to confirm": (with_passkey, passkey_to_confirm, "account:confirm"),
    "password change": (without_factor, password_change, "account:confirm"),
}


# A secret of 256 bits is counted by network alone: an account's lanes would only give strangers a lock to shut.
ALL_WAYS = {**WAYS, "API token": (with_token, api_token, "account:token")}


@pytest.mark.asvs("V6.3.1", "V6.3.4")
@pytest.mark.parametrize("way", WAYS)
def test_every_way_in_draws_from_the_one_budget(blog: Blog, way: str) -> None:
    prepare, guess, events = WAYS[way]
    known = prepare(blog)
    before = len(blog.kinds())
    answers = [guess(Guess(blog, number, known)) for number in range(12)]
    told = blog.kinds()[before:]
    assert told.count(f"{events}:failure") == BUDGET
    assert told.count(f"{events}:refused") == 12 - BUDGET
    assert told.count("account:lock:set") == 1
    assert all(status in {400, 403, 429} for status in answers), answers
    # What one way shut is shut for every other, from a device the owner never used.
    assert blog.browser(address="198.51.100.99").sign_in("maud").status_code in {403, 429}
    blog.clock.advance(timedelta(minutes=15))
    assert blog.browser(address="198.51.100.99").sign_in("maud").status_code == 303


@pytest.mark.asvs("V6.1.1")
@pytest.mark.parametrize("way", ALL_WAYS)
def test_no_way_in_lets_a_stranger_lock_the_owner_out(blog: Blog, way: str) -> None:
    prepare, guess, _ = ALL_WAYS[way]
    blog.add_account("maud")
    owner = blog.browser()
    owner.sign_in("maud")
    known = prepare(blog)
    for number in range(BUDGET + 1):
        guess(Guess(blog, number, known))
    again = owner.sign_in("maud")
    assert again.status_code == 303
    if "token" in known:
        assert Program(blog, known["token"]).get("/profile").status_code == 200
    if "key" in known:
        code = code_of(known["key"], blog)
        assert owner.post("/account/second-factor", {"code": code, "next": ""}).status_code == 303


@pytest.mark.asvs("V6.3.1")
def test_a_stolen_password_buys_no_guesses_at_the_second_factor(blog: Blog) -> None:
    """Each guess at the code begins with the right password, which must not clear what was drawn."""
    enrol(blog, blog.signed_in("maud"))
    for number in range(12):
        thief = blog.browser(address=f"198.51.100.{number}")
        thief.sign_in("maud")
        thief.post("/account/second-factor", {"code": f"{number:06}", "next": ""})
    assert blog.kinds().count("account:factor:failure") == BUDGET


@pytest.mark.asvs("V6.3.1")
def test_of_many_tokens_at_once_no_more_than_the_budget_is_looked_at(
    blog_on_each_database: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog, looked_at = blog_on_each_database, []
    token = with_token(blog)["token"]
    store = blog.services.stores.tokens
    original = store.find_token
    monkeypatch.setattr(store, "find_token", lambda key: (looked_at.append(key), original(key))[1])
    barrier = Barrier(40)

    def guess(number: int) -> str:
        barrier.wait()
        try:
            blog.services.bearer.match(forged_token(token, number), Client(address="198.51.100.1"))
        except (TokenRefused, TooManyRequests) as refused:
            return type(refused).__name__
        finally:
            blog.leave_thread()
        return "let in"

    with ThreadPoolExecutor(40) as pool:
        outcomes = list(pool.map(guess, range(40)))
    assert (outcomes.count("TokenRefused"), outcomes.count("TooManyRequests")) == (20, 20)
    assert len(looked_at) == 20
    assert blog.kinds().count("account:lock:set") == 1


@pytest.mark.asvs("V6.6.3")
@pytest.mark.parametrize(
    "page", ["/account/reset/{}", "/account/invitation/{}", "/account/register/{}"]
)  # fmt: skip
def test_guessing_mailed_links_shuts_the_networks_lane_of_links_and_no_other(blog: Blog, page: str) -> None:
    blog.add_account("maud")
    guesser, elsewhere = blog.browser(address="198.51.100.1"), blog.browser(address="203.0.113.50")
    tokens = [encode_token(bytes([number]) * 32) for number in range(105)]
    assert {guesser.get(page.format("no token at all")).status_code for _ in range(105)} <= {404, 410}
    answers = [guesser.get(page.format(token)).status_code for token in tokens]
    assert set(answers[:100]) <= {404, 410}
    assert set(answers[100:]) == {429}
    assert blog.kinds().count("account:link:failure") == 100
    assert blog.kinds().count("account:link:refused") == 5
    assert elsewhere.get(page.format(tokens[0])).status_code in {404, 410}
    # Any page can make its visitors ask for dead links: that must not shut their network out of signing in.
    assert guesser.sign_in("maud").status_code == 303


def test_a_right_password_shows_nothing_while_the_account_is_shut(blog: Blog) -> None:
    blog.add_account("maud")
    for number in range(BUDGET):
        password(Guess(blog, number))
    shut, wrong = (
        blog.browser(address="198.51.100.77").sign_in("maud@example.org", typed)
        for typed in (PASSWORD, WRONG)
    )
    assert (shut.status_code, shut.headers.get("Retry-After")) == (
        wrong.status_code,
        wrong.headers.get("Retry-After"),
    )


@pytest.mark.asvs("V6.3.1")
def test_of_twenty_thousand_codes_no_more_than_the_budget_is_checked(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the controls themselves: 20,000 guesses from 200 networks at one half-authenticated account.

    Account and attempts are kept in memory; that a database counts as well is raced by the contracts.
    """
    known = with_factor(blog)
    services, checked = blog.services, []
    original = services.stores.factors.find_totp

    def counted(account_id: Any) -> Any:
        checked.append(account_id)
        return original(account_id)

    half = services.sessions.resume(
        known["halves"][0].cookie("__Host-session"), known["halves"][0].agent
    ).session
    assert half is not None
    monkeypatch.setattr(services.stores.factors, "find_totp", counted)
    monkeypatch.setattr(services.recorder, "record", lambda *_, **__: None)
    monkeypatch.setattr(services.attempts, "_store", memory_stores().attempts)
    account = services.stores.accounts.find_account("maud")
    monkeypatch.setattr(services.stores.accounts, "get_account", lambda _: account)
    right = {code_of(known["key"], blog, steps=steps) for steps in (-1, 0, 1)}
    wrong = [code for code in map("{:06}".format, range(20_003)) if code not in right][:20_000]
    for number, code in enumerate(wrong):
        client = Client(address=f"198.51.{number % 200}.1")
        assert isinstance(services.second_factors.sign_in(half, code, client), Refused)
    assert len(checked) == BUDGET


@pytest.mark.asvs("V7.4.1", "V7.4.2", "V7.4.3", "V7.2.4")
@pytest.mark.parametrize(
    "what",
    ["sign out", "password", "factor on", "factor off", "address", "reset", "role", "disable", "ended by owner", "ended by administrator"],
)  # fmt: skip
def test_a_cookie_captured_before_is_refused_after(blog: Blog, what: str) -> None:
    owner = blog.signed_in("maud")
    if what == "factor off":
        enrol(blog, owner)
    if what == "ended by owner":
        victim = blog.browser()
        assert victim.sign_in("maud").status_code == 303
    else:
        victim = owner
    thief = blog.browser(address="198.51.100.66")
    thief.set_cookie("__Host-session", str(victim.cookie("__Host-session")))
    assert thief.get("/account").status_code == 200
    CHANGES[what](blog, owner)
    if what == "role":
        # The new id travels with the owner's next page; the old one is dead from then on.
        assert owner.get("/account").status_code == 200
    assert thief.get("/account").headers["Location"].startswith("/account/sign-in")
    assert thief.post("/account/password").status_code in {303, 403}


def _administer(page: str, **data: str) -> Callable[[Blog, Browser], Any]:
    def act(blog: Blog, _: Browser) -> None:
        account = blog.services.stores.accounts.find_account("maud")
        assert account is not None
        boss = blog.signed_in("boss", "administrator", address="203.0.113.8")
        enrol(blog, boss)
        assert boss.post(f"/admin/users/{account.id}/{page}", data).status_code == 303

    return act


def _change_password(_: Blog, owner: Browser) -> None:
    new = "an even better battery staple"
    form = {"current_password": PASSWORD, "password": new, "password_again": new}
    assert owner.post("/account/password", form).status_code == 303


def _change_address(blog: Blog, owner: Browser) -> None:
    owner.post("/account/email", {"email": "new@elsewhere.example"})
    assert owner.post(last_link(blog)).status_code == 303


def _reset(blog: Blog, _: Browser) -> None:
    new = "an even better battery staple"
    blog.browser().post("/account/reset", {"email": "maud@example.org"})
    form = {"password": new, "password_again": new}
    assert blog.browser().post(links_in(blog.outbox.messages[-1])[0], form).status_code == 303


CHANGES: dict[str, Callable[[Blog, Browser], Any]] = {
    "sign out": lambda _, owner: owner.post("/account/sign-out"),
    "password": _change_password,
    "factor on": enrol,
    "factor off": lambda _, owner: owner.post("/account/factors", {"action": "remove"}),
    "address": _change_address,
    "reset": _reset,
    "role": _administer("roles", role="author", action="grant"),
    "disable": _administer("disable"),
    "ended by owner": lambda _, owner: owner.post("/account/devices", {"session": "others"}),
    "ended by administrator": _administer("end-sessions"),
}
