"""What a real browser keeps, and shows again, after somebody signed out or was signed out elsewhere."""

from collections.abc import Callable, Iterator

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


def end_from_another_device(blog: Blog) -> None:
    other = blog.signed_in("maud")
    other.confirm("maud")
    assert other.post("/account/devices", {"session": "others"}).status_code == 303


def change_the_password(blog: Blog) -> None:
    other, new = blog.signed_in("maud"), "another long pass phrase"
    form = {"current_password": PASSWORD, "password": new, "password_again": new}
    assert other.post("/account/password", form).status_code == 303


def disable_the_account(blog: Blog) -> None:
    assert blog.run("users", "disable", "maud")[0] == 0


def open_then_leave(page: Page, base: str) -> None:
    page.goto(f"{base}/account")
    assert page.get_by_text("maud@example.org").first.is_visible()
    page.evaluate(
        "addEventListener('pageshow', (event) => {"
        " sessionStorage.came = `${event.persisted} ${document.documentElement.hidden}`; })"
    )
    page.goto(f"{base}/contact")


@pytest.mark.asvs("V14.3.1", "V7.4.1")
@pytest.mark.parametrize("end", [end_from_another_device, change_the_password, disable_the_account])
def test_what_ended_elsewhere_shows_nothing_on_back(
    remembering: Browser, served: tuple[Blog, str], end: Callable[[Blog], None]
) -> None:
    blog, base = served
    blog.add_account("maud")
    context = remembering.new_context()
    page = context.new_page()
    sign_in(page, base)
    open_then_leave(page, base)
    end(blog)
    with page.expect_response(f"{base}/account") as asked:
        page.go_back(wait_until="commit")
    assert asked.value.status == 303
    page.wait_for_url(f"{base}/account/sign-in?next=/account")
    assert page.evaluate("sessionStorage.came") == "true true", "back from memory, and hidden"
    assert not page.get_by_text("maud").count()
    context.close()


def test_whoever_is_still_signed_in_goes_back_to_a_page_that_shows(
    remembering: Browser, served: tuple[Blog, str]
) -> None:
    blog, base = served
    blog.add_account("maud")
    context = remembering.new_context()
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    sign_in(page, base)
    open_then_leave(page, base)
    with page.expect_response(f"{base}/account") as asked:
        page.go_back(wait_until="commit")
    assert asked.value.status == 200
    page.wait_for_load_state()
    assert page.evaluate("sessionStorage.came") == "true true"
    assert page.get_by_text("maud@example.org").first.is_visible()
    assert said == [], "the policy lets the script in"
    context.close()
