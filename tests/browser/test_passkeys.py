"""Passkeys in a real browser, whose authenticator is the browser's own virtual one."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from bastide.core.foundation import encode_token
from support.blog import PASSWORD, Blog
from support.walk import SIZE_OF, SIZES, Walk

PHONE = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
KEY_WITHOUT_PIN = {"hasResidentKey": True, "hasUserVerification": False, "isUserVerified": False}
BARE_KEY = {"hasResidentKey": False, "hasUserVerification": False, "isUserVerified": False}


class Person(Walk):
    """Somebody with an account and an authenticator."""

    def __init__(
        self, blog: Blog, context: BrowserContext, base: str, name: str, **authenticator: bool
    ) -> None:
        super().__init__(context.new_page(), base, name)
        self.blog, self.context = blog, context
        self.devtools = context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable", {"enableUI": False})
        self.authenticator = self.plug_in(**authenticator)
        blog.add_account("maud", "reader")

    def plug_in(self, **authenticator: bool) -> str:
        kind = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True, **authenticator}
        added = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
        return str(added["authenticatorId"])

    def move_to(self, **authenticator: bool) -> None:
        """Carry the passkey over to an authenticator of another kind."""
        (credential,) = self.credentials()
        self.devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.authenticator})
        self.authenticator = self.plug_in(**authenticator)
        self.devtools.send(
            "WebAuthn.addCredential", {"authenticatorId": self.authenticator, "credential": credential}
        )

    def add_passkey(self, name: str) -> None:
        self.sign_in("maud")
        self.go("/account")
        self.page.get_by_role("link", name="Second factor").click()
        self.page.get_by_label("Name of the passkey").fill(name)
        self.press("Add a passkey")
        self.page.get_by_role("heading", name="Your backup codes").wait_for()
        self.stop()
        self.page.get_by_role("link", name="I have kept them").click()
        self.page.get_by_role("heading", name=name).wait_for()
        self.stop()

    def press(self, button: str) -> None:
        self.page.locator("main").get_by_role("button", name=button, exact=True).click()

    def sign_out(self) -> None:
        self.context.clear_cookies()

    def arrive(self, path: str) -> None:
        self.page.wait_for_url(self.base + path)
        self.stop()

    def credentials(self) -> list[dict[str, Any]]:
        found = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        kept: list[dict[str, Any]] = found["credentials"]
        return kept


@pytest.fixture
def context(chromium: Browser, served: tuple[Blog, str]) -> Iterator[BrowserContext]:
    """A browser window in which nothing may break the site's policy, or its scripts."""
    opened = chromium.new_context(viewport=SIZES["wide"])  # type: ignore[arg-type]
    broken: list[str] = []
    opened.on("weberror", lambda error: broken.append(str(error.error)))
    yield opened
    opened.close()
    assert broken == []
    assert served[0].services.stores.violations.list_violations(limit=9) == []


def weaken(page: Page, credential: dict[str, Any]) -> None:
    """Have the page ask for this passkey, and for less than the site wants."""
    identifier = encode_token(base64.b64decode(credential["credentialId"]))
    allowed = [{"type": "public-key", "id": identifier}]

    def rewrite(route: Route) -> None:
        reply = route.fetch()
        told = {**reply.json(), "userVerification": "discouraged", "allowCredentials": allowed}
        route.fulfill(response=reply, body=json.dumps(told))

    page.route("**/sign-in/passkey/options", rewrite)


