"""``bastide routes``: who decides on each route, and what changed."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bastide.check.cli import main
from bastide.check.routes_command import differences
from support.looked_at import RIGHT_FLASK

ROUTES = """
@app.route("/posts", methods=["GET", "POST"])
@login_required
def posts(): return ""

@app.post("/titles")
def titles(): return ""

@app.post("/names")
def names():
    if not current_user.is_authenticated: return "", 401
    return ""
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(RIGHT_FLASK + ROUTES, encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["routes", *arguments])


@pytest.mark.asvs("V8.1.1")
def test_a_snapshot_is_kept_and_a_later_change_is_said(here: Path) -> None:
    assert run("--snapshot", "routes.txt").exit_code == 0
    assert Path("routes.txt").read_text(encoding="utf-8").splitlines() == [
        f"{'GET':<7} {'/':<45} [nothing seen that asks who acts]",
        f"{'POST':<7} {'/names':<45} [perhaps the view itself (current_user)]",
        f"{'GET':<7} {'/posts':<45} [login_required]",
        f"{'POST':<7} {'/posts':<45} [login_required]",
        f"{'GET':<7} {'/static/<path:filename>':<45} [nothing seen that asks who acts]",
        f"{'POST':<7} {'/titles':<45} [nothing seen that asks who acts]",
    ]
    text = (here / "app.py").read_text(encoding="utf-8")
    (here / "app.py").write_text(
        text.replace("\n@login_required\ndef posts", "\ndef posts"), encoding="utf-8"
    )
    changed = run("app:app", "--compare", "routes.txt")
    assert changed.exit_code == 1
    assert changed.output.splitlines()[:3] == [
        "~ GET /posts", "    was [login_required]", "    now [nothing seen that asks who acts]",
    ]  # fmt: skip


def test_what_does_not_load_has_no_list(here: Path) -> None:
    (here / "app.py").write_text(f"{RIGHT_FLASK}\n1 / 0\n", encoding="utf-8")
    result = run("app:app", "--snapshot", "routes.txt")
    assert result.exit_code == 2
    assert "ZeroDivisionError" in result.output
    assert not Path("routes.txt").exists()


def test_differences_are_told_by_route() -> None:
    before = ["GET     /a   [x]", "GET     /b   [x]", "POST    /b   [y]"]
    assert list(differences(before, before)) == []
    now = ["GET     /b   [x]", "POST    /b   [z]", "GET     /c   [x]"]
    assert list(differences(before, now)) == [
        "- GET /a\n    [x]", "~ POST /b\n    was [y]\n    now [z]", "+ GET /c\n    [x]",
    ]  # fmt: skip
