"""A person's way through the blog in a real browser, with scripts and without."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from bastide.core.clock import SystemClock
from conftest import make_blog
from support.blog import PASSWORD, Blog
from support.tools import find_chromium

SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SCREENSHOTS = os.environ.get("BASTIDE_SCREENSHOTS")


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def served(framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Blog, str]]:
    """The blog on a real port, with the real time."""
    # Playwright keeps an event loop in this thread, where Django would refuse to ask its database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    blog = make_blog(f"sqlite:///{tmp_path / 'blog.sqlite3'}", tmp_path, SystemClock(), framework=framework)  # type: ignore[arg-type]
    server: WSGIServer = make_server("127.0.0.1", 0, blog.application, handler_class=Quiet)

    def serve() -> None:
        server.serve_forever()
        blog.leave_thread()

    thread = Thread(target=serve)
    thread.start()
    yield blog, f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    blog.close()


class Walk:
    """A page that is checked for accessibility and kept as a picture at each stop."""

    def __init__(self, page: Page, base: str, name: str) -> None:
        self.page, self.base, self.name, self.stops = page, base, name, 0

    def stop(self) -> None:
        violations = Axe().run(self.page).response["violations"]
        assert [(entry["id"], entry["nodes"][0]["html"]) for entry in violations] == [], self.page.url
        width = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert width <= 0, f"{self.page.url} scrolls sideways"
        self.stops += 1
        if SCREENSHOTS:
            name = re.sub(r"\W+", "-", self.page.url.removeprefix(self.base))[:40]
            self.page.screenshot(path=f"{SCREENSHOTS}/{self.name}-{self.stops:02}{name}.png", full_page=True)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)
        self.stop()

    def fill(self, button: str, **values: str) -> None:
        for label, value in values.items():
            self.page.locator(f"main [name={label}]").fill(value)
        self.page.locator("main").get_by_role("button", name=button, exact=True).click()
        self.stop()

    def sign_in(self, name: str) -> None:
        self.go("/account/sign-in")
        self.fill("Sign in", name=name, password=PASSWORD)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_register_write_comment_moderate_search_and_leave(  # noqa: PLR0915 -- one walk
    chromium: Browser,
    served: tuple[Blog, str],
    size: str,
    scripts: bool,  # noqa: FBT001
) -> None:
    blog, base = served
    context = chromium.new_context(viewport=SIZES[size], java_script_enabled=True)  # type: ignore[arg-type]
    # Axe is a script itself: where the blog's scripts are off, they are blocked instead of the engine.
    if not scripts:
        context.route("**/*.js", lambda route: route.abort())
    context.add_init_script("window.planted = 0")
    page = context.new_page()
    walk = Walk(page, base, f"{size}-{'js' if scripts else 'nojs'}")
    walk.go("/")
    walk.go("/account/register")
    walk.fill("Send the link", email="newcomer@example.org")
    link = re.findall(r"http://localhost\S+", blog.outbox.messages[-1].body)[0]
    walk.go(link.removeprefix(base))
    walk.fill("Create the account", username="newcomer", password="short", password_again="short")
    assert page.get_by_role("alert").is_visible()
    walk.fill("Create the account", password=PASSWORD, password_again=PASSWORD)
    walk.fill("Sign in", name="newcomer", password=PASSWORD)
    account = blog.services.stores.accounts.find_account("newcomer")
    assert account is not None
    blog.services.stores.accounts.grant_role(account.id, "author")
    walk.go("/posts/new")
    text = "## A heading\n\nSome *text* <img src=x alt=picture onerror='window.planted=1'> [link](javascript:window.planted=2)"
    walk.fill("Save the draft", title="My first post", content=text, tags="bread, letters")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Publish").click()
    walk.stop()
    walk.go("/my/posts")
    page.goto(page.get_by_role("link", name="My first post").get_attribute("href") and base + "/posts/1")
    assert page.evaluate("window.planted") == 0
    page.locator(".menu summary").click()
    page.locator("header").get_by_role("button", name="Sign out").click()
    blog.add_account("reader")
    blog.add_account("moderator7", "moderator", "reader")
    blog.add_account("boss1", "administrator")
    walk.sign_in("reader")
    walk.go("/posts/1")
    walk.fill("Send the comment", body="What a *fine* post <script>window.planted=3</script>")
    assert page.get_by_text("Waiting for a moderator").is_visible()
    context.clear_cookies()
    walk.sign_in("moderator7")
    walk.go("/moderation")
    walk.page.get_by_role("button", name="Approve").click()
    walk.stop()
    context.clear_cookies()
    walk.go("/posts/1")
    assert page.get_by_text("What a fine post").is_visible()
    assert page.evaluate("window.planted") == 0
    walk.go("/?q=first&sort=title&dir=asc")
    assert page.get_by_role("link", name="My first post").is_visible()
    walk.go("/?q=nothing-like-it")
    walk.go("/authors/newcomer")
    walk.go("/contact")
    walk.sign_in("boss1")
    for path in ("/admin", "/admin/users", "/admin/users/1", "/admin/locks", "/admin/log", "/admin/csp-reports",
                 "/admin/messages", "/admin/log?kind=account&outcome=success", "/account", "/account/activity", "/account/password", "/profile", "/nothing"):  # fmt: skip
        walk.go(path)
    context.close()


@pytest.mark.asvs("V3.4.3")
def test_what_is_planted_past_the_sanitiser_does_not_run(chromium: Browser, served: tuple[Blog, str]) -> None:
    blog, base = served
    author = blog.signed_in("maud", "author", "reader")
    post_id = blog.publish(author, "A plain post")
    planted = (
        "<script>window.planted=1</script><img src=x onerror='window.planted=2'><a id=x href='javascript:window.planted=3'>go</a>"
        "<script src='https://evil.example/x.js'></script><style>body{display:none}</style><p style='color:red'>styled</p>"
    )
    with blog.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE post SET body_html = ?", (planted,))
    context = chromium.new_context()
    context.add_init_script(
        "window.planted = 0; window.blocked = [];"
        "document.addEventListener('securitypolicyviolation', (event) => window.blocked.push(event.effectiveDirective))"
    )
    page = context.new_page()
    page.goto(f"{base}/posts/{post_id}")
    page.locator("#x").click()
    page.wait_for_function("window.blocked.length >= 5")
    assert page.evaluate("window.planted") == 0
    blocked = set(page.evaluate("window.blocked"))
    assert {"script-src-elem", "script-src-attr", "style-src-elem", "style-src-attr"} <= blocked
    assert page.locator("h1").is_visible()
    context.close()
