"""The blogs behind PgBouncer in transaction mode: each transaction may meet another connection of the server."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from unittest import mock

import pytest
from sqlalchemy import NullPool, create_engine

from bastide.testing import FrozenClock
from conftest import make_blog
from support import django_blog, flask_blog
from support.at_once import race
from support.blog import Blog
from support.postgres import pooler
from support.templates import Template

MIGRATIONS = {"flask": flask_blog.migrate, "django": django_blog.migrate}
NAMES = ("ann", "ben", "cat", "dan", "eve", "fay")


@pytest.fixture
def pooled_blog(
    framework: str, postgres_server: str, postgres_url: str, tmp_path: Path, clock: FrozenClock
) -> Iterator[Blog]:
    """The blog as the pooler's documentation tells: Flask's keeps no prepared statements, Django never does."""
    if framework == "django":
        django_blog.set_up()
    Template(framework, MIGRATIONS[framework]).put_copy(postgres_url)
    unprepared = partial(create_engine, connect_args={"prepare_threshold": None}, poolclass=NullPool)
    with ExitStack() as undo:
        address = undo.enter_context(pooler(postgres_server))
        undo.enter_context(mock.patch("blog_flask.database.create_engine", unprepared))
        url = postgres_url.replace(postgres_server, address)
        made = make_blog(url, tmp_path, clock, framework=framework)
        undo.callback(made.close)
        yield made


def test_people_sign_in_and_read_as_without_a_pooler(pooled_blog: Blog) -> None:
    blog = pooled_blog

    def visit(name: str) -> list[int]:
        browser = blog.browser(address=f"198.51.100.{NAMES.index(name)}")
        assert browser.sign_in(name).status_code == 303
        seen = [browser.get(path).status_code for path in ("/", "/account", "/account/devices") * 4]
        assert name in browser.get("/account").text
        return seen

    for name in NAMES:
        blog.add_account(name, "author")
    for name, seen in zip(NAMES, race(*(partial(visit, name) for name in NAMES)), strict=True):
        assert seen == [200] * 12, (name, seen)
    assert blog.kinds().count("account:login:success") == len(NAMES)
