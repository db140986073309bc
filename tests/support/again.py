"""Forms as a page of the site sends them, and as an error page gives them back."""

from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse

from support.blog import BASE, Browser

OWN = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}


class Again(HTMLParser):
    """The form of an error page that sends again what was sent, or nothing where there is none."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.fields: list[tuple[str, str, str]] = []
        self.attributes: dict[str, str | None] | None = None
        self._is_inside = False
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form" and "again" in (found.get("class") or "").split():
            self._is_inside, self.attributes = True, found
        elif tag == "input" and self._is_inside:
            name, kind, value = (found.get(key) or "" for key in ("name", "type", "value"))
            self.fields.append((name, kind, value))

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = self._is_inside and tag != "form"

    def of_kind(self, kind: str) -> dict[str, str]:
        return {name: value for name, found, value in self.fields if found == kind}


def send(browser: Browser, path: str, form: dict[str, Any], **options: Any) -> TestResponse:
    return browser.open("POST", path, data=form, **{"headers": OWN, **options})
