"""A real browser, and each blog on a real port."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from bastide.core.foundation import SystemClock
from conftest import make_blog
from support.blog import Blog
from support.served import served_at
from support.tools import find_chromium


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
    with served_at(blog) as origin:
        yield blog, origin
