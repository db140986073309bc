"""A form that is too old, in a real browser: what was typed is sent again."""

import pytest
from playwright.sync_api import Browser, Page

from support.blog import PASSWORD, Blog


def sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/account/sign-in")
    page.get_by_label("User name or e-mail").fill("maud")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{base}/")


@pytest.mark.asvs("V3.5.1")
def test_what_another_tab_made_too_old_is_sent_again(chromium: Browser, served: tuple[Blog, str]) -> None:
    blog, base = served
    blog.add_account("maud", "author", "reader")
    context = chromium.new_context()
    page, other = context.new_page(), context.new_page()
    sign_in(page, base)
    page.goto(f"{base}/posts/new")
    page.get_by_label("Title").fill('Tea & "biscuits"')
    page.locator("textarea").fill("A first line.\n\nA <b>second</b> one.")
    sign_in(other, base)
    page.locator("main button.primary").click()
    again = page.get_by_role("button", name="Send again")
    assert page.get_by_role("heading", name="This form is too old").is_visible()
    assert page.get_by_text("A <b>second</b> one.").is_visible()
    again.click()
    page.wait_for_url(f"{base}/posts/1")
    kept = blog.rows("SELECT title, content FROM post")
    assert [tuple(row) for row in kept] == [('Tea & "biscuits"', "A first line.\n\nA <b>second</b> one.")]
    context.close()
