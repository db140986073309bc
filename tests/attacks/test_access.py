"""The access matrix: every route for a stranger, a reader, an author, another author, a moderator, an administrator."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bastide.core.access import Rule
from bastide.core.foundation import ConfigurationError, Decision, Principal
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import Blog, Browser
from support.rows import rows

SNAPSHOT = Path(__file__).parent / "access_matrix.txt"


@pytest.fixture
def people(blog: Blog) -> dict[str, Browser]:
    return {
        "stranger": blog.browser(),
        "reader": blog.signed_in("ines", "reader"),
        "author": blog.signed_in("maud", "author", "reader"),
        "other": blog.signed_in("tomas", "author", "reader"),
        "moderator": blog.signed_in("siobhan", "moderator", "reader"),
        "administrator": blog.signed_in("boss1", "administrator"),
    }


GETS = [
    # path, then the status for stranger, reader, author, other author, moderator, administrator
    ("/", 200, 200, 200, 200, 200, 200),
    ("/posts/{published}", 200, 200, 200, 200, 200, 200),
    ("/posts/{draft}", 404, 404, 200, 404, 404, 200),
    ("/posts/{published}/edit", 303, 403, 200, 403, 403, 200),
    ("/posts/{draft}/edit", 303, 404, 200, 404, 404, 200),
    ("/posts/new", 303, 403, 200, 200, 403, 200),
    ("/my/posts", 303, 403, 200, 200, 403, 200),
    ("/profile", 303, 200, 200, 200, 200, 200),
    ("/account", 303, 200, 200, 200, 200, 200),
    ("/account/password", 303, 200, 200, 200, 200, 200),
    ("/moderation", 303, 403, 403, 403, 200, 200),
    ("/admin", 303, 403, 403, 403, 403, 200),
    ("/admin/users", 303, 403, 403, 403, 403, 200),
    ("/admin/users/1", 303, 403, 403, 403, 403, 200),
    ("/admin/locks", 303, 403, 403, 403, 403, 200),
    ("/admin/log", 303, 403, 403, 403, 403, 200),
    ("/admin/csp-reports", 303, 403, 403, 403, 403, 200),
    ("/admin/messages", 303, 403, 403, 403, 403, 200),
]
POSTS = [
    ("/posts/{published}/unpublish", 303, 403, 303, 403, 403, 303),
    ("/posts/{draft}/publish", 303, 404, 303, 404, 404, 303),
    ("/posts/{published}/delete", 303, 403, 303, 403, 403, 303),
    ("/posts/{draft}/delete", 303, 404, 303, 404, 404, 303),
    ("/comments/{comment}/delete", 303, 403, 403, 403, 303, 303),
    ("/moderation/comments/{pending}/approve", 303, 404, 404, 404, 303, 303),
    ("/admin/users/1/unlock", 303, 403, 403, 403, 403, 303),
    ("/admin/users/1/disable", 303, 403, 403, 403, 403, 303),
]


def content(blog: Blog, people: dict[str, Browser]) -> dict[str, int]:
    blog.forget_rates()
    made = {
        "published": blog.publish(people["author"], "A plain post"),
        "draft": blog.write_post(people["author"], "A private draft"),
    }
    for name in ("comment", "pending"):
        people["reader"].post(f"/posts/{made['published']}/comments", {"body": f"A {name} of mine"})
    made["pending"], made["comment"] = (
        row[0] for row in blog.rows("SELECT id FROM comment ORDER BY id DESC LIMIT 2")
    )
    with blog.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE comment SET state='approved', author_id=5 WHERE id={made['comment']}"
        )
    return made


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V8.2.1", "V8.2.2")
def test_pages(blog: Blog, people: dict[str, Browser]) -> None:
    made = content(blog, people)
    answers = [
        (path, *(browser.get(path.format(**made)).status_code for browser in people.values()))
        for path, *_ in GETS
    ]
    assert answers == GETS


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V8.2.1", "V8.2.2")
def test_actions(blog: Blog, people: dict[str, Browser]) -> None:
    """Everybody tries each in turn; what was done once is there again for the next."""
    answers = []
    for path, *_ in POSTS:
        made, statuses = content(blog, people), []
        for name, browser in people.items():
            answer = browser.post(path.format(**made))
            statuses.append(answer.status_code)
            if name == "stranger":
                assert answer.headers["Location"] == "/account/sign-in"
            elif answer.status_code == 303:
                made = content(blog, people)
        answers.append((path, *statuses))
    assert answers == POSTS


@pytest.mark.asvs("V8.2.2")
def test_options_tells_no_more_of_an_object_than_get(blog: Blog, people: dict[str, Browser]) -> None:
    made = content(blog, people)
    missing = dict.fromkeys(made, 999_999)
    paths = [path for path, *_ in (*GETS, *POSTS) if "{" in path]
    for path in (
        *paths,
        "/api/v1/posts/{draft}",
        "/api/v1/comments/{pending}",
        "/api/v1/posts/{draft}/comments",
    ):
        for name, browser in people.items():
            told = []
            for keys in (made, missing):
                answer = browser.open("OPTIONS", path.format(**keys), headers={"Accept": "application/json"})
                assert answer.status_code != 500
                told.append((answer.status_code, answer.headers.get("Allow"), answer.headers.get("Location")))
            assert told[0] == told[1], (path, name)


@pytest.mark.asvs("V8.2.1")
def test_the_matrix_is_the_reviewed_one(blog: Blog) -> None:
    """To review a change: flask bastide routes > tests/attacks/access_matrix.txt."""
    printed = re.sub(r"<str:(\w+)>", r"<\1>", blog.matrix().replace("<id:", "<int:"))
    assert [line.split() for line in sorted(printed.splitlines())] == [
        line.split() for line in sorted(SNAPSHOT.read_text().splitlines())
    ]


@pytest.mark.asvs("V8.2.1")
def test_a_route_without_a_rule_stops_the_application(blog: Blog) -> None:
    with pytest.raises(ConfigurationError, match=r"use @public to open one\): /also.*, /forgotten"):
        blog.start_with_forgotten_routes()


@pytest.mark.asvs("V15.3.3", "V8.2.3")
@rows("extra", ["author_id", "status", "published", "views", "id", "body_html", "role", "is_active"])
def test_fields_that_the_form_does_not_have_are_refused(
    blog: Blog, people: dict[str, Browser], extra: str
) -> None:
    author = people["author"]
    post_id = blog.write_post(author, "A private draft")
    form = {"title": "Changed title", "content": "Ten letters and more.", "tags": "", extra: "1"}
    assert author.post(f"/posts/{post_id}/edit", form).status_code == 400
    assert author.post("/posts/new", form).status_code == 400
    assert set(blog.rows("SELECT title, status, author_id, views FROM post")) == {
        ("A private draft", "draft", 2, 0)
    }


@pytest.mark.asvs("V15.3.7")
def test_a_field_sent_twice_is_refused(blog: Blog, people: dict[str, Browser]) -> None:
    form = {"title": ["First title", "Second title"], "content": "Ten letters and more.", "tags": ""}
    assert people["author"].post("/posts/new", form).status_code == 400
    assert blog.rows("SELECT count(*) FROM post")[0][0] == 0


@pytest.mark.asvs("V8.3.2")
def test_a_demoted_author_no_longer_edits_own_posts(blog: Blog, people: dict[str, Browser]) -> None:
    post_id = blog.publish(people["author"], "A plain post")
    people["administrator"].post("/admin/users/2/roles", {"role": "author", "action": "revoke"})
    assert people["author"].get(f"/posts/{post_id}/edit").status_code == 403


def test_the_last_administrator_stays(blog: Blog, people: dict[str, Browser]) -> None:
    boss = people["administrator"]
    assert boss.post("/admin/users/5/roles", {"role": "administrator", "action": "revoke"}).status_code == 400
    assert boss.post("/admin/users/5/disable").status_code == 400
    assert boss.post("/admin/users/5/roles", {"role": "emperor", "action": "grant"}).status_code == 400
    assert boss.get("/admin").status_code == 200


@pytest.mark.asvs("V16.3.2")
def test_every_refusal_is_an_event(blog: Blog, people: dict[str, Browser]) -> None:
    before = blog.kinds().count("access:check:denied")
    people["stranger"].get("/admin")
    people["reader"].get("/admin")
    assert blog.kinds().count("access:check:denied") == before + 2


def test_machines_get_statuses_instead_of_pages(blog: Blog) -> None:
    answer = blog.browser().get("/admin", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == 401


@pytest.mark.asvs("V8.2.2", "V15.4.2")
def test_a_moderator_approves_the_comment_that_was_read(blog_on_each_database: Blog) -> None:
    """A comment is taken back under the moderator's eyes, and another one sent: it gets no id of before."""
    blog = blog_on_each_database
    author = blog.signed_in("maud", "author", "reader")
    post = f"/posts/{blog.publish(author, 'A plain post')}"
    moderator, sly = blog.signed_in("siobhan", "moderator"), blog.signed_in("ines", "reader")
    assert sly.post(f"{post}/comments", {"body": "Lovely words."}).status_code == 303
    found = re.search(r"/moderation/comments/([0-9]+)/approve", moderator.get("/moderation").text)
    assert found is not None
    assert sly.post(f"/comments/{found[1]}/delete").status_code == 303
    assert sly.post(f"{post}/comments", {"body": "Buy my pills."}).status_code == 303
    assert moderator.post(found[0]).status_code == 404
    assert "pills" not in blog.browser().get(post).text


