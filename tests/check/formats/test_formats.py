"""What people, programs, code scanning and pull requests are told."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner

from bastide.check.cli import main
from bastide.check.formats.sarif import address_of
from bastide.check.rules import RULES
from conftest import ROOT
from support.rows import rows

WEAK = "import yaml\n\n\ndef read(text):\n    return yaml.load(text)\n"
# What is written of SARIF 2.1.0, member by member, as its standard says it (sections 3.14 to 3.49).
SUBSET = json.loads((ROOT / "tests/check/formats/sarif_subset.json").read_text(encoding="utf-8"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "a b%ü[1]"
    folder.mkdir()
    (folder / "app.py").write_text(WEAK)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(form: str) -> str:
    result = CliRunner().invoke(main, ["check", ".", "--format", form])
    assert result.exit_code == 1, result.output
    return result.stdout


def test_text_says_place_line_attack_and_both_mends(project: Path) -> None:
    text = written("text")
    rule = RULES["BST171"]
    assert "a b%ü[1]/app.py:5: BST171 high `yaml.load`" in text
    for said in (
        "return yaml.load(text)",
        rule.attack,
        rule.mends.without,
        rule.mends.bastide,
        "ASVS V1.5.2",
    ):
        assert said in text
    assert text.endswith("1 findings: 1 high\n")


def test_json_has_what_programs_need(project: Path) -> None:
    (finding,) = json.loads(written("json"))["findings"]
    assert {name: finding[name] for name in ("id", "severity", "path", "line")} == {
        "id": "BST171",
        "severity": "high",
        "path": "a b%ü[1]/app.py",
        "line": 5,
    }
    assert finding["message"].startswith("`yaml.load`")
    assert set(finding["mends"]) == {"bastide", "without"}


def test_sarif_holds_to_its_standard(project: Path) -> None:
    report: dict[str, Any] = json.loads(written("sarif"))
    jsonschema_rs.validator_for(SUBSET, validate_formats=True).validate(report)
    (run,) = report["runs"]
    (result,) = run["results"]
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20b%25%C3%BC%5B1%5D/app.py"
    assert location["region"] == {"startLine": 5}
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "BST171"


@rows(
    "path, uri",
    [
        ("app.py", "app.py"),
        ("a b/c[1].py", "a%20b/c%5B1%5D.py"),
        ("100%/ü.py", "100%25/%C3%BC.py"),
        ("a\\b.py", "a/b.py"),
        ("/srv/app.py", "file:///srv/app.py"),
        ("app:create_app()", "app%3Acreate_app%28%29"),
    ],
)
def test_paths_are_references_that_uris_can_hold(path: str, uri: str) -> None:
    assert address_of(path) == uri
    assert re.fullmatch(r"[A-Za-z0-9/._~%-]+|file:///[A-Za-z0-9/._~%-]+", address_of(path))


def test_annotations_end_no_command_early(project: Path) -> None:
    (project / "x,y:z.py").write_text(WEAK)
    lines = written("github").splitlines()
    assert len(lines) == 2
    assert all(re.match(r"::error file=[^:,]+,line=5,title=[^:,]+::`yaml.load`", line) for line in lines)


def test_nothing_in_a_file_name_reaches_the_terminal(project: Path) -> None:
    (project / "\x1b[31m\nx.py").write_text(WEAK)
    assert "\\x1b[31m\\x0ax.py:5" in written("text")


def test_explain_says_everything_that_the_table_does() -> None:
    result = CliRunner().invoke(main, ["check", "--explain", "bst171"])
    rule = RULES["BST171"]
    assert result.exit_code == 0
    for said in (rule.title, rule.attack, rule.mends.bastide, rule.mends.without, "yaml.safe_load(text)"):
        assert said in result.output
    unknown = CliRunner().invoke(main, ["check", "--explain", "BST999"])
    assert unknown.exit_code == 2
    assert "no such id" in unknown.output


@rows("fail_on, code", [("low", 1), ("medium", 1), ("high", 1), ("never", 0)])
def test_the_exit_status_goes_by_severity(fail_on: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(WEAK)
    assert CliRunner().invoke(main, ["check", str(tmp_path), "--fail-on", fail_on]).exit_code == code
    (tmp_path / "app.py").write_text("import bleach\n")
    mild = CliRunner().invoke(main, ["check", str(tmp_path), "--fail-on", fail_on]).exit_code
    assert mild == (fail_on == "low")
