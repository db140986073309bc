"""What a request may claim about itself behind a declared number of proxies, through HTTP."""

from pathlib import Path
from typing import Any

import pytest

from bastide.core.security_log import EventFilter, EventKind
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import Blog


def make(folder: Path, clock: FrozenClock, proxies: int) -> Blog:
    transport: dict[str, Any] = {"proxies": proxies, "allowed_hosts": frozenset({"localhost"})}
    return make_blog(
        f"sqlite:///{folder / 'b.sqlite3'}", folder, clock, settings={"transport": transport}
    )  # fmt: skip


@pytest.mark.asvs("V4.1.3", "V15.3.4")
def test_only_the_declared_proxies_are_believed(tmp_path: Path, clock: FrozenClock) -> None:
    blog = make(tmp_path, clock, 1)
    forwarded = {
        "X-Forwarded-For": "6.6.6.6, 198.51.100.7", "X-Forwarded-Proto": "http, https",
        "X-Forwarded-Host": "evil.example, localhost",
    }  # fmt: skip
    browser = blog.browser()
    assert browser.get("/", headers=forwarded).status_code == 200
    browser.get("/account", headers=forwarded)
    events, _ = blog.services.stores.events.list_events(
        EventFilter(kinds=frozenset({EventKind.ACCESS_DENIED})), offset=0, limit=1
    )
    assert events[0].address == "198.51.100.7"
    plain = {**forwarded, "X-Forwarded-Proto": "https, http"}
    assert browser.get("/", headers=plain).headers["Location"] == "https://localhost/"
    assert (
        browser.get("/", headers={**forwarded, "X-Forwarded-Host": "localhost, evil.example"}).status_code
        == 400
    )
    blog.close()


def test_too_few_entries_mean_that_the_request_came_around_the_proxies(
    tmp_path: Path, clock: FrozenClock
) -> None:
    blog = make(tmp_path, clock, 2)
    short = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost"}
    assert blog.browser().get("/", headers=short).status_code == 308
    blog.close()


@pytest.mark.asvs("V4.1.2")
def test_programs_over_plain_http_are_refused_not_redirected(tmp_path: Path, clock: FrozenClock) -> None:
    blog = make(tmp_path, clock, 0)
    answer = blog.browser().open("POST", "/posts/1/views", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    blog.close()
