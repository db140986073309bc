"""Attacks on the JSON API: what it takes, what it tells, and what its answers carry."""

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from support.api import Program, issue, program
from support.at_once import before_it_is_read, race
from support.blog import Blog
from support.rows import rows

JSON = "application/json"
POST = {"title": "By a program", "content": "Ten letters and more."}


@pytest.fixture
def writer(blog: Blog) -> Program:
    return program(blog, "maud", "author", "reader")


def write(program: Program, **values: Any) -> int:
    answer = program.call("POST", "/posts", {**POST, **values})
    assert answer.status_code == 201, answer.text
    return int(answer.get_json()["id"])


def errors_of(answer: Any) -> list[tuple[str, str]]:
    assert answer.mimetype == "application/problem+json"
    return [(error["field"], error["code"]) for error in answer.get_json()["errors"]]


def test_a_post_lives_its_whole_life_through_the_api(blog: Blog, writer: Program) -> None:
    made = writer.call("POST", "/posts", {**POST, "tags": ["Tea", "tea", "garden"]})
    assert made.status_code == 201
    post = made.get_json()
    assert made.headers["Location"] == f"/api/v1/posts/{post['id']}"
    assert {name: post[name] for name in ("title", "content", "html", "status", "tags", "views", "author")} == {
        "title": "By a program", "content": "Ten letters and more.", "html": "<p>Ten letters and more.</p>\n",
        "status": "draft", "tags": ["tea", "garden"], "views": 0, "author": {"username": "maud", "name": "maud"},
    }  # fmt: skip
    stranger, path = Program(blog), f"/posts/{post['id']}"
    assert stranger.get(path).status_code == 404
    changed = writer.call("PATCH", path, {"title": "Another title", "status": "published"}).get_json()
    assert (changed["title"], changed["content"], changed["tags"]) == (
        "Another title",
        POST["content"],
        ["tea", "garden"],
    )
    assert changed["published_at"]
    seen = stranger.get(path).get_json()
    assert seen["title"] == "Another title"
    assert "content" not in seen
    assert writer.call("PATCH", path, {}).status_code == 200
    comment = writer.call("POST", f"{path}/comments", {"body": "Well said."})
    assert (comment.status_code, comment.get_json()["state"]) == (201, "approved")
    listed = stranger.get(f"{path}/comments").get_json()
    assert (listed["total"], listed["page"], listed["pages"]) == (1, 1, 1)
    assert listed["items"] == [comment.get_json()]
    assert writer.call("DELETE", f"/comments/{comment.get_json()['id']}").status_code == 204
    gone = writer.call("DELETE", path)
    assert (gone.status_code, gone.text) == (204, "")
    assert writer.get(path).status_code == 404


def test_comments_wait_for_a_moderator(blog: Blog, writer: Program) -> None:
    post_id = write(writer)
    writer.call("PATCH", f"/posts/{post_id}", {"status": "published"})
    reader, moderator = program(blog, "ines", "reader"), program(blog, "siobhan", "moderator", "reader")
    comment = reader.call("POST", f"/posts/{post_id}/comments", {"body": "May I?"}).get_json()
    assert comment["state"] == "pending"
    path = f"/posts/{post_id}/comments"
    assert [asker.get(path).get_json()["total"] for asker in (Program(blog), reader, moderator)] == [0, 1, 1]
    decision = {"state": "approved"}
    assert reader.call("PATCH", f"/comments/{comment['id']}", decision).status_code == 403
    assert moderator.call("PATCH", f"/comments/{comment['id']}", decision).get_json()["state"] == "approved"
    assert Program(blog).get(path).get_json()["total"] == 1
    assert "blog:comment:moderated" in blog.kinds()


