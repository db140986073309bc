"""``--fix`` changes what is safe to change, and shows it."""

import ast
import json
import sqlite3
from pathlib import Path

from click.testing import CliRunner, Result

from bastide.check.cli import main
from support.rows import rows

FIXES = [
    (
        "import sqlite3\n\n\ndef find(db, name):\n    return db.execute(f\"SELECT 1 FROM users WHERE name = '{name}'\")\n",
        'db.execute("SELECT 1 FROM users WHERE name = ?", (name,))',
    ),
    (
        "from django.db import connection\n\n\ndef find(cursor, a, b):\n    cursor.execute(f\"SELECT 1 FROM t WHERE a = {a.id} AND b LIKE '{b}'\")\n",
        'cursor.execute("SELECT 1 FROM t WHERE a = %s AND b LIKE %s", (a.id, b))',
    ),
    (
        "import random\n\n\ndef token():\n    return ''.join(random.choice('ab') for _ in range(9))\n",
        "secrets.choice('ab')",
    ),
    (
        "import random\n\n\ndef otp():\n    return random.randint(0, 9)\n",
        "secrets.SystemRandom().randint(0, 9)",
    ),
    (
        "def remember(response, é):\n    é = 'é'; response.set_cookie('r', é, secure=False)\n",
        "response.set_cookie('r', é, secure=True, httponly=True, samesite=\"Lax\")",
    ),
    ("SESSION_COOKIE_SECURE = False\n", "SESSION_COOKIE_SECURE = True"),
]
LEFT = [
    # The driver is not known, the value is no value, or it is part of a longer text.
    "def find(db, name):\n    return db.execute(f\"SELECT 1 FROM users WHERE name = '{name}'\")\n",
    "import sqlite3\n\n\ndef find(db, sort):\n    return db.execute(f'SELECT 1 FROM users ORDER BY {sort}')\n",
    "import sqlite3\n\n\ndef find(db, name):\n    return db.execute(f\"SELECT 1 FROM users WHERE name LIKE '%{name}%'\")\n",
    "import sqlite3\nimport psycopg\n\n\ndef find(db, n):\n    return db.execute(f\"SELECT 1 FROM t WHERE n = '{n}'\")\n",
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


@rows("before, expected", FIXES)
def test_a_plain_case_is_shown_and_written(before: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text(before, encoding="utf-8")
    shown = run(str(path), "--diff")
    assert shown.exit_code == 1
    assert f"+{expected}" in shown.output or expected in shown.output
    assert path.read_text(encoding="utf-8") == before
    written = run(str(path), "--fix")
    after = path.read_text(encoding="utf-8")
    assert expected in after
    ast.parse(after)
    assert written.exit_code == 0, written.output
    assert "nothing found" in run(str(path)).output


@rows("code", LEFT)
def test_what_is_not_plain_is_left_as_it_is(code: str, tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(code)
    assert run(str(path), "--fix").exit_code == 1
    assert path.read_text() == code


def test_line_ends_stay_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_bytes(b"import random\r\n\r\n\r\ndef otp():\r\n    return random.random()\r\n")
    run(str(path), "--fix")
    once = path.read_bytes()
    assert b"secrets.SystemRandom().random()\r\n" in once
    run(str(path), "--fix")
    assert path.read_bytes() == once


@rows("form", ["json", "sarif"])
def test_programs_get_their_report_alone_beside_a_diff(form: str, tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(FIXES[2][0])
    result = run(str(path), "--diff", "--format", form)
    json.loads(result.stdout)
    assert "secrets.choice('ab')" in result.stderr


def test_a_fixed_statement_finds_what_it_found_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(FIXES[0][0])
    run(str(path), "--fix")
    names: dict[str, object] = {}
    exec(path.read_text(), names)  # noqa: S102 -- the code that was fixed above
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE TABLE users (name TEXT)")
        db.execute("INSERT INTO users VALUES ('ann')")
        find = names["find"]
        assert find(db, "ann").fetchall() == [(1,)]
        assert find(db, "' OR '1' = '1").fetchall() == []
    db.close()


def test_letters_that_look_like_ends_of_lines_move_nothing(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(
        "import random\n\x0c\nx = 'a\u2028b\x0b'\n\n\ndef otp():\n    return random.random()\n",
        encoding="utf-8",
    )
    run(str(path), "--fix")
    assert path.read_text(encoding="utf-8") == (
        "import secrets\nimport random\n\x0c\nx = 'a\u2028b\x0b'\n\n\ndef otp():\n    return secrets.SystemRandom().random()\n"
    )
