"""Databases that repeat, lock, or turn read-only under the running blogs."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from bastide.testing import FrozenClock
from conftest import make_blog
from support.at_once import race
from support.blog import Blog
from support.templates import split_url

NAMES = ("ann", "ben", "cat")


@pytest.fixture
def blog_on_postgres(framework: str, postgres_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Blog]:
    made = make_blog(postgres_url, tmp_path, clock, framework=framework)
    yield made
    made.close()


def set_default(url: str, name: str, value: str) -> None:
    """Set what new connections to the database have, as an operator or a fail-over does."""
    server, database = split_url(url)
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {database} SET {name} = '{value}'")


def test_people_who_sign_in_at_once_on_a_serializable_database_all_succeed(
    framework: str, postgres_url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    made = make_blog(postgres_url, tmp_path, clock, framework=framework)
    for name in NAMES:
        made.add_account(name, "author")
    made.close()
    set_default(postgres_url, "default_transaction_isolation", "serializable")
    blog = make_blog(postgres_url, tmp_path, clock, framework=framework)

    def visit(name: str, turn: int) -> list[int]:
        browser = blog.browser(address=f"198.51.100.{turn * 10 + NAMES.index(name)}")
        return [browser.sign_in(name).status_code, *(browser.get("/account").status_code for _ in range(3))]

    for turn in range(4):
        assert race(*(partial(visit, name, turn) for name in NAMES)) == [[303, 200, 200, 200]] * 3
    assert blog.kinds().count("account:login:success") == 12
    blog.close()


@pytest.mark.asvs("V16.5.2")
def test_connections_that_turned_read_only_are_dropped_at_the_first_refusal(
    blog_on_postgres: Blog, postgres_url: str
) -> None:
    blog = blog_on_postgres
    maud = blog.signed_in("maud", "author")
    assert maud.get("/").status_code == 200  # takes what the sign-in left in the session
    set_default(postgres_url, "default_transaction_read_only", "on")
    # Each connection, the application's and the stores', is made while the server is a standby.
    blog.reconnect()
    assert maud.get("/").status_code == 200
    set_default(postgres_url, "default_transaction_read_only", "off")
    form = {"title": "Kept after all", "content": "Ten letters and more.", "tags": ""}
    answers = [maud.post("/posts/new", form) for _ in range(4)]
    for answer in answers:
        assert answer.status_code == 303 or answer.headers["Retry-After"] == "30"
        assert "read-only" not in answer.text
    # The application's connection may be refused once, and the stores' once.
    assert [answer.status_code for answer in answers[2:]] == [303, 303]
    assert blog.browser().sign_in("maud").status_code == 303
