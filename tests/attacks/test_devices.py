"""Sessions that outlive what should have ended them, and hands on somebody else's."""

import re
from datetime import timedelta

import pytest

from support.blog import Blog, Browser

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"


def handles(browser: Browser) -> list[str]:
    """Return the handles of the sessions that the page offers to end."""
    return re.findall(r'name="session" value="([0-9a-f]{32})"', browser.get("/account/devices").text)


@pytest.mark.asvs("V7.4.3", "V7.5.2")
def test_owners_see_their_sessions_and_end_one_or_all_others(blog: Blog) -> None:
    owner = blog.signed_in("maud")
    phone, laptop = (blog.browser(address=f"198.51.100.{number}", agent=CHROME) for number in (1, 2))
    assert [device.sign_in("maud").status_code for device in (phone, laptop)] == [303, 303]
    page = owner.get("/account/devices").text
    assert page.count("Chrome on Windows") >= 2
    assert "Firefox on Linux" in page
    assert "198.51.100.1" in page
    first, _ = handles(owner)
    assert owner.post("/account/devices", {"session": first}).status_code == 303
    assert sorted(device.get("/account").status_code for device in (phone, laptop)) == [200, 303]
    assert owner.post("/account/devices", {"session": "others"}).status_code == 303
    assert [device.get("/account").status_code for device in (phone, laptop, owner)] == [303, 303, 200]
    assert blog.kinds().count("session:end:requested") == 2


@pytest.mark.asvs("V8.2.2")
def test_nobody_ends_the_session_of_another(blog: Blog) -> None:
    victim, mallory = blog.signed_in("maud"), blog.signed_in("mallory")
    blog.browser(agent=CHROME).sign_in("maud")
    (foreign,) = handles(victim)
    for asked in (foreign, "", "x" * 32, foreign[:31], "others"):
        assert mallory.post("/account/devices", {"session": asked}).status_code == 404
    assert victim.get("/account").status_code == 200
    assert len(handles(victim)) == 1
    assert victim.post("/account/devices", {}).status_code == 404


@pytest.mark.profiles("factors.is_required")
def test_the_page_asks_for_a_fresh_factor(blog: Blog) -> None:
    owner = blog.signed_in("maud")
    blog.clock.advance(timedelta(minutes=11))
    assert owner.get("/account/devices").headers["Location"].startswith("/account/confirm")
    assert owner.post("/account/devices", {"session": "others"}).status_code in {303, 403}
    assert "session:end:requested" not in blog.kinds()


def test_an_administrator_ends_every_session_of_anybody(blog: Blog) -> None:
    boss, owner = blog.signed_in("boss", "administrator"), blog.signed_in("maud")
    account = blog.services.stores.accounts.find_account("maud")
    assert account is not None
    assert "1 session" in boss.get(f"/admin/users/{account.id}").text
    assert owner.post(f"/admin/users/{account.id}/end-sessions").status_code == 403
    assert boss.post(f"/admin/users/{account.id}/end-sessions").status_code == 303
    assert owner.get("/account").status_code == 303
    assert boss.get("/account").status_code == 200


def test_an_account_has_a_bounded_number_of_sessions(blog: Blog) -> None:
    blog.add_account("maud")
    most = blog.services.settings.sessions.max_per_account
    browsers = [blog.browser(address=f"198.51.100.{number % 200}") for number in range(most + 1)]
    for browser in browsers:
        assert browser.sign_in("maud").status_code == 303
        blog.clock.advance(timedelta(seconds=1))
    assert [browsers[number].get("/account").status_code for number in (0, 1, most)] == [303, 200, 200]
    assert blog.rows("SELECT count(*) FROM bastide_session")[0][0] == most
