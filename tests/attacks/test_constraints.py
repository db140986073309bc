"""Rows that come past the forms, as imports and shell scripts bring them: the database has the last word (V3)."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from support.blog import Blog

NOW = "2026-01-01 00:00:00+00:00"
ROWS: dict[str, dict[str, Any]] = {
    "user_account": {
        "username": "zoe", "username_key": "zoe", "username_skeleton": "zoe", "email": "z@b.org",
        "email_key": "z@b.org", "is_active": True,
    },
    "bastide_identity": {"user_id": 2, "username_key": "zoe", "username_skeleton": "zoe", "email_key": "z@b.org",
                         "password_digest": ""},
    "profile": {"user_id": 1, "full_name": "José", "phone": "+442079460000", "bio": "one two three four five",
                "website": "https://a.example"},
    "post": {"author_id": 1, "title": "Title", "content": "Ten letters.", "body_html": "", "body_policy": "x",
             "status": "draft", "views": 0, "created_at": NOW},
    "post_tag": {"post_id": 1, "name": "bread", "position": 0},
    "comment": {"post_id": 1, "author_id": 1, "body": "So.", "body_html": "", "body_policy": "x",
                "state": "pending", "created_at": NOW},
    "contact_message": {"name": "Zoë", "email": "z@b.org", "phone": None, "subject": "About",
                        "body": "Ten letters.", "suspicion": "", "created_at": NOW},
}  # fmt: skip
DJANGO_USER = {
    "username": "zoe", "email": "z@b.org", "password": "!", "is_superuser": False, "first_name": "",
    "last_name": "", "is_staff": False, "is_active": True, "date_joined": NOW,
}  # fmt: skip
BROKEN = [
    ("user_account", "username", ""), ("user_account", "username", "x" * 31),
    ("user_account", "email", "a"), ("profile", "user_id", 99), ("profile", "full_name", "x" * 101),
    ("profile", "phone", "020 7946"), ("profile", "bio", "x" * 501), ("profile", "bio", "short"),
    ("profile", "website", "http://a.example"), ("profile", "website", "javascript:alert(1)"),
    ("profile", "website", "https://" + "x" * 200), ("post", "title", "Four"), ("post", "title", "x" * 201),
    ("post", "content", "Too short"), ("post", "content", "x" * 10_001), ("post", "status", "secret"),
    ("post", "views", -1), ("post", "author_id", 99), ("post", "author_id", None), ("post_tag", "name", ""),
    ("post_tag", "name", "x" * 41), ("post_tag", "position", 10), ("comment", "body", "x"),
    ("comment", "body", "x" * 2_001), ("comment", "state", "liked"), ("comment", "post_id", 99),
    ("contact_message", "body", "Too short"), ("contact_message", "body", "x" * 1_001),
    ("contact_message", "name", ""), ("contact_message", "email", "a"), ("contact_message", "phone", "0"),
    ("contact_message", "subject", "Hi"),
]  # fmt: skip


def insert(connection: Any, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


@pytest.mark.asvs("V2.2.1", "V2.2.2")
def test_the_database_refuses_what_the_rules_refuse(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    blog.add_account("maud")
    is_django = blog.framework == "django"
    rows = {**ROWS, "user_account": DJANGO_USER} if is_django else ROWS
    keys = "bastide_identity" if is_django else "user_account"
    broken = [
        *BROKEN, (keys, "username_key", "maud"), (keys, "username_skeleton", "rnaud"),
        (keys, "email_key", "maud@example.org"),
    ]  # fmt: skip
    with blog.engine.connect() as connection:
        for table in ("profile", "post", "comment", "contact_message", "user_account"):
            insert(connection, table, rows[table])
        if is_django:
            insert(connection, keys, rows[keys])
        insert(connection, "post_tag", rows["post_tag"])
        for statement in ("post_tag", "profile", *([keys] if is_django else []), "user_account"):
            kept = {
                "user_account": " WHERE username = 'zoe'",
                "bastide_identity": " WHERE username_key = 'zoe'",
            }
            connection.execute(text(f"DELETE FROM {statement}{kept.get(statement, '')}"))
        connection.commit()
        for table, column, value in broken:
            with pytest.raises(DBAPIError):  # noqa: PT012 -- Django defers foreign keys to the commit
                insert(connection, table, {**rows[table], column: value})
                connection.commit()
                pytest.fail(f"{table}.{column} took {value!r:.40}")
            connection.rollback()


@pytest.mark.asvs("V2.2.1", "V2.2.2")
@pytest.mark.parametrize(
    ("model", "column", "value"),
    [
        ("Profile", "bio", "Four words, no more"),
        ("Profile", "bio", "one two three four\x07 five"),
        ("Profile", "phone", "+1"),
        ("Profile", "phone", "+44 20 7946\x000000"),
        ("Profile", "full_name", "Zo\u2028ë"),
        ("Profile", "website", "https://localhost/"),
        ("Post", "title", "Two\nlines"),
        ("Comment", "body", "So.\x1b[31m"),
        ("ContactMessage", "email", "zoe at example.org"),
        ("ContactMessage", "subject", "About\r\nBcc: a@b.org"),
    ],
)
def test_models_refuse_what_the_forms_refuse(blog: Blog, model: str, column: str, value: str) -> None:
    blog.add_account("maud")
    table = {"ContactMessage": "contact_message"}.get(model, model.lower())
    row = {**ROWS[table], "created_at": blog.clock.now(), column: value}
    if model == "Profile":
        del row["created_at"]
    if model == "Comment":
        assert blog.save("Post", {**ROWS["post"], "created_at": blog.clock.now()})
    assert not blog.save(model, row)
    assert blog.rows(f"SELECT count(*) FROM {table}")[0][0] == 0
    assert blog.save(model, {**row, column: ROWS[table][column]})
    assert blog.rows(f"SELECT count(*) FROM {table}")[0][0] == 1