@pytest.mark.asvs("V8.2.2", "V15.4.2")
def test_a_deleted_post_leaves_its_number_to_nobody(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    author, other = blog.signed_in("maud", "author", "reader"), blog.signed_in("tomas", "author", "reader")
    gone = blog.publish(author, "A plain post")
    assert author.post(f"/posts/{gone}/delete").status_code == 303
    assert blog.publish(other, "Another post") > gone


@pytest.mark.asvs("V8.2.2", "V15.4.2")
def test_what_was_checked_is_nobody_else_s_until_it_is_changed(
    framework: str, postgres_url: str, tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the check of a post and its change, another transaction asks for the row without waiting."""
    with closing(make_blog(postgres_url, tmp_path, clock, framework=framework)) as blog:
        maud = blog.signed_in("maud", "author", "reader")
        post_id = blog.write_post(maud, "A plain post")
        decide, locked = Rule.decide_object, list[bool]()

        def decide_and_look(rule: Rule, principal: Principal, obj: object) -> Decision:
            decision = decide(rule, principal, obj)
            try:
                blog.rows(f"SELECT id FROM post WHERE id = {post_id} FOR UPDATE NOWAIT")
            except OperationalError:
                locked.append(True)
            else:
                locked.append(False)
            return decision

        monkeypatch.setattr(Rule, "decide_object", decide_and_look)
        assert maud.get(f"/posts/{post_id}").status_code == 200
        assert locked == [False]
        locked.clear()
        for act in ("publish", "unpublish", "delete"):
            assert maud.post(f"/posts/{post_id}/{act}").status_code == 303
        assert locked == [True] * 3