def test_a_profile_is_one_s_own_and_never_holds_more_than_declared(blog: Blog, writer: Program) -> None:
    empty = {"username": "maud", "full_name": None, "phone": None, "bio": None, "website": None}
    assert writer.get("/profile").get_json() == empty
    changed = writer.call(
        "PATCH", "/profile", {"full_name": "José O'Brien", "website": "https://example.org/"}
    )
    assert changed.get_json() == {**empty, "full_name": "José O'Brien", "website": "https://example.org/"}
    assert writer.get("/profile").get_json() == changed.get_json()
    assert writer.call("PATCH", "/profile", {"full_name": None}).get_json()["full_name"] is None
    assert errors_of(writer.call("PATCH", "/profile", {"website": "javascript:alert(1)"})) == [
        ("website", "website")
    ]
    reader = program(blog, "ines", "reader")
    assert reader.call("PATCH", "/profile", {"bio": "a b c d e"}).get_json()["username"] == "ines"
    assert writer.get("/profile").get_json()["bio"] is None


@pytest.mark.asvs("V15.3.3", "V8.2.3")
@rows("extra", ["author_id", "views", "id", "role", "html", "body_html", "created_at", "status", "__proto__"])
def test_undeclared_members_are_refused(blog: Blog, writer: Program, extra: str) -> None:
    assert errors_of(writer.call("POST", "/posts", {**POST, extra: 2})) == [("body", "unknown_field")]
    assert blog.rows("SELECT * FROM post") == []


@pytest.mark.asvs("V8.2.2")
def test_what_is_another_s_is_not_there(blog: Blog, writer: Program) -> None:
    draft = write(writer)
    other = program(blog, "tomas", "author", "reader")
    for method, body in (("GET", None), ("PATCH", {"title": "Mine now"}), ("DELETE", None)):
        assert other.call(method, f"/posts/{draft}", body).status_code == 404, method
    assert other.call("POST", f"/posts/{draft}/comments", {"body": "Seen you"}).status_code == 404
    writer.call("PATCH", f"/posts/{draft}", {"status": "published"})
    for method, body in (("PATCH", {"title": "Mine now"}), ("DELETE", None)):
        assert other.call(method, f"/posts/{draft}", body).status_code == 403, method
    assert writer.get(f"/posts/{draft}").get_json()["title"] == POST["title"]


@pytest.mark.asvs("V15.4.2")
@pytest.mark.parametrize("between", ["a change", "a deletion"])
def test_what_happens_while_a_body_is_read_is_not_undone(
    blog: Blog, writer: Program, monkeypatch: pytest.MonkeyPatch, between: str
) -> None:
    path = f"/posts/{write(writer)}"

    def act() -> None:
        if between == "a change":
            writer.call("PATCH", path, {"content": "Written by another.", "tags": ["other"]})
        else:
            writer.call("DELETE", path)

    before_it_is_read(blog, monkeypatch, act)
    answer = writer.call("PATCH", path, {"title": "Written by the first"})
    if between == "a change":
        post = answer.get_json()
        assert (post["title"], post["content"], post["tags"]) == (
            "Written by the first", "Written by another.", ["other"],
        )  # fmt: skip
        assert post == writer.get(path).get_json()
        assert "Written by another." in post["html"]
    else:
        assert answer.status_code == 404
        assert blog.rows("SELECT id FROM post") == []


