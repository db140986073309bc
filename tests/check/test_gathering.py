"""Every source of findings in one report."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bastide.check.cli import main
from support.looked_at import RIGHT_FLASK


def test_what_did_not_load_is_a_finding_and_the_rest_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing that the application prints is among it."""
    monkeypatch.chdir(tmp_path)
    text = f"import os\nprint('not JSON')\nos.write(2, b'nor this')\n{RIGHT_FLASK}app.debug = True\n1 / 0\n"
    (tmp_path / "app.py").write_text(text, encoding="utf-8")
    env = tmp_path / "production"
    env.write_text("FLASK_DEBUG=1\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["check", "--format", "json", "--env", str(env)])
    assert result.exit_code == 1
    found = {each["id"]: each for each in json.loads(result.stdout)["findings"]}
    assert {"BST200", "BST202", "BST303"} <= found.keys()
    assert "ZeroDivisionError: division by zero (app.py:" in found["BST200"]["message"]
    assert found["BST202"]["path"] == "app.py"


def test_a_folder_is_read_and_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(f"{RIGHT_FLASK}open('touched', 'w')\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["check", "."])
    assert 'bastide check "app:app" from its folder looks at the application too' in result.output
    assert not (tmp_path / "touched").exists()
