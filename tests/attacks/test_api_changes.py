"""Lost updates: two programs that change the same thing, each after what it saw."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from support.api import Program, program
from support.at_once import before_it_is_read, race
from support.blog import Blog

POST = {"title": "By a program", "content": "Ten letters and more."}
PROBLEM = "application/problem+json"


@pytest.fixture
def writer(blog: Blog) -> Program:
    return program(blog, "maud", "author", "reader")


def post_of(writer: Program) -> str:
    path = f"/posts/{writer.call('POST', '/posts', POST).get_json()['id']}"
    assert writer.call("PATCH", path, {"status": "published"}).status_code == 200
    return path


def comment_of(writer: Program) -> str:
    made = writer.call("POST", f"{post_of(writer)}/comments", {"body": "My own."})
    assert made.headers["Location"] == f"/api/v1/comments/{made.get_json()['id']}"
    return f"/comments/{made.get_json()['id']}"


def tag_of(program: Program, path: str) -> str:
    return str(program.get(path).headers["ETag"])


@pytest.mark.asvs("V15.4.2")
def test_a_post_is_changed_as_it_was_seen_or_not_at_all(blog: Blog, writer: Program) -> None:
    path = post_of(writer)
    seen = tag_of(writer, path)
    changed = writer.call("PATCH", path, {"title": "The first title"}, headers={"If-Match": seen})
    assert changed.status_code == 200
    assert changed.headers["ETag"] == tag_of(writer, path) != seen
    for method, body in (("PATCH", {"title": "The second title"}), ("DELETE", None)):
        late = writer.call(method, path, body, headers={"If-Match": seen})
        assert (late.status_code, late.mimetype) == (412, PROBLEM)
    assert writer.get(path).get_json()["title"] == "The first title"
    # Each of the things that it shows counts, also what another table keeps.
    for change in ({"tags": ["tea"]}, {"content": "Other letters, ten."}, {"status": "draft"}):
        seen = tag_of(writer, path)
        assert writer.call("PATCH", path, change).headers["ETag"] != seen
    for asked in ("*", f'"other", {tag_of(writer, path)}'):
        assert writer.call("PATCH", path, {}, headers={"If-Match": asked}).status_code == 200
    for asked in (f"W/{tag_of(writer, path)}", '"other"', "unreadable", ""):
        assert writer.call("PATCH", path, {}, headers={"If-Match": asked}).status_code == 412
    assert writer.call("PATCH", path, {}, headers={"If-None-Match": "*"}).status_code == 412
    gone = writer.call("DELETE", path, headers={"If-Match": tag_of(writer, path)})
    assert gone.status_code == 204
    assert writer.call("PATCH", path, {}, headers={"If-Match": "*"}).status_code == 404


def test_a_post_that_is_read_stays_what_it_was(blog: Blog, writer: Program) -> None:
    path = post_of(writer)
    seen = tag_of(writer, path)
    blog.rows_changed("UPDATE post SET views = views + 1")
    assert tag_of(writer, path) == seen


@pytest.mark.asvs("V15.4.2", "V8.2.2")
def test_conditions_come_after_rights(blog: Blog, writer: Program) -> None:
    path, other = post_of(writer), program(blog, "tomas", "author", "reader")
    for tag, known in ((tag_of(other, path), True), ('"other"', False)):
        assert other.call("PATCH", path, {}, headers={"If-Match": tag}).status_code == 403, known
    writer.call("PATCH", path, {"status": "draft"})
    assert other.call("DELETE", path, headers={"If-Match": "*"}).status_code == 404
    assert other.get(path, headers={"If-None-Match": "*"}).status_code == 404
    # The author's view of it has a tag of its own: what strangers are shown is less.
    writer.call("PATCH", path, {"status": "published"})
    assert tag_of(writer, path) != tag_of(other, path) == tag_of(Program(blog), path)


@pytest.mark.asvs("V15.4.2")
def test_a_comment_is_judged_and_deleted_as_it_was_seen(blog: Blog, writer: Program) -> None:
    path, moderator = comment_of(writer), program(blog, "siobhan", "moderator", "reader")
    seen = tag_of(moderator, path)
    rejected = moderator.call("PATCH", path, {"state": "rejected"}, headers={"If-Match": seen})
    assert (rejected.status_code, rejected.headers["ETag"]) == (200, tag_of(writer, path))
    for caller, method, body in ((moderator, "PATCH", {"state": "approved"}), (writer, "DELETE", None)):
        assert caller.call(method, path, body, headers={"If-Match": seen}).status_code == 412
    assert blog.rows("SELECT state FROM comment") == [("rejected",)]
    assert Program(blog).get(path).status_code == 404
    assert writer.call("DELETE", path, headers={"If-Match": tag_of(writer, path)}).status_code == 204
    assert writer.get(path).status_code == 404


@pytest.mark.asvs("V15.4.2")
def test_a_profile_is_changed_as_it_was_seen(writer: Program) -> None:
    nothing = tag_of(writer, "/profile")
    first = writer.call("PATCH", "/profile", {"full_name": "Maud"}, headers={"If-Match": nothing})
    assert (first.status_code, first.headers["ETag"]) == (200, tag_of(writer, "/profile"))
    for tag in (nothing, '"other"'):
        late = writer.call("PATCH", "/profile", {"full_name": "Eve"}, headers={"If-Match": tag})
        assert (late.status_code, late.mimetype) == (412, PROBLEM)
    again = {"If-Match": first.headers["ETag"]}
    assert (
        writer.call("PATCH", "/profile", {"bio": "Five words of my own."}, headers=again).status_code == 200
    )
    assert writer.get("/profile").get_json()["full_name"] == "Maud"


def test_what_is_known_is_not_sent_again(writer: Program) -> None:
    comment = comment_of(writer)
    for path in (comment, "/posts/1", "/profile"):
        tag = tag_of(writer, path)
        for asked in (tag, f"W/{tag}", "*", f'"x", {tag}'):
            known = writer.get(path, headers={"If-None-Match": asked})
            assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", tag), (path, asked)
            assert known.headers["X-Content-Type-Options"] == "nosniff"
        for asked in ('"x"', "unreadable", ""):
            assert writer.get(path, headers={"If-None-Match": asked}).status_code == 200
        assert writer.call("HEAD", path).headers["ETag"] == tag


@pytest.mark.asvs("V15.4.2")
@pytest.mark.parametrize("thing", ["a post", "a comment", "a profile"])
def test_a_change_while_the_body_is_read_is_seen(
    blog: Blog, writer: Program, monkeypatch: pytest.MonkeyPatch, thing: str
) -> None:
    """What is compared is what is there under the lock, not what was loaded before the body came."""
    moderator = program(blog, "siobhan", "moderator", "author", "reader")
    writer.call("PATCH", "/profile", {"bio": "Five words of my own."})
    path, change, caller = {
        "a post": (post_of(writer), {"title": "Written by another"}, writer),
        "a comment": (comment_of(writer), {"state": "rejected"}, moderator),
        "a profile": ("/profile", {"bio": "Five words written by another."}, writer),
    }[thing]

    def act() -> None:
        assert caller.call("PATCH", path, change).status_code == 200

    seen = tag_of(caller, path)
    before_it_is_read(blog, monkeypatch, act)
    mine = {"state": "approved"} if thing == "a comment" else {}
    assert caller.call("PATCH", path, mine, headers={"If-Match": seen}).status_code == 412
    assert caller.get(path).get_json().items() >= change.items()


RACES: dict[str, Callable[[Program], str]] = {"posts": post_of, "profiles": lambda _: "/profile"}


@pytest.mark.asvs("V15.4.2")
@pytest.mark.parametrize("thing", RACES)
def test_of_writers_at_once_one_wins(blog_on_each_database: Blog, thing: str) -> None:
    blog = blog_on_each_database
    writer = program(blog, "maud", "author", "reader")
    path, member = RACES[thing](writer), "title" if thing == "posts" else "full_name"
    for round_number in range(3):
        headers = {"If-Match": tag_of(writer, path)}

        def change(number: int, *, headers: dict[str, str] = headers) -> int:
            values = {member: f"Writer {number} won"}
            return writer.call("PATCH", path, values, headers=headers).status_code

        numbers = range(10 * round_number, 10 * round_number + 4)
        statuses = race(*[partial(change, number) for number in numbers])
        counted = Counter(statuses)
        # Of two that make the first profile at once, the database refuses one.
        assert counted[200] == 1, statuses
        assert counted.keys() <= ({200, 412, 409} if thing == "profiles" and not round_number else {200, 412})
        winner = numbers[statuses.index(200)]
        assert writer.get(path).get_json()[member] == f"Writer {winner} won"


@pytest.mark.asvs("V15.4.2")
def test_of_a_change_and_a_deletion_at_once_one_wins(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    writer = program(blog, "maud", "author", "reader")
    for _ in range(4):
        path = post_of(writer)
        headers = {"If-Match": tag_of(writer, path)}

        def act(method: str, body: Any, *, path: str = path, headers: dict[str, str] = headers) -> int:
            return writer.call(method, path, body, headers=headers).status_code

        changed, deleted = race(partial(act, "PATCH", {"title": "Still here"}), partial(act, "DELETE", None))
        if deleted == 204:
            assert changed in {404, 412}
            assert writer.get(path).status_code == 404
        else:
            assert (changed, deleted) == (200, 412)
            assert writer.get(path).get_json()["title"] == "Still here"