@pytest.mark.asvs("V15.4.2")
def test_a_comment_deleted_while_it_is_judged_stays_deleted(
    blog: Blog, writer: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/posts/{write(writer)}"
    writer.call("PATCH", path, {"status": "published"})
    comment = writer.call("POST", f"{path}/comments", {"body": "My own."}).get_json()["id"]
    moderator = program(blog, "siobhan", "moderator", "reader")
    before_it_is_read(blog, monkeypatch, lambda: writer.call("DELETE", f"/comments/{comment}"))
    answer = moderator.call("PATCH", f"/comments/{comment}", {"state": "rejected"})
    assert answer.status_code in {404, 409}
    assert blog.rows("SELECT id FROM comment") == []


@pytest.mark.asvs("V15.4.2")
def test_changes_at_once_are_all_kept(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    writer = program(blog, "maud", "author", "reader")
    path = f"/posts/{write(writer)}"
    for number in range(4):
        changes = [
            {"title": f"Title {number}"}, {"content": f"Content number {number}"}, {"tags": [f"tag{number}"]},
        ]  # fmt: skip
        statuses = race(*[
            lambda values=values: writer.call("PATCH", path, values).status_code for values in changes
        ])  # fmt: skip
        assert statuses == [200] * 3
        post = writer.get(path).get_json()
        for values in changes:
            assert post.items() >= values.items()


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V8.2.1", "V8.2.2")
def test_a_scope_opens_no_more_than_it_says(blog: Blog, writer: Program) -> None:
    draft, published = write(writer), write(writer, title="For everybody")
    writer.call("PATCH", f"/posts/{published}", {"status": "published"})
    comment = writer.call("POST", f"/posts/{published}/comments", {"body": "My own."}).get_json()["id"]
    owner = blog.signed_in("maud")
    owner.confirm("maud")
    deleting = Program(blog, issue(owner, "delete_post", name="tidy"))
    assert deleting.get("/posts?status=draft").get_json()["total"] == 0
    assert [deleting.get(f"/posts/{post}").status_code for post in (draft, published)] == [404, 200]
    reading = Program(blog, issue(owner, "read_post", name="reader"))
    assert reading.get(f"/posts/{draft}").status_code == 200
    for method, path, body in (
        ("POST", f"/posts/{published}/comments", {"body": "In your name."}), ("DELETE", f"/comments/{comment}", None),
        ("GET", "/profile", None), ("PATCH", "/profile", {"phone": None}), ("DELETE", f"/posts/{published}", None),
    ):  # fmt: skip
        assert reading.call(method, path, body).status_code == 403, (method, path)
    assert blog.rows("SELECT id FROM comment") == [(comment,)]


@pytest.mark.asvs("V8.2.2")
def test_drafts_leak_through_no_list(blog: Blog, writer: Program) -> None:
    write(writer, title="Secret plans", tags=["plans"])
    other = program(blog, "tomas", "author", "reader")
    for asker in (Program(blog), other):
        for query in (
            "",
            "?q=Secret",
            "?tag=plans",
            "?status=draft",
            "?sort=views",
            "?status=draft&q=Secret",
        ):
            assert asker.get(f"/posts{query}").get_json() == {"items": [], "total": 0, "page": 1, "pages": 1}
    assert writer.get("/posts?status=draft").get_json()["total"] == 1


@pytest.mark.asvs("V1.2.4", "V1.4.2")
@rows(
    "query",
    [
        "sort=author__password", "sort=title;--", "dir=sideways", "page=0", "page=-1", f"page={10**30}", "page=x",
        "status=secret", "author__password__startswith=a", "q=a", "q=x&q=y", "tag=%00%00", "limit=1000000",
    ],
)  # fmt: skip
def test_undeclared_queries_are_refused(blog: Blog, query: str) -> None:
    answer = Program(blog).get(f"/posts?{query}")
    assert answer.status_code == 400
    assert len(errors_of(answer)) == 1


@rows("key", ["0", "-1", str(2**31), str(2**63), str(10**30), "x", "1.5", "%00"])
def test_odd_keys_are_not_there(blog: Blog, writer: Program, key: str) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        body = {} if method == "PATCH" else None
        # Routing may see that only other methods have such a path before it sees that there is none.
        assert writer.call(method, f"/posts/{key}", body).status_code in {404, 405}
    assert writer.get(f"/posts/{key}").status_code == 404


BAD_BODIES: dict[str, tuple[bytes, list[tuple[str, str]]]] = {
    "nothing": (b"", [("body", "not_json")]),
    "no json": (b"title=x", [("body", "not_json")]),
    "a list": (b"[]", [("body", "not_an_object")]),
    "null": (b"null", [("body", "not_an_object")]),
    "a text": (b'"x"', [("body", "not_an_object")]),
    "missing": (b"{}", [("title", "required"), ("content", "required")]),
    "numbers": (b'{"title": 1, "content": true}', [("title", "wrong_type"), ("content", "wrong_type")]),
    "tags of numbers": (json.dumps({**POST, "tags": [1]}).encode(), [("tags", "wrong_type")]),
    "tags as text": (json.dumps({**POST, "tags": "a,b"}).encode(), [("tags", "wrong_type")]),
    "repeated": (
        b'{"title": "One title", "title": "Two titles", "content": "Ten letters."}',
        [("body", "repeated_field")],
    ),
    "not a number": (b'{"title": NaN}', [("body", "not_json")]),
    "deep": (b"[" * 100_000, [("body", "too_deep")]),
    "deep object": (b'{"a":' * 50_000, [("body", "too_deep")]),
    "many keys": (
        json.dumps({str(n): 1 for n in range(15_000)}).encode(),
        [("body", "unknown_field"), ("title", "required"), ("content", "required")],
    ),
    "long number": (b'{"title": ' + b"9" * 10_000 + b"}", [("body", "not_json")]),
    "utf-16": ('{"title": "x"}'.encode("utf-16"), [("body", "not_json")]),
    "bad utf-8": (b'{"title": "\xff"}', [("body", "not_json")]),
    "surrogate": (b'{"title": "\\ud800 lone", "content": "Ten letters."}', [("title", "control_characters")]),
    "nul": (b'{"title": "a\\u0000bcdef", "content": "Ten letters."}', [("title", "control_characters")]),
    "lines": (
        b'{"title": "a\\r\\nSet-Cookie: x", "content": "Ten letters."}',
        [("title", "line_breaks")],
    ),
}


@pytest.mark.asvs("V2.2.1", "V15.3.7", "V16.5.3")
@rows("name", BAD_BODIES)
def test_bodies_that_break_a_rule_are_told_which(blog: Blog, writer: Program, name: str) -> None:
    raw, expected = BAD_BODIES[name]
    answer = writer.call("POST", "/posts", data=raw, content_type=JSON)
    assert answer.status_code == 400
    assert errors_of(answer) == expected
    assert blog.rows("SELECT * FROM post") == []


@pytest.mark.asvs("V3.5.2", "V4.1.1")
@rows(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/json; charset=utf-16",
     "application/xml", "application/jsonx", "text/json"],
)  # fmt: skip
def test_only_json_is_taken(blog: Blog, writer: Program, content_type: str) -> None:
    answer = writer.call("POST", "/posts", data=json.dumps(POST).encode(), content_type=content_type)
    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")
    assert answer.headers["Accept"] == JSON
    assert (
        writer.call(
            "POST", "/posts", data=json.dumps(POST).encode(), content_type="application/json; charset=UTF-8"
        ).status_code
        == 201
    )


@pytest.mark.asvs("V4.1.1")
@rows("encoding", ["gzip", "br", "deflate, gzip", "x"])
def test_a_body_that_says_to_be_packed_is_refused(blog: Blog, writer: Program, encoding: str) -> None:
    """Also one that is not: a proxy that unpacks would have looked at something else."""
    before = blog.rows("SELECT id FROM post")
    for body in (json.dumps(POST).encode(), gzip.compress(b" " * 1_000_000)):
        headers = {"Content-Encoding": encoding}
        answer = writer.call("POST", "/posts", data=body, content_type=JSON, headers=headers)
        assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")
    assert blog.rows("SELECT id FROM post") == before
    plain = {"Content-Encoding": "identity"}
    assert writer.call("POST", "/posts", POST, headers=plain).status_code == 201


def test_too_much_is_a_413(blog: Blog, writer: Program) -> None:
    for size in (250_001, 2_000_000):
        answer = writer.call("POST", "/posts", data=b" " * size, content_type=JSON)
        assert (answer.status_code, answer.mimetype) == (413, "application/problem+json"), size


def test_other_methods_are_refused_and_none_is_overridden(blog: Blog, writer: Program) -> None:
    post_id = write(writer)
    for method in ("PUT", "POST", "BREW", "TRACE"):
        answer = writer.call(method, f"/posts/{post_id}")
        assert answer.status_code == 405
        assert {"GET", "PATCH", "DELETE"} <= set(answer.headers["Allow"].split(", "))
    over = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE"}
    assert writer.get(f"/posts/{post_id}", headers=over).status_code == 200
    assert writer.get(f"/posts/{post_id}?_method=DELETE").status_code == 200
    assert writer.get(f"/posts/{post_id}").status_code == 200


@pytest.mark.asvs("V16.5.1")
@rows("accept", ["*/*", "text/html"])
@rows(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/posts/x", 404), ("GET", "/posts/1", 404), ("DELETE", "/posts", 405), ("GET", "/profile", 401)],
)  # fmt: skip
def test_programs_get_problems_whatever_they_say_they_read(
    blog: Blog, accept: str, method: str, path: str, status: int
) -> None:
    answer = Program(blog).call(method, path, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json()["status"] == status
    assert blog.browser().get("/nothing", headers={"Accept": accept}).mimetype == "text/html"


@pytest.mark.asvs("V14.3.2")
def test_no_cache_takes_a_stranger_s_answer_for_a_program_s(blog: Blog) -> None:
    for path in ("/posts", "/profile"):
        vary = Program(blog).get(path).headers.getlist("Vary")
        assert {"Cookie", "Authorization"} <= {name.strip() for line in vary for name in line.split(",")}
    assert "Authorization" not in str(blog.browser().get("/").headers.getlist("Vary"))


@pytest.mark.asvs("V1.3.1", "V3.2.3")
def test_markup_through_the_api_ends_up_clean_on_the_page(blog: Blog, writer: Program) -> None:
    content = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))\n\n**bold**"
    made = writer.call(
        "POST", "/posts", {"title": "<script>alert(2)</script>", "content": content}
    ).get_json()
    writer.call("PATCH", f"/posts/{made['id']}", {"status": "published"})
    html = Program(blog).get(f"/posts/{made['id']}").get_json()["html"]
    page = blog.browser().get(f"/posts/{made['id']}").text
    for text in (html, page):
        assert "<script>alert" not in text
        assert "onerror" not in text.replace("&quot;", '"').partition("<article")[2].partition("&lt;")[0]
        assert "javascript:" not in text.partition("href=")[2].partition('"')[0]
    assert "<strong>bold</strong>" in html