@pytest.mark.asvs("V6.3.3")
def test_a_passkey_beside_the_password_alone_and_to_confirm(
    served: tuple[Blog, str], context: BrowserContext, framework: str
) -> None:
    (blog, base), size = served, SIZE_OF[framework]
    maud = Person(blog, context, base, f"passkey-{size}", **PHONE)
    maud.page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    maud.add_passkey("My phone")
    (credential,) = maud.credentials()
    assert (credential["isResidentCredential"], credential["rpId"]) == (True, "localhost")
    maud.sign_out()
    maud.sign_in("maud")
    assert maud.page.url == f"{base}/account/second-factor"
    maud.press("Use a passkey")
    maud.arrive("/")
    maud.sign_out()
    maud.go("/account/sign-in?next=/account")
    maud.press("Sign in with a passkey")
    maud.arrive("/account")
    assert maud.page.get_by_text("You are signed in.").is_visible()
    with blog.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE bastide_session SET confirmed_at = 0")
    maud.page.get_by_role("link", name="Second factor").click()
    maud.stop()
    maud.press("Use a passkey")
    maud.arrive("/account/factors")
    maud.page.get_by_text("Rename", exact=False).first.click()
    maud.page.get_by_label("New name").fill("Pocket")
    maud.stop()
    maud.press("Rename")
    maud.page.get_by_role("heading", name="Pocket").wait_for()
    maud.page.get_by_label("Name of the passkey").fill("The same once more")
    maud.press("Add a passkey")
    maud.page.get_by_text("Your browser made no passkey.").wait_for()
    maud.stop()
    maud.press("Remove Pocket")
    maud.page.get_by_text("Your passkey is removed").wait_for()
    maud.stop()
    maud.sign_out()
    maud.sign_in("maud")
    assert maud.page.url == f"{base}/"


def test_an_authenticator_without_a_pin_or_a_memory_is_a_second_factor(
    served: tuple[Blog, str], context: BrowserContext
) -> None:
    blog, base = served
    maud = Person(blog, context, base, "bare", **BARE_KEY)
    maud.add_passkey("Plain key")
    assert [kept["isResidentCredential"] for kept in maud.credentials()] == [False]
    maud.sign_out()
    maud.sign_in("maud")
    maud.press("Use a passkey")
    maud.arrive("/")


def test_an_authenticator_that_verified_nobody_does_not_sign_in_alone(
    served: tuple[Blog, str], context: BrowserContext
) -> None:
    blog, base = served
    maud = Person(blog, context, base, "unverified", **PHONE)
    maud.add_passkey("My phone")
    maud.move_to(**KEY_WITHOUT_PIN)
    maud.sign_out()
    weaken(maud.page, maud.credentials()[0])
    maud.go("/account/sign-in")
    maud.press("Sign in with a passkey")
    maud.arrive("/account/sign-in/passkey")
    assert maud.page.get_by_text("That passkey was not accepted").is_visible()
    assert blog.kinds()[-1] == "account:login:failure"
    maud.go("/account")
    assert maud.page.url.startswith(f"{base}/account/sign-in")
    maud.sign_in("maud")
    maud.press("Use a passkey")
    maud.arrive("/")


def test_a_finger_that_is_not_the_owner_s_opens_nothing(
    served: tuple[Blog, str], context: BrowserContext
) -> None:
    blog, base = served
    maud = Person(blog, context, base, "finger", **PHONE)
    maud.add_passkey("My phone")
    maud.sign_out()
    maud.devtools.send(
        "WebAuthn.setUserVerified", {"authenticatorId": maud.authenticator, "isUserVerified": False}
    )
    maud.go("/account/sign-in")
    maud.press("Sign in with a passkey")
    maud.page.get_by_text("Your browser gave no passkey.").wait_for()
    maud.stop()
    assert maud.page.get_by_role("button", name="Sign in with a passkey").is_enabled()
    maud.fill("Sign in", name="maud", password=PASSWORD)
    assert maud.page.url == f"{base}/account/second-factor"


def test_without_scripts_the_pages_say_so_and_a_backup_code_helps(
    served: tuple[Blog, str], context: BrowserContext
) -> None:
    blog, base = served
    maud = Person(blog, context, base, "no-script", **PHONE)
    maud.add_passkey("My phone")
    maud.go("/account/factors")
    maud.press("New backup codes")
    code = maud.page.locator(".codes code").first.inner_text()
    maud.sign_out()
    context.route("**/*.js", lambda route: route.abort())
    maud.go("/account/sign-in")
    assert not maud.page.get_by_role("button", name="Sign in with a passkey").is_visible()
    maud.sign_in("maud")
    assert not maud.page.get_by_role("button", name="Use a passkey").is_visible()
    assert maud.page.get_by_text("To use passkeys here").is_visible()
    maud.fill("Go on", code=code)
    maud.go("/account/factors")
    assert not maud.page.get_by_role("button", name="Add a passkey").is_visible()
    assert maud.page.get_by_text("To use passkeys here").is_visible()
