"""``bastide check``: its options and its exit status."""

from pathlib import Path

from click.testing import CliRunner

from bastide.check.cli import main


def test_a_target_that_does_not_exist_is_said_as_such() -> None:
    result = CliRunner().invoke(main, ["check", "no/such/folder"])
    assert result.exit_code == 2
    assert "no/such/folder: no such folder or file" in result.output


def test_nothing_found_ends_with_0(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["check", str(tmp_path)]).exit_code == 0