def test_answers_carry_what_all_answers_carry(blog: Blog, writer: Program) -> None:
    for answer in (Program(blog).get("/posts"), writer.get("/profile"), Program(blog).get("/profile")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.mimetype in {JSON, "application/problem+json"}
    assert writer.get("/profile").headers["Cache-Control"] == "no-store, private"


@pytest.mark.asvs("V2.4.1")
def test_calls_are_counted_and_the_count_is_told(blog: Blog, writer: Program) -> None:
    answer = writer.get("/profile")
    assert answer.headers["RateLimit-Policy"] == '"api-token";q=600;w=3600'
    left = int(answer.headers["RateLimit"].partition("r=")[2].partition(";")[0])
    assert writer.get("/profile").headers["RateLimit"] == f'"api-token";r={left - 1};t=3600'
    blog.rows_changed("UPDATE bastide_attempt SET used = 599 WHERE subject LIKE 'api-token:%'")
    assert writer.get("/profile").headers["RateLimit"].startswith('"api-token";r=0;')
    refused = writer.get("/profile")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert refused.headers["RateLimit"] == '"api-token";r=0;t=3600'
    assert Program(blog).get("/posts").status_code == 200


@rows("path", ["/posts", "/openapi.json"])
def test_pages_say_nothing_of_rates(blog: Blog, path: str) -> None:
    assert "RateLimit" in Program(blog).get(path).headers
    assert "RateLimit" not in blog.browser().get("/").headers


def test_naughty_strings_come_back_unchanged_or_are_refused(
    blog: Blog, writer: Program, corpora: dict[str, list[str]]
) -> None:
    own = [
        "Ω≈ç√∫˜µ≤≥÷",
        "田中さんにあげて下さい",
        "' OR 1=1 --",
        "{{7*7}}",
        "%s%x%n",
        "../../etc/passwd",
        "<b>bold</b>",
        "a\u202eb\u202cc",
    ]
    post_id = write(writer)
    for number, text in enumerate([*own, *corpora.get("blns", ())], start=1):
        if number % 200 == 0:
            blog.clock.advance(timedelta(hours=1))
        title = f"Title {text}"
        answer = writer.call("PATCH", f"/posts/{post_id}", {"title": title})
        assert answer.status_code in {200, 400}, text
        if answer.status_code == 200:
            assert writer.get(f"/posts/{post_id}").get_json()["title"].split() == title.split()
