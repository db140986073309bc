"""An object that one may not know of is not there: nothing tells both apart, `OPTIONS` neither."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bastide.flask import policy_required
from bastide.testing import FrozenClock
from blog_shared.access import EDIT_POST
from conftest import make_blog
from support.blog import Browser


def add_views(app: Flask) -> None:
    """Add views of every kind at a post that its author alone may know of, and a 404 of the application's own."""
    from blog_flask.models import Post

    guarded = policy_required(EDIT_POST, Post)

    @guarded
    def function(post: Any) -> str:
        return str(post.title)

    app.add_url_rule("/function/<int:post_id>", view_func=function)
    app.add_url_rule("/explicit/<int:post_id>", "explicit", function, methods=["GET", "OPTIONS"])
    app.register_error_handler(404, lambda _error: ({"said": "the application's own"}, 404))
    app.extensions["bastide"].seal()


def told(browser: Browser, method: str, address: str) -> tuple[int, str | None, str | None, str]:
    answer = browser.open(method, address, headers={"Accept": "application/json"})
    return answer.status_code, answer.headers.get("Allow"), answer.headers.get("Content-Type"), answer.text


@pytest.mark.asvs("V8.2.2")
@pytest.mark.parametrize("kind", ["function", "explicit"])
def test_what_one_may_not_know_of_is_not_there(tmp_path: Path, clock: FrozenClock, kind: str) -> None:
    blog = make_blog(f"sqlite:///{tmp_path / 'blog.sqlite3'}", tmp_path, clock)
    add_views(blog.application)
    maud = blog.signed_in("maud", "author", "reader")
    draft = blog.write_post(maud, "The hidden treasure")
    tomas = blog.signed_in("tomas", "author", "reader")
    assert maud.get(f"/{kind}/{draft}").text == "The hidden treasure"
    for method in ("GET", "HEAD", "OPTIONS"):
        hidden, missing = (told(tomas, method, f"/{kind}/{key}") for key in (draft, 999))
        assert hidden == missing, method
    before = blog.kinds().count("access:check:denied")
    assert tomas.get(f"/{kind}/{draft}").status_code == 404
    assert blog.kinds().count("access:check:denied") == before + 1
    assert tomas.get(f"/{kind}/999").status_code == 404
    assert blog.kinds().count("access:check:denied") == before + 1
    blog.close()
