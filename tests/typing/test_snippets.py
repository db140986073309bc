"""Type checkers take what is right, and refuse what is not, line by line."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from conftest import ROOT

SNIPPETS = sorted((Path(__file__).parent / "snippets").glob("*.py"))
FOUND = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+): error: .*\[(?P<code>[a-z-]+)\]$", re.MULTILINE)
EXPECTED = re.compile(r"# error: (?P<codes>[a-z, -]+)$")


def test_every_error_is_found_where_it_is_expected_and_nowhere_else() -> None:
    expected = Counter(
        (path.name, number, code)
        for path in SNIPPETS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (said := EXPECTED.search(line))
        for code in said["codes"].split(", ")
    )
    # The plugin for Django reads the blog's settings.
    environment = {**os.environ, "PYTHONPATH": "src:examples", "BLOG_SECRET_KEY": "k" * 64}
    # All in one run: reading the libraries takes longer than the snippets.
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-m", "mypy", "--no-pretty", "--show-error-codes", *map(str, SNIPPETS)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = Counter(
        (Path(error["file"]).name, int(error["line"]), error["code"]) for error in FOUND.finditer(done.stdout)
    )
    assert done.stderr == ""
    assert found - expected == Counter(), done.stdout
    assert expected - found == Counter(), done.stdout
    assert len(expected) > 60


def test_the_types_ship_with_the_package() -> None:
    assert (ROOT / "src/bastide/py.typed").read_bytes() == b""
