"""A second factor as its owner uses it."""

import base64
import re
from datetime import timedelta
from html import unescape
from typing import Any

from bastide.core.sign_in import totp
from support.blog import Blog, Browser


def code_of(key: str, blog: Blog, *, steps: int = 0) -> str:
    """Return what an authenticator with this key shows, ``steps`` of thirty seconds from now."""
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    return totp.code_at(secret, totp.step_at(blog.clock.now()) + steps)


def enrol(blog: Blog, browser: Browser) -> tuple[str, list[str]]:
    """Turn a second factor on; return the key and the backup codes."""
    assert (
        browser.post("/account/factors", {"action": "begin"}).headers["Location"] == "/account/factors/totp"
    )
    page = unescape(browser.get("/account/factors/totp").text)
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    key = found[1].replace(" ", "")
    done = browser.post("/account/factors/totp", {"code": code_of(key, blog)})
    assert done.status_code == 200
    codes = re.findall(r"<li><code>([a-z2-7-]{19})</code></li>", done.text)
    assert len(codes) == 10
    blog.clock.advance(timedelta(seconds=30))
    return key, codes


def half_way(blog: Blog, name: str = "maud", **options: Any) -> Browser:
    """Return a browser whose password was right and whose second factor is still to be shown."""
    browser = blog.browser(**options)
    assert browser.sign_in(name).headers["Location"] == "/account/second-factor"
    return browser
