"""Attacks on the way back in: asking for links, using them twice, keeping what they should have ended."""

from datetime import timedelta
from pathlib import Path

import pytest

from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import PASSWORD, Blog, links_in
from support.factors import enrol

NEW = "an even better battery staple"
FORM = {"password": NEW, "password_again": NEW}


def ask(blog: Blog, email: str = "maud@example.org") -> str:
    """Ask for a link; return where it leads."""
    blog.browser().post("/account/reset", {"email": email})
    return links_in(blog.outbox.messages[-1])[0]


@pytest.mark.asvs("V6.3.8")
def test_asking_answers_alike_for_known_unknown_and_disabled_accounts(blog: Blog) -> None:
    blog.add_account("maud")
    disabled = blog.add_account("tomas")
    blog.services.stores.accounts.set_active(disabled, is_active=False)
    answers = [
        blog.browser().post("/account/reset", {"email": f"{name}@example.org"})
        for name in ("maud", "nobody", "tomas")
    ]
    assert {(answer.status_code, answer.headers["Location"], answer.text) for answer in answers} == {
        (303, "/account/reset/sent", answers[0].text)
    }
    assert [len(links_in(message)) for message in blog.outbox.messages] == [1, 0, 0]
    assert blog.browser().get("/account/reset/sent").status_code == 200


@pytest.mark.asvs("V4.1.3")
def test_nobody_has_a_port_of_their_choice_mailed(framework: str, tmp_path: Path, clock: FrozenClock) -> None:
    hosts = frozenset({"localhost", "intranet.example"})
    transport = {"allowed_hosts": hosts, "plain_http_hosts": hosts}
    url = f"sqlite:///{tmp_path / 'blog.sqlite3'}"
    blog = make_blog(url, tmp_path, clock, framework=framework, settings={"transport": transport})
    blog.add_account("maud")
    browser = blog.browser()
    form = {"email": "maud@example.org", blog.token_field: browser.token()}
    cookie = f"__Host-visitor={browser.cookie('__Host-visitor')}"
    for port, status in ((":666", 400), (":443", 400), ("", 303)):
        origin = f"http://intranet.example{port}"
        answer = browser.open(
            "POST", "/account/reset", data=form, base_url=origin, environ={"HTTP_COOKIE": cookie},
            headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        assert answer.status_code == status
    (message,) = blog.outbox.messages
    assert "http://intranet.example/account/reset/" in message.body
    blog.close()


@pytest.mark.profiles("factors.is_required", "passwords.preset")
@pytest.mark.asvs("V6.4.3", "V6.6.2")
def test_a_link_works_once_ends_every_session_and_signs_nobody_in(blog: Blog) -> None:
    owner, thief = blog.signed_in("maud"), blog.browser(address="198.51.100.7")
    thief.sign_in("maud")
    assert thief.get("/account").status_code == 200
    link = ask(blog)
    browser = blog.browser()
    assert browser.get(link).status_code == 200
    assert browser.post(link, {**FORM, "password_again": "another"}).status_code == 400
    assert browser.post(link, {"password": "short", "password_again": "short"}).status_code == 400
    done = browser.post(link, FORM)
    assert (done.status_code, done.headers["Location"]) == (303, "/account/sign-in")
    assert [person.get("/account").status_code for person in (owner, thief, browser)] == [303] * 3
    spent = browser.post(link, {"password": PASSWORD, "password_again": PASSWORD})
    assert spent.status_code == 410
    assert 'action="/account/reset"' in spent.text
    assert blog.browser().sign_in("maud").status_code == 403
    assert blog.browser().sign_in("maud", NEW).status_code == 303
    assert blog.outbox.messages[-1].subject == "Your password was reset"
    assert blog.kinds().count("account:password:reset") == 1
    assert NEW not in str(blog.rows("SELECT * FROM bastide_event"))


def test_a_link_dies_after_ten_minutes_and_with_the_next_one(blog: Blog) -> None:
    blog.add_account("maud")
    first, second = ask(blog), ask(blog)
    assert blog.browser().get(first).status_code == 410
    assert blog.browser().get(second).status_code == 200
    blog.clock.advance(timedelta(minutes=10))
    assert blog.browser().post(second, FORM).status_code == 410
    assert blog.browser().sign_in("maud").status_code == 303


def test_a_link_dies_with_the_password_it_would_replace(blog: Blog) -> None:
    owner = blog.signed_in("maud")
    link = ask(blog)
    form = {"current_password": PASSWORD, **FORM}
    assert owner.post("/account/password", form).status_code == 303
    assert blog.browser().get(link).status_code == 410
    later = ask(blog)
    blog.services.stores.accounts.set_active(
        blog.services.stores.accounts.find_account("maud").id, is_active=False  # type: ignore[union-attr]
    )  # fmt: skip
    assert blog.browser().get(later).status_code == 410


def test_a_link_for_another_purpose_opens_nothing(blog: Blog) -> None:
    blog.browser().post("/account/register", {"email": "new@example.org"})
    token = links_in(blog.outbox.messages[-1])[0].rpartition("/")[2]
    blog.add_account("maud")
    reset = ask(blog).rpartition("/")[2]
    assert blog.browser().get(f"/account/reset/{token}").status_code == 410
    assert blog.browser().get(f"/account/register/{reset}").status_code == 410
    assert blog.browser().get(f"/account/invitation/{reset}").status_code == 404


@pytest.mark.profiles("factors.is_required")
@pytest.mark.own_factors
@pytest.mark.asvs("V6.3.1")
@pytest.mark.parametrize("has_factor", [False, True])
def test_a_reset_opens_the_locks_of_its_account_unless_a_mailbox_would_buy_guesses(
    blog: Blog,
    has_factor: bool,  # noqa: FBT001
) -> None:
    blog.add_account("maud")
    if has_factor:
        enrol(blog, blog.signed_in("maud"))
    for _ in range(5):
        blog.browser(address="192.0.2.1").sign_in("maud", "wrong password number one")
    assert blog.browser(address="192.0.2.2").sign_in("maud").status_code == 429
    blog.browser().post(ask(blog), FORM)
    answer = blog.browser(address="192.0.2.2").sign_in("maud", NEW)
    assert answer.status_code == (429 if has_factor else 303)
    assert ("account:lock:lifted" in blog.kinds()) is not has_factor


def test_mail_to_one_address_and_requests_of_one_network_are_bounded(blog: Blog) -> None:
    blog.add_account("maud")
    answers = [
        blog.browser().post("/account/reset", {"email": "maud@example.org"}).status_code for _ in range(11)
    ]
    assert answers == [303] * 10 + [429]
    assert len(blog.outbox.messages) == 3
