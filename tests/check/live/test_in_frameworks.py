"""The same findings from ``flask bastide check`` and ``manage.py check --deploy``."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.cli import AppGroup, ScriptInfo

from bastide.check.rules import RULES
from bastide.flask import cli
from conftest import ROOT
from support.looked_at import RIGHT_DJANGO, RIGHT_FLASK


@pytest.mark.parametrize("target", ["shop.py", "shop", "shop:app"])
def test_flasks_command_looks_at_its_own_application(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.py").write_text(f"{RIGHT_FLASK}app.secret_key = 'dev'\n", encoding="utf-8")
    group = AppGroup("bastide")
    cli._add_check_command(group)  # noqa: SLF001 -- what both groups have
    result = CliRunner().invoke(group, ["check", "--fail-on", "high"], obj=ScriptInfo(target))
    assert result.exit_code == 1, result.output
    assert "BST201" in result.output


def test_djangos_command_says_them_under_their_numbers(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    settings = {**RIGHT_DJANGO, "SESSION_COOKIE_HTTPONLY": False, "SESSION_COOKIE_AGE": 9**9, "TEMPLATES": []}
    settings["INSTALLED_APPS"] = [*RIGHT_DJANGO["INSTALLED_APPS"], "bastide.check"]
    text = "\n".join(f"{name} = {value!r}" for name, value in settings.items())
    (shop / "settings.py").write_text(text, encoding="utf-8")
    (shop / "urls.py").write_text("urlpatterns = []", encoding="utf-8")
    code = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings'\n"
        "from django.core.management import execute_from_command_line\n"
        "execute_from_command_line(['manage.py', 'check', '--deploy'])"
    )
    ended = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": f"{ROOT / 'src'}", "PATH": ""},
    )  # fmt: skip
    said = re.findall(r"\((bastide\.\w+)\) (.*)", ended.stderr)
    assert [each[0] for each in said] == ["bastide.E205", "bastide.W211"]
    assert "(shop/settings.py:" in said[0][1]


def test_what_djangos_adapter_says_has_a_row() -> None:
    text = (ROOT / "src/bastide/django/checks.py").read_text(encoding="utf-8")
    said = set(re.findall(r'id="bastide\.([EW]\d\d\d)"', text))
    rows = {id_ for id_ in RULES if id_.startswith("BST0")}
    assert {f"BST{int(each[1:]) + 50 * (each[0] == 'W'):03}" for each in said} == rows
