"""Waivers and the baseline."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bastide.check.cli import main
from bastide.check.settling import lines_of

WEAK = "import yaml\n\n\ndef read(text):\n    return yaml.load(text)"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


def ids(folder: Path, *arguments: str) -> list[tuple[str, int]]:
    result = run(str(folder), "--format", "json", *arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return [(each["id"], each["line"]) for each in json.loads(result.stdout)["findings"]]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (f"{WEAK}  # bastide: allow BST171 because our own file", []),
        (f"{WEAK}  # bastide: allow BST110, BST171 because our own file", [("BST102", 5)]),
        (f"{WEAK}  # bastide: allow BST171", [("BST101", 5), ("BST171", 5)]),
        (f"{WEAK}  # bastide: allow BST171 because", [("BST101", 5), ("BST171", 5)]),
        (f"{WEAK}\n\n\nx = 1  # bastide: allow BST171 because elsewhere", [("BST171", 5), ("BST102", 8)]),
        (f'{WEAK}\n\n\nx = "# bastide: allow BST171 because text"', [("BST171", 5)]),
        (
            "import yaml\n\n\ndef read(text):\n    # bastide: allow BST171 because our own file\n    return yaml.load(text)",
            [],
        ),
        (
            "import yaml\n\n\ndef read(text):\n    return yaml.load(\n        text,\n    )  # bastide: allow BST171 because our own file",
            [],
        ),
        (
            f"{WEAK}\n\n\nx = 1  # bastide: allow BST214 because only the live application tells",
            [("BST171", 5)],
        ),
    ],
)
def test_a_waiver_needs_a_reason_and_something_to_let_stand(
    code: str, found: list[tuple[str, int]], tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(code + "\n")
    assert ids(tmp_path) == found


def test_a_waiver_in_a_list_is_about_its_element(tmp_path: Path) -> None:
    code = tmp_path / "app.py"
    lines = [
        "import yaml",
        "",
        "",
        "def read(a, b):",
        "    found = [",
        "        yaml.load(a),  # MARK",
        "        yaml.load(b),",
    ]
    mark = "bastide: allow BST171 because our own file"
    code.write_text("\n".join([*lines, "    ]", "    return found", ""]).replace("MARK", mark))
    assert ids(tmp_path) == [("BST171", 7)]


def test_a_template_is_waived_in_a_comment(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("{# bastide: allow BST121 because the editors' own #}\n{{ text|safe }}\n")
    assert ids(tmp_path) == []
    page.write_text("{{ text|safe }} {# bastide: allow BST121 #}\n")
    assert ids(tmp_path) == [("BST101", 1), ("BST121", 1)]


def test_findings_of_the_baseline_wait_wherever_their_lines_move(tmp_path: Path) -> None:
    code, baseline = tmp_path / "app.py", tmp_path / "baseline.json"
    code.write_text(WEAK + "\n")
    baseline.write_text(run(str(tmp_path), "--format", "json").stdout)
    assert ids(tmp_path, "--baseline", str(baseline)) == []
    assert run(str(tmp_path), "--baseline", str(baseline)).exit_code == 0
    code.write_text(f"# moved\n\n{WEAK}\n")
    assert ids(tmp_path, "--baseline", str(baseline)) == []
    code.write_text(f"{WEAK}\n\n\ndef again(text):\n    return yaml.load(text)\n")
    assert ids(tmp_path, "--baseline", str(baseline)) == [("BST171", 9)]
    code.write_text("x = 1\n")
    assert "1 findings of the baseline are gone" in run(str(tmp_path), "--baseline", str(baseline)).stdout


def test_lines_are_counted_as_python_counts_them(tmp_path: Path) -> None:
    code, page = tmp_path / "app.py", tmp_path / "page.html"
    code.write_text(f"import os\n\f\n{WEAK}\n")
    assert "    return yaml.load(text)\n" in run(str(code)).stdout
    page.write_text("\f\u2028\n{# bastide: allow BST121 because the editors' own #}\n{{ text|safe }}\n")
    assert ids(page) == []


def test_no_line_is_read_of_what_is_no_file_or_too_large(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "huge.py").write_bytes(b"#" * 2_000_001)
    assert lines_of(str(tmp_path / "huge.py")) == ()
    assert ids(tmp_path) == [("BST100", 1), ("BST100", 1)]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"findings": [{}]}', '{"findings": 1}', "[" * 100_000])
def test_what_is_no_baseline_is_said_as_such(content: str, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    baseline.write_text(content)
    result = run(str(tmp_path), "--baseline", str(baseline))
    assert result.exit_code == 2
    assert "no baseline" in result.output


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_a_file_whose_name_is_no_text_is_reported(form: str, tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"app\xff.py")).write_text(WEAK)
    result = run(str(tmp_path), "--format", form)
    assert result.exit_code == 1
    assert "BST171" in result.stdout
