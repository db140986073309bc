"""A person's way through a site in a real browser."""

import os
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from support.blog import PASSWORD

SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
# Both frameworks render the same pages: each size is walked through on one of them.
SIZE_OF = {"flask": "wide", "django": "phone"}
OTHER_SIZE_OF = {"flask": "phone", "django": "wide"}
SCREENSHOTS = os.environ.get("BASTIDE_SCREENSHOTS")


class Walk:
    """A page that is checked for accessibility and kept as a picture at each stop."""

    def __init__(self, page: Page, base: str, name: str) -> None:
        self.page, self.base, self.name, self.stops = page, base, name, 0

    def stop(self) -> None:
        self.page.wait_for_load_state()
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
