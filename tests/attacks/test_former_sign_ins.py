"""Whoever was signed in before Bastide: the sign-in has ended, they are told once, and nothing of it opens anything."""

from html import unescape

import pytest
from itsdangerous import URLSafeTimedSerializer

from support.blog import PASSWORD, Blog, Browser

TOLD = (
    "You were signed out because this site's sign-in was renewed. Sign in again with the password you have."
)
NAMES = {"flask": "session", "django": "sessionid"}


def former(blog: Blog, account_id: str = "1") -> str:
    if blog.framework == "django":
        return "k3j" * 10 + "zz"
    return str(URLSafeTimedSerializer("their key", salt="cookie-session").dumps({"_user_id": account_id}))


def former_browser(blog: Blog) -> Browser:
    browser = blog.browser()
    browser.set_cookie(NAMES[blog.framework], former(blog))
    return browser


@pytest.mark.asvs("V7.4.1", "V7.2.4")
def test_a_former_sign_in_ends_with_a_notice_and_comes_back_to_where_it_was(blog: Blog) -> None:
    blog.add_account("maud")
    browser, name = former_browser(blog), NAMES[blog.framework]
    asked = browser.get("/account?a=1")
    assert asked.status_code == 303
    assert not asked.headers.getlist("Set-Cookie")
    page = browser.get(asked.headers["Location"])
    assert unescape(page.text).count(TOLD) == 1
    assert page.headers["Cache-Control"] == "no-store, private"
    (dropped,) = [each for each in page.headers.getlist("Set-Cookie") if each.strip().startswith(f"{name}=")]
    assert "Max-Age=0" in dropped
    assert browser.cookie(name) is None
    assert TOLD not in unescape(browser.get(asked.headers["Location"]).text)
    answer = browser.sign_in("maud", PASSWORD, target="/account?a=1")
    assert answer.headers["Location"].endswith("/account?a=1")


@pytest.mark.asvs("V7.2.4")
def test_whoever_signs_in_is_not_told_later(blog: Blog) -> None:
    blog.add_account("maud")
    browser = former_browser(blog)
    answer = browser.sign_in("maud")
    assert answer.status_code == 303
    assert browser.cookie(NAMES[blog.framework]) is None


@pytest.mark.asvs("V14.2.2", "V14.2.5")
def test_other_pages_and_other_people_are_as_they_were(blog: Blog) -> None:
    stranger, browser = blog.browser(), former_browser(blog)
    first, page = stranger.get("/"), browser.get("/")
    for name in ("Cache-Control", "Vary", "Set-Cookie"):
        assert page.headers.getlist(name) == first.headers.getlist(name)
    assert TOLD not in unescape(stranger.get("/account/sign-in").text)
    basket = blog.browser()
    basket.set_cookie(NAMES[blog.framework], "A" * 43)
    assert TOLD not in unescape(basket.get("/account/sign-in").text)
    assert basket.cookie(NAMES[blog.framework]) == "A" * 43
