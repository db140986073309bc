"""A person's way through the blog in a real browser, with scripts and without."""

import re

import pytest
from playwright.sync_api import Browser

from support.blog import PASSWORD, Blog
from support.walk import OTHER_SIZE_OF, SIZE_OF, SIZES, Walk


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_register_write_comment_moderate_search_and_leave(  # noqa: PLR0915 -- one walk
    chromium: Browser,
    served: tuple[Blog, str],
    framework: str,
    scripts: bool,  # noqa: FBT001
) -> None:
    blog, base = served
    size = (SIZE_OF if scripts else OTHER_SIZE_OF)[framework]
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
    walk.fill(
        "Create the account", username="newcomer", password="not quite long", password_again="not quite long"
    )
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
