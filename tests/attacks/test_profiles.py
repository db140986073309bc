"""One life of an account on each framework and each database: what a profile states otherwise is what happens."""

from datetime import timedelta

import pytest

from support.blog import Blog, Browser, last_link
from support.factors import code_of, enrol

pytestmark = pytest.mark.own_factors

LINKS = {"default": timedelta(hours=1), "asvs": timedelta(minutes=10)}
SECOND = timedelta(seconds=1)
# Thirteen signs of four sorts, fifteen of one, and eight: long enough by rule, always, and beside a factor.
MIXED, LONG, SHORT = "Vq7!zk9#Lm2?w", "quiet old otter", "zk9vq7lm"


def registration(blog: Blog, email: str = "maud@example.org") -> str:
    assert blog.browser().post("/account/register", {"email": email}).status_code == 303
    return last_link(blog)


def chosen(password: str, **more: str) -> dict[str, str]:
    return {"password": password, "password_again": password, **more}


def half_way(blog: Blog, password: str) -> Browser:
    browser = blog.browser()
    assert browser.sign_in("maud", password).headers["Location"] == "/account/second-factor"
    return browser


def fresh(blog: Blog, password: str, key: str) -> Browser:
    browser = half_way(blog, password)
    code = {"code": code_of(key, blog), "next": ""}
    assert browser.post("/account/second-factor", code).status_code == 303
    return browser


@pytest.mark.profiles(
    "factors.is_required", "factors.drift_steps", "passwords.preset", "tickets.registration_lifetime",
    "tickets.email_change_lifetime",
)  # fmt: skip
@pytest.mark.asvs("V6.2.1", "V6.3.3", "V6.5.5")
def test_a_life_of_an_account_is_what_the_profile_says(blog_on_each_database: Blog, profile: str) -> None:
    blog, is_asvs = blog_on_each_database, profile == "asvs"
    owner = blog.browser()
    late = registration(blog)
    blog.clock.advance(LINKS[profile])
    assert owner.get(late).status_code == 410
    link = registration(blog)
    blog.clock.advance(LINKS[profile] - SECOND)
    assert owner.get(link).status_code == 200

    # Without a second factor a password of eight signs is never enough, and one by its sorts not for everybody.
    assert owner.post(link, chosen(SHORT, username="maud")).status_code == 400
    if is_asvs:
        assert owner.post(link, chosen(MIXED, username="maud")).status_code == 400
    password = LONG if is_asvs else MIXED
    assert owner.post(link, chosen(password, username="maud")).status_code == 303
    assert owner.sign_in("maud", password).status_code == 303

    # Rights wait for the factor where everybody needs one.
    account = blog.services.stores.accounts.find_account("maud")
    assert account is not None
    assert blog.services.stores.accounts.grant_role(account.id, "author")
    page = owner.get("/posts/new")
    assert (page.status_code, page.headers.get("Location", "")[:16]) == (
        (303, "/account/factors") if is_asvs else (200, "")
    )
    key, _ = enrol(blog, owner)
    assert owner.get("/posts/new").status_code == 200

    # An authenticator whose clock is half a minute ahead, and one whose is a whole.
    ahead = half_way(blog, password)
    for steps, status in ((2, 403), (1, 403 if is_asvs else 303)):
        code = {"code": code_of(key, blog, steps=steps), "next": ""}
        assert ahead.post("/account/second-factor", code).status_code == status
    blog.clock.advance(timedelta(minutes=1))
    here = fresh(blog, password, key)

    # Beside the factor eight signs are enough for NIST.
    changed = here.post("/account/password", chosen(SHORT, current_password=password))
    assert changed.status_code == (303 if is_asvs else 400)
    password = SHORT if is_asvs else password

    assert here.post("/account/email", {"email": "new@elsewhere.example"}).status_code == 303
    link = last_link(blog)
    blog.clock.advance(LINKS[profile] - SECOND)
    here = fresh(blog, password, key)
    assert here.get(link).status_code == 200
    blog.clock.advance(SECOND)
    assert here.get(link).status_code == 404
