"""A program that calls the API with a token."""

from typing import Any

from werkzeug.test import TestResponse

from blog_shared.access import ROLES
from support.blog import Blog, Browser


def issue(browser: Browser, *scopes: str, name: str = "script", days: str = "30") -> str:
    """Return a token that the browser's owner issued on the account's page."""
    form = {"name": name, "days": days, **{f"scope.{scope}": "yes" for scope in scopes}}
    answer = browser.post("/account/tokens", form)
    assert answer.status_code == 200, answer.text
    return answer.text.partition("<code>")[2].partition("</code>")[0]


class Program:
    """Calls the API; has no cookies."""

    def __init__(self, blog: Blog, token: str | None = None, *, address: str = "203.0.113.50") -> None:
        self.browser = blog.browser(address=address)
        self.token = token

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            options["json"] = body
        return self.browser.open(method, f"/api/v1{path}", headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)


def program(blog: Blog, name: str, *roles: str) -> Program:
    """Return a program with every right of somebody of these roles."""
    browser = blog.signed_in(name, *roles)
    browser.confirm(name)
    account = blog.services.stores.accounts.find_account(name)
    assert account is not None
    rights = frozenset().union(*(granted(role) for role in roles))
    return Program(blog, issue(browser, *sorted(rights)))


def granted(role: str) -> frozenset[str]:
    return frozenset(map(str, ROLES[role]))
