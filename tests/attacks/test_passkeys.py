"""Attacks on passkeys: replaying, swapping and guessing them, adding one behind the owner's back."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bastide.testing import FrozenClock
from conftest import make_blog
from support.at_once import Visit, post_at_once
from support.authenticator import SoftKey
from support.blog import PASSWORD, Blog, Browser

ADD, SIGN_IN, SECOND, CONFIRM = (
    "/account/passkeys", "/account/sign-in/passkey", "/account/second-factor/passkey", "/account/confirm/passkey",
)  # fmt: skip


pytestmark = pytest.mark.own_factors


def options(browser: Browser, path: str) -> dict[str, Any]:
    answer = browser.post(f"{path}/options")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store, private"
    found: dict[str, Any] = answer.get_json()
    return found


def add(browser: Browser, key: SoftKey, name: str = "My key", **changes: Any) -> Any:
    sent = key.create(options(browser, ADD), **changes)
    return browser.post(ADD, {"name": name, "credential": sent})


def added(blog: Blog, name: str = "maud", *, key: SoftKey | None = None) -> tuple[Browser, SoftKey]:
    """Return a signed-in browser and the passkey that its account has from now on."""
    owner, key = blog.signed_in(name), key or SoftKey()
    answer = add(owner, key)
    assert answer.status_code == 200, answer.text
    assert answer.text.count("<li><code>") == 10
    return owner, key


def enter(browser: Browser, path: str, sent: str) -> int:
    return browser.post(path, {"credential": sent, "next": ""}).status_code


def show(browser: Browser, path: str, key: SoftKey, **changes: Any) -> int:
    return enter(browser, path, key.get(options(browser, path), **changes))


def half_way(blog: Blog, name: str = "maud", **more: Any) -> Browser:
    browser = blog.browser(**more)
    assert browser.sign_in(name).headers["Location"] == "/account/second-factor"
    return browser


def handles(browser: Browser) -> list[str]:
    import re

    page = browser.get("/account/factors").text
    return re.findall(r'action="/account/passkeys/remove">.*?name="passkey" value="([0-9a-f]{32})"', page)


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V6.3.3")
def test_a_passkey_signs_in_alone_or_after_the_password(blog: Blog) -> None:
    owner, key = added(blog)
    alone, beside = blog.browser(), half_way(blog)
    assert show(alone, SIGN_IN, key) == 303
    assert alone.get("/account").status_code == 200
    assert beside.get("/account").status_code == 303
    assert show(beside, SECOND, key) == 303
    assert beside.get("/account").status_code == 200
    page = owner.get("/account/factors").text
    assert "My key" in page
    assert "<dd>never</dd>" not in page
    assert {"account:factor:added", "account:login:success", "account:factor:success"} <= set(blog.kinds())


@pytest.mark.asvs("V6.5.1")
def test_an_answer_works_once_in_one_browser_and_for_one_use(blog: Blog) -> None:
    _, key = added(blog)
    browser, thief = blog.browser(), blog.browser(address="198.51.100.1")
    sent = key.get(options(browser, SIGN_IN))
    assert enter(thief, SIGN_IN, sent) == 403
    assert enter(browser, SIGN_IN, sent) == 403
    sent = key.get(options(browser, SIGN_IN))
    assert enter(browser, SIGN_IN, sent) == 303
    assert enter(browser, SIGN_IN, sent) == 403
    assert enter(blog.browser(address="198.51.100.2"), SIGN_IN, sent) == 403
    late = blog.browser(address="198.51.100.3")
    sent = key.get(options(late, SIGN_IN))
    blog.clock.advance(timedelta(minutes=5))
    assert enter(late, SIGN_IN, sent) == 403
    half, other = half_way(blog), half_way(blog)
    sent = key.get(options(half, SECOND))
    assert enter(other, SECOND, sent) == 403
    assert enter(half, SECOND, sent) == 403
    sent = key.get(options(half, SECOND))
    assert enter(half, SIGN_IN, sent) == 403


@pytest.mark.asvs("V6.7.2")
def test_forged_answers_are_refused_at_every_door(blog: Blog) -> None:
    owner, key = added(blog)
    _, hers = added(blog, "zoe")
    assert show(blog.browser(), SIGN_IN, key) == 303
    forgeries: list[dict[str, Any]] = [
        {"origin": "https://evil.example"}, {"origin": "http://localhost:81"}, {"rp_id": "evil.example"},
        {"challenge": "A" * 43}, {"signature": b"x"}, {"signing_key": hers.key}, {"flags": 0x04}, {"type": "webauthn.create"},
        {"handle": hers.handle}, {"sent_id": hers.credential_id}, {"cross_origin": True}, {"count": 0},
    ]  # fmt: skip
    for number, forgery in enumerate(forgeries):
        stranger = blog.browser(address=f"198.51.100.{number}")
        assert show(stranger, SIGN_IN, key, **forgery) == 403, forgery
        blog.services.attempts.unlock_account(account_id(blog))
        blog.services.attempts.unlock_account(account_id(blog, "zoe"))
        assert show(half_way(blog), SECOND, key, **forgery) == 403, forgery
        blog.services.attempts.unlock_account(account_id(blog))
        assert show(owner, CONFIRM, key, **forgery) == 403, forgery
        blog.services.attempts.unlock_account(account_id(blog))
    assert show(half_way(blog), SECOND, hers) == 403
    assert show(half_way(blog), SECOND, hers, handle=None) == 403
    assert "account:passkey:counter_refused" in blog.kinds()
    assert show(blog.browser(), SIGN_IN, key) == 303


def account_id(blog: Blog, name: str = "maud") -> Any:
    account = blog.services.stores.accounts.find_account(name)
    assert account is not None
    return account.id


def test_what_verified_nobody_or_forgets_its_account_is_half_a_way_in(blog: Blog) -> None:
    owner, blind = added(blog, key=SoftKey(verifies=False))
    forgetful = SoftKey(is_resident=False)
    assert add(owner, forgetful).status_code == 303
    for key in (blind, forgetful):
        assert show(blog.browser(), SIGN_IN, key) == 403
        assert show(half_way(blog), SECOND, key) == 303
    assert show(owner, CONFIRM, blind) == 403
    assert show(owner, CONFIRM, forgetful) == 303


@pytest.mark.asvs("V6.3.1")
def test_guesses_draw_from_the_budget_of_every_other_way_in(blog: Blog) -> None:
    _, key = added(blog)
    answers = [
        show(blog.browser(address=f"198.51.100.{number}"), SIGN_IN, key, signature=b"x")
        for number in range(8)
    ]
    assert answers == [403] * 5 + [429] * 3
    assert blog.kinds().count("account:login:failure") == 5
    refused = blog.browser(address="198.51.100.99").sign_in("maud")
    assert refused.status_code == 403
    assert blog.browser(address="198.51.100.98").post(
        SIGN_IN, {"credential": "no answer at all", "next": ""}
    ).status_code == 403  # fmt: skip
    blog.clock.advance(timedelta(minutes=15))
    half = half_way(blog)
    assert [show(half, SECOND, key, signature=b"x") for _ in range(7)] == [403] * 5 + [429] * 2
    assert half.post("/account/second-factor", {"code": "000000", "next": ""}).status_code == 429


@pytest.mark.asvs("V8.2.1")
def test_a_half_authenticated_session_adds_names_and_removes_nothing(blog: Blog) -> None:
    owner, key = added(blog)
    (handle,) = handles(owner)
    half, stranger = half_way(blog), blog.browser()
    for path, form in (
        (ADD, {"name": "Mine", "credential": "{}"}), (f"{ADD}/options", {}), (f"{CONFIRM}/options", {}),
        (CONFIRM, {"credential": "{}", "next": ""}), (f"{ADD}/rename", {"passkey": handle, "name": "Mine"}),
        (f"{ADD}/remove", {"passkey": handle}),
    ):  # fmt: skip
        seen, known = half.post(path, form), stranger.post(path, form)
        assert seen.status_code in {303, 401}, path
        assert (seen.status_code, seen.headers.get("Location")) == (
            known.status_code,
            known.headers.get("Location"),
        )
    assert handles(owner) == [handle]
    assert stranger.post(f"{SECOND}/options").status_code == 404
    assert stranger.post(SECOND, {"credential": "{}", "next": ""}).headers["Location"] == "/account/sign-in"
    assert owner.post(f"{SECOND}/options").status_code == 404
    assert key


@pytest.mark.asvs("V7.5.1", "V6.3.7")
def test_adding_asks_for_a_fresh_factor_and_the_owner_hears_of_it(blog: Blog) -> None:
    owner = blog.signed_in("maud")
    other = blog.signed_in("maud")
    before = owner.cookie("__Host-session")
    sent = SoftKey().create(options(owner, ADD))
    assert other.post(ADD, {"name": "Mine", "credential": sent}).status_code == 400
    assert owner.post(ADD, {"name": "Mine", "credential": sent}).status_code == 400
    assert blog.kinds().count("account:factor:added") == 0
    assert add(owner, SoftKey()).status_code == 200
    assert owner.cookie("__Host-session") != before
    assert other.get("/account").status_code == 303
    assert [message.subject for message in blog.outbox.messages] == ["Your passkeys"]
    blog.clock.advance(timedelta(minutes=11))
    assert owner.post(f"{ADD}/options").status_code == 403
    assert (
        owner.post(ADD, {"name": "Mine", "credential": "{}"})
        .headers["Location"]
        .startswith("/account/confirm")
    )
    (row,) = blog.rows("SELECT name FROM bastide_passkey")
    assert row[0] == "My key"


@pytest.mark.profiles("factors.is_required")
def test_removing_one_ends_other_sessions_and_the_last_one_the_codes(blog: Blog) -> None:
    owner, key = added(blog)
    further = SoftKey()
    blog.clock.advance(timedelta(seconds=1))
    assert add(owner, further, "Second").headers["Location"] == "/account/factors"
    waiting, other = half_way(blog), blog.browser()
    assert show(other, SIGN_IN, further) == 303
    first = handles(owner)[0]
    assert owner.post(f"{ADD}/remove", {"passkey": first}).status_code == 303
    assert other.get("/account").status_code == 303
    assert waiting.get("/account/second-factor").headers["Location"] == "/account/sign-in"
    assert show(blog.browser(), SIGN_IN, key) == 403
    assert owner.post(f"{ADD}/remove", {"passkey": first}).status_code == 404
    assert blog.rows("SELECT count(*) FROM bastide_backup_code")[0][0] == 10
    assert show(half_way(blog), SECOND, further) == 303
    assert owner.post(f"{ADD}/remove", {"passkey": handles(owner)[0]}).status_code == 303
    assert blog.rows("SELECT count(*) FROM bastide_backup_code")[0][0] == 0
    assert blog.browser().sign_in("maud").headers["Location"] == "/"


@pytest.mark.asvs("V8.2.2")
def test_nobody_touches_somebody_else_s_passkeys(blog: Blog) -> None:
    owner, key = added(blog)
    mallory = blog.signed_in("mallory")
    (handle,) = handles(owner)
    assert mallory.post(f"{ADD}/remove", {"passkey": handle}).status_code == 404
    assert mallory.post(f"{ADD}/rename", {"passkey": handle, "name": "Mine"}).status_code == 404
    stolen = SoftKey(credential_id=key.credential_id)
    assert add(mallory, stolen).status_code == 400
    assert handles(mallory) == []
    assert handles(owner) == [handle]
    assert show(blog.browser(), SIGN_IN, key) == 303


def test_a_name_is_text_on_one_line(blog: Blog) -> None:
    owner, _ = added(blog)
    (handle,) = handles(owner)
    evil = "<script>alert(1)</script>"
    assert owner.post(f"{ADD}/rename", {"passkey": handle, "name": evil}).status_code == 303
    page = owner.get("/account/factors").text
    assert evil not in page
    assert "&lt;script&gt;alert(1)" in page
    for bad in ("", "x" * 61, "a\nb", "a\u202eb", "a\x00b"):
        assert owner.post(f"{ADD}/rename", {"passkey": handle, "name": bad}).status_code == 400, bad
        assert owner.post(ADD, {"name": bad, "credential": "{}"}).status_code == 400, bad
    assert owner.post(f"{ADD}/rename", {"passkey": "\x00", "name": "x"}).status_code == 400
    assert owner.post(f"{ADD}/remove", {"passkey": "\x00"}).status_code == 404


@pytest.mark.asvs("V15.3.3")
def test_no_field_and_no_member_is_taken_that_was_not_asked_for(blog: Blog) -> None:
    owner, _ = added(blog)
    (handle,) = handles(owner)
    extra = {"account_id": "1", "sign_count": "0"}
    for path, form in (
        (ADD, {"name": "x", "credential": "{}"}), (f"{ADD}/rename", {"passkey": handle, "name": "x"}),
        (f"{ADD}/remove", {"passkey": handle}), (SIGN_IN, {"credential": "{}", "next": ""}),
        (CONFIRM, {"credential": "{}", "next": ""}), (f"{ADD}/options", {}), (f"{SIGN_IN}/options", {}),
        (f"{CONFIRM}/options", {}),
    ):  # fmt: skip
        assert owner.post(path, {**form, **extra}).status_code == 400, path
    assert owner.post(ADD, {"name": "x", "credential": "y" * 16_385}).status_code == 400
    key = SoftKey()
    sent = json.loads(key.create(options(owner, ADD)))
    sent |= {"account_id": 999, "name": "Not this", "sign_count": 77, "authenticatorAttachment": ["x"]}
    sent["response"] |= {"publicKey": "AAAA", "transports": ["usb", "<b>", 7, None], "account": "zoe"}
    assert owner.post(ADD, {"name": "Kept", "credential": json.dumps(sent)}).status_code == 303
    rows = blog.rows("SELECT name, sign_count, transports FROM bastide_passkey ORDER BY name")
    assert [tuple(row) for row in rows] == [("Kept", 0, "usb"), ("My key", 0, "internal")]


def test_a_disabled_account_s_passkey_is_refused_like_a_wrong_one(blog: Blog) -> None:
    _, key = added(blog)
    blog.services.stores.accounts.set_active(account_id(blog), is_active=False)
    refused, wrong = blog.browser(), blog.browser()
    first = refused.post(SIGN_IN, {"credential": key.get(options(refused, SIGN_IN)), "next": ""})
    second = wrong.post(SIGN_IN, {"credential": SoftKey().get(options(wrong, SIGN_IN)), "next": ""})
    assert (first.status_code, second.status_code) == (403, 403)
    assert "not accepted" in first.text
    assert refused.get("/account").status_code == 303


def test_options_tell_strangers_nothing_and_are_rated(blog: Blog) -> None:
    added(blog)
    stranger = blog.browser(address="198.51.100.7")
    told = options(stranger, SIGN_IN)
    assert told.keys() == {"rpId", "challenge", "timeout", "allowCredentials", "userVerification"}
    assert told["allowCredentials"] == []
    answers = [stranger.post(f"{SIGN_IN}/options").status_code for _ in range(60)]
    assert answers == [200] * 59 + [429]
    assert blog.rows("SELECT count(*) FROM bastide_ticket WHERE purpose = 'passkey'")[0][0] == 1


@pytest.mark.asvs("V7.5.3")
def test_a_passkey_confirms_a_stale_session(blog: Blog) -> None:
    owner, key = added(blog)
    blog.clock.advance(timedelta(minutes=11))
    assert owner.get("/account/factors").headers["Location"].startswith("/account/confirm")
    assert "Use a passkey" in owner.get("/account/confirm").text
    before = owner.cookie("__Host-session")
    assert show(owner, CONFIRM, key) == 303
    assert owner.cookie("__Host-session") != before
    assert owner.get("/account/factors").status_code == 200
    assert "Use a passkey" not in blog.signed_in("zoe").get("/account/confirm").text


def test_a_way_on_leads_nowhere_else(blog: Blog) -> None:
    _, key = added(blog)
    browser = blog.browser()
    sent = key.get(options(browser, SIGN_IN))
    answer = browser.post(SIGN_IN, {"credential": sent, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


@pytest.mark.asvs("V3.4.3")
def test_the_pages_let_their_own_script_ask_and_nobody_else_s(blog: Blog) -> None:
    owner, _ = added(blog)
    pages = [blog.browser().get("/account/sign-in"), half_way(blog).get("/account/second-factor"),
             owner.get("/account/factors"), owner.get("/account/confirm")]  # fmt: skip
    for page in pages:
        nonce = page.text.rpartition('nonce="')[2].partition('"')[0]
        assert '/passkeys.js" nonce="' in page.text
        assert f"'nonce-{nonce}'" in page.headers["Content-Security-Policy"]
        assert "publickey-credentials" not in page.headers["Permissions-Policy"]
    with blog.browser().get("/bastide/static/passkeys.js") as script:
        assert script.status_code == 200
        assert "innerHTML" not in script.text


def test_where_passkeys_are_not_offered_their_addresses_are_not_there(
    framework: str, tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'blog.sqlite3'}"
    blog = make_blog(url, tmp_path, clock, framework=framework)
    owner, _ = added(blog)
    blog.services.passkeys.is_offered = False
    assert "passkey" not in blog.browser().get("/account/sign-in").text
    assert "passkeys.js" not in owner.get("/account/factors").text
    waiting = half_way(blog)
    assert "Use a passkey" not in waiting.get("/account/second-factor").text
    for browser, path in ((owner, ADD), (owner, CONFIRM), (blog.browser(), SIGN_IN)):
        form = {"credential": "{}", **({"name": "x"} if path == ADD else {"next": ""})}
        assert browser.post(path, form).status_code == 404
        assert browser.post(f"{path}/options").status_code == 404
    assert waiting.post(f"{SECOND}/options").status_code == 404
    assert waiting.post(SECOND, {"credential": "{}", "next": ""}).headers["Location"] == "/account/sign-in"
    blog.close()


def test_a_passkey_is_the_factor_that_a_role_asks_for_and_their_number_is_limited(
    framework: str, tmp_path: Path, clock: FrozenClock
) -> None:
    settings = {
        "factors": {"required_roles": frozenset({"administrator"})}, "passkeys": {"max_per_account": 1},
    }  # fmt: skip
    url = f"sqlite:///{tmp_path / 'blog.sqlite3'}"
    blog = make_blog(url, tmp_path, clock, framework=framework, settings=settings)
    boss = blog.signed_in("boss", "administrator")
    assert boss.get("/admin").headers["Location"].startswith("/account/factors")
    assert add(boss, SoftKey()).status_code == 200
    assert boss.get("/admin").status_code == 200
    assert "as many passkeys" in boss.get("/account/factors").text
    assert add(boss, SoftKey()).status_code == 400
    (handle,) = handles(boss)
    assert boss.post(f"{ADD}/remove", {"passkey": handle}).status_code == 303
    assert boss.get("/admin").status_code == 303
    blog.close()


@pytest.mark.asvs("V6.5.1", "V15.4.2")
@pytest.mark.parametrize("kind", ["one answer", "one counter"])
def test_of_many_at_once_one_wins(
    framework: str, database_url: str, tmp_path: Path, clock: FrozenClock, kind: str
) -> None:
    """From 12 threads in 3 processes: one answer sent often, or answers that a copied key signed alike."""
    blog = make_blog(database_url, tmp_path, clock, framework=framework)
    _, key = added(blog)
    visits = []
    half = half_way(blog)
    sent = key.get(options(half, SECOND), count=1)
    for _ in range(12):
        if kind == "one counter":
            half = half_way(blog)
            sent = key.get(options(half, SECOND), count=1)
        visits.append(Visit(SECOND, str(half.cookie("__Host-session")), {"credential": sent, "next": ""}))
    got = post_at_once(framework, database_url, tmp_path, clock.now(), visits, processes=3)
    assert got.count((303, "/")) == 1, got
    assert blog.kinds().count("account:factor:success") == 1
    blog.close()


def test_a_stolen_database_opens_nothing(blog: Blog) -> None:
    _, key = added(blog)
    browser = blog.browser()
    asked = options(browser, SIGN_IN)
    dump = str([blog.rows(f"SELECT * FROM bastide_{table}") for table in ("passkey", "ticket", "event")])
    assert asked["challenge"] not in dump
    assert PASSWORD not in dump
    secret = key.key.private_numbers().private_value
    assert str(secret) not in dump
