"""The pages of docs/check say what the table says, and the guide's recipes work."""

import re
import runpy
import tomllib
from typing import Any

from click.testing import CliRunner

from bastide.check.cli import main
from bastide.check.rules import RULES
from conftest import ROOT

MADE: dict[str, Any] = runpy.run_path(str(ROOT / "tools/make_check_pages.py"))
GUIDE = (ROOT / "docs/howto/check.md").read_text(encoding="utf-8")


def test_every_id_has_its_page_and_every_page_is_current() -> None:
    stored = {page.name: page.read_text(encoding="utf-8") for page in (ROOT / "docs/check").glob("*.md")}
    assert stored == MADE["pages"](), "python tools/make_check_pages.py writes them"


def test_the_guide_names_only_ids_and_options_that_exist() -> None:
    assert set(re.findall(r"BST\d{3}", GUIDE)) <= set(RULES)
    known = (
        CliRunner().invoke(main, ["check", "--help"]).output
        + CliRunner().invoke(main, ["routes", "--help"]).output
    )
    assert set(re.findall(r"(?<![\w-])--[a-z-]+", GUIDE)) <= set(re.findall(r"--[a-z-]+", known))


def test_the_hook_runs_the_program_that_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert "entry: bastide check\n" in hook
    assert project["scripts"]["bastide"] == "bastide.check.cli:main"
    for needed in project["optional-dependencies"]["check"]:
        assert f'"{needed}"' in hook
