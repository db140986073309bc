"""Whatever lies in a folder, the check ends with findings or lines, never with a traceback."""

import os
from pathlib import Path

import pytest

from bastide.check.findings import Finding, Report
from bastide.check.source import check_source
from conftest import ROOT
from support.rows import rows

WEAK = 'import yaml\n\nconfig = yaml.load(open("x"))\n'


def told(report: Report) -> list[tuple[str, str]]:
    return [(Path(finding.path).name, finding.message) for finding in report.findings]


@rows(
    "content, message",
    [
        (b"def view(:\n", "not read: Python cannot parse it (invalid syntax)"),
        (b"name = '\xe9'\n", "not read: Python cannot parse it (invalid or missing encoding declaration)"),
        (b"# -*- coding: no-such -*-\n", "not read: Python cannot parse it (unknown encoding: no-such)"),
        (b"# -*- coding: ascii -*-\n\nname = '\xe9'\n", "not read: its bytes are not of its encoding"),
        (
            b"name = 1\x00\n",
            "not read: Python cannot parse it (source code string cannot contain null bytes)",
        ),
        (b"x = " + b"-" * 100_000 + b"1\n", "not read: it is nested too deeply"),
    ],
)
def test_what_python_cannot_parse_is_a_finding(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_bytes(content)
    (finding,) = check_source([tmp_path]).findings
    assert (finding.id, finding.message) in {
        ("BST100", message),
        ("BST100", message.replace("source code string", "source code")),
        ("BST100", "not read: Python cannot parse it (too many nested parentheses)"),
    }


def test_a_file_in_another_encoding_is_read_in_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_bytes(b"# coding: latin-1\nname = '\xe9'\n" + WEAK.encode())
    assert [finding.line for finding in check_source([tmp_path]).findings] == [5]
    (tmp_path / "app.py").write_bytes(b"\xef\xbb\xbf" + WEAK.encode().replace(b"\n", b"\r\n"))
    assert [finding.line for finding in check_source([tmp_path]).findings] == [3]


def test_long_chains_and_names_in_circles_end(tmp_path: Path) -> None:
    chain = " + ".join(["name"] * 700)
    circle = "\n".join(f"    a = a.replace(b, c) + b + c\n    b, c = c + a, a + b  # {n}" for n in range(60))
    (tmp_path / "app.py").write_text(
        f"def find(db, name, a, b, c):\n    db.execute('SELECT ' + {chain})\n{circle}\n    db.execute('SELECT ' + a)\n"
    )
    assert {finding.id for finding in check_source([tmp_path]).findings} <= {"BST110"}


def test_links_are_not_followed_and_loops_end(tmp_path: Path) -> None:
    inner = tmp_path / "package"
    inner.mkdir()
    (inner / "app.py").write_text(WEAK)
    (inner / "loop").symlink_to(tmp_path, target_is_directory=True)
    (inner / "self.py").symlink_to(inner / "self.py")
    (inner / "other.py").symlink_to(inner / "app.py")
    report = check_source([tmp_path])
    assert [finding.id for finding in report.findings] == ["BST171"]
    assert "3 symbolic links not followed" in report.notes


def test_what_is_no_file_does_not_stop_the_check(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "huge.py").write_bytes(b"#" * 2_000_001)
    assert sorted(told(check_source([tmp_path]))) == [
        ("huge.py", "not read: larger than 2,000,000 bytes"),
        ("pipe.py", "not read: not a file"),
    ]


@pytest.mark.parametrize("name", ["tests/test_app.py", "conftest.py", "app_test.py"])
def test_test_files_are_left_out_by_default_and_weigh_little(name: str, tmp_path: Path) -> None:
    path = tmp_path / "project" / name
    path.parent.mkdir(parents=True)
    path.write_text(WEAK)
    report = check_source([tmp_path / "project"])
    assert report.findings == ()
    assert "1 test files left out: --tests takes them in" in report.notes
    findings = check_source([tmp_path / "project"], with_tests=True).findings
    assert [(finding.id, str(finding.severity)) for finding in findings] == [("BST171", "low")]


def test_patterns_leave_paths_out(tmp_path: Path) -> None:
    for name in ("app.py", "old/app.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(WEAK)
    found = check_source([tmp_path], exclude=("old/*",)).findings
    assert [Path(each.path).parent.name for each in found] == [tmp_path.name]


@rows(
    "text, message",
    [
        ("{% if a %}x", "`if` is never closed: the rest was not read"),
        ("{% endif %}", "`endif` closes nothing that is open: the rest was not read"),
        ("{% if a %}{{ a ", "`{{` is never closed: the rest was not read"),
        ("{% raw %}{{ a }}", "`raw` is never closed: the rest was not read"),
    ],
)
def test_a_template_that_does_not_compile_is_a_finding(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "templates/page.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    (finding,) = check_source([tmp_path]).findings
    assert (finding.id, finding.message) == ("BST103", message)


def test_templates_that_include_each_other_and_bytes_that_are_no_text_end(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('{% include "b.html" %}{{ x|safe }}')
    (tmp_path / "b.html").write_text('{% include "a.html" %}')
    (tmp_path / "c.html").write_bytes(b"\xff\xfe{{ x }}")
    assert sorted(told(check_source([tmp_path]))) == [
        ("a.html", "`x` comes out as markup by `|safe`"),
        ("c.html", "not read: it is not UTF-8"),
    ]


def test_five_thousand_files_are_read(tmp_path: Path) -> None:
    for number in range(5_000):
        (tmp_path / f"m{number}.py").write_text("x = 1\n")
    (tmp_path / "last.py").write_text(WEAK)
    report = check_source([tmp_path])
    assert ([finding.id for finding in report.findings], report.notes) == (["BST171"], ("5001 files read",))


def serially(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> tuple[Finding, ...]:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    return check_source(paths).findings


def test_several_processes_find_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        (tmp_path / f"m{number}.py").write_text(WEAK + "# " + "x" * 30_000)
    together = check_source([tmp_path]).findings
    assert len(together) == 40
    assert together == serially([tmp_path], monkeypatch)


@rows("folder", ["examples/blog_flask", "examples/blog_django", "examples/blog_shared"])
def test_the_blogs_leave_nothing_open(folder: str) -> None:
    assert check_source([ROOT / folder]).findings == ()
