"""What a real browser keeps, and shows again, after somebody signed out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from support.blog import PASSWORD, Blog
from support.tools import find_chromium


@pytest.fixture(scope="module")
def remembering() -> Iterator[Browser]:
    """A browser that brings pages back from memory, as people's do; automation turns that off."""
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"],
            ignore_default_args=["--disable-back-forward-cache"],
        )  # fmt: skip
        yield browser
        browser.close()


def sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/account/sign-in")
    page.get_by_label("User name or e-mail").fill("maud")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{base}/")


@pytest.mark.asvs("V14.3.1")
def test_signing_out_takes_the_session_s_cookie_and_no_other(
    remembering: Browser, served: tuple[Blog, str]
) -> None:
    blog, base = served
    blog.add_account("maud")
    context = remembering.new_context()
    page = context.new_page()
    sign_in(page, base)
    other = {"name": "of_another_application", "value": "kept", "url": base}
    context.add_cookies([other])  # type: ignore[list-item]
    device = {cookie["name"]: cookie["value"] for cookie in context.cookies()}["__Host-device"]
    page.goto(f"{base}/account")
    assert page.get_by_text("maud@example.org").first.is_visible()
    page.locator(".menu summary").click()
    page.locator("header").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{base}/")
    jar = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    assert "__Host-session" not in jar
    assert (jar["__Host-device"], jar["of_another_application"]) == (device, "kept")
    page.go_back()
    page.wait_for_load_state()
    assert not page.get_by_text("maud@example.org").count(), "the back button shows nothing of whoever left"
    context.close()
