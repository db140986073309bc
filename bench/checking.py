"""What ``bastide check`` takes and finds beside Bandit and Ruff's rules ``S``, on the same trees.

``python -m bench.checking``, with ``src`` and ``tests`` on the path, reads Django as it is installed, three
times in turns, and then every pair of twins of the source's ids that is Python. The twins are Bastide's own:
they show what each looks for, not how well.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from rich.console import Console
from rich.table import Table

from bastide.check.rules import RULES
from bastide.check.settling import settle
from bastide.check.source import check_source

TREE = Path(django.__file__).parent
TURNS = 3
# Those of the interpreter at hand, whatever the path has.
BANDIT = [str(Path(sys.executable).with_name("bandit")), "-q", "-f", "json"]
RUFF = [
    str(Path(sys.executable).with_name("ruff")),
    *("check", "--isolated", "--no-cache", "--select", "S", "--output-format", "json"),
]
COMMANDS = {
    "bastide check": [sys.executable, "-m", "bastide.check", str(TREE), "--format", "json"],
    "bandit": [*BANDIT, "-r", str(TREE)],
    "ruff S": [*RUFF, str(TREE)],
}
VARIANTS = Path(__file__).parent.parent / "tests/check/source/variants.toml"
# Of the check itself, which nothing else has.
OWN = {"BST100", "BST101", "BST102"}


def timed(command: list[str]) -> tuple[float, float]:
    """Return the seconds that a program takes, and the seconds of processors."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)  # noqa: S603 -- the commands above
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return end - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def speed_table() -> Table:
    """Return the best of several turns for each program."""
    lines = sum(path.read_bytes().count(b"\n") for path in TREE.rglob("*.py"))
    turns = {name: [timed(command) for _ in range(TURNS)] for name, command in COMMANDS.items()}
    table = Table(
        "program", "seconds", "seconds of processors", "of Bandit", title=f"Django, {lines:,} lines"
    )
    bandit = min(turns["bandit"])[0]
    for name, taken in turns.items():
        wall, used = min(taken)
        table.add_row(name, f"{wall:.2f}", f"{used:.2f}", f"{wall / bandit:.2f}x")
    return table


def bastide_count(path: Path) -> int:
    """Return how much the check reports."""
    return len(settle(check_source([path])).findings)


def bandit_count(path: Path) -> int:
    """Return how much Bandit reports, but for imports as such."""
    done = subprocess.run([*BANDIT, str(path)], capture_output=True, check=False)  # noqa: S603
    return sum(not each["test_id"].startswith("B4") for each in json.loads(done.stdout)["results"])


def ruff_count(path: Path) -> int:
    """Return how much Ruff reports, but for imports as such."""
    command = [*RUFF, str(path)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    return sum(not each["code"].startswith("S4") for each in json.loads(done.stdout))


def twins_table() -> Table:
    """Return per chapter how many faults each program finds, and how many right ones it reports."""
    programs: dict[str, Callable[[Path], int]] = {
        "bastide": bastide_count,
        "bandit": bandit_count,
        "ruff": ruff_count,
    }
    wrong: dict[str, Counter[str]] = {name: Counter() for name in programs}
    false: dict[str, Counter[str]] = {name: Counter() for name in programs}
    pairs: Counter[str] = Counter()
    for twin in _twins():
        chapter = RULES[twin["id"]].chapter
        pairs[chapter] += 1
        for name, count in programs.items():
            with tempfile.TemporaryDirectory() as folder:
                found, mistaken = (_count(count, Path(folder), twin, kind) for kind in ("wrong", "right"))
            wrong[name][chapter] += found > mistaken
            false[name][chapter] += mistaken > 0
    table = Table(
        "chapter", "pairs", *(f"{name}: found / false" for name in programs), title="Twins in Python"
    )
    for chapter, number in sorted(pairs.items()):
        cells = [f"{wrong[name][chapter]} / {false[name][chapter]}" for name in programs]
        table.add_row(chapter, str(number), *cells)
    sums = [f"{wrong[name].total()} / {false[name].total()}" for name in programs]
    table.add_row("all", str(pairs.total()), *sums)
    return table


def _twins() -> list[dict[str, Any]]:
    table = [
        {"id": each.id, "file": each.file, "wrong": each.wrong, "right": each.right}
        for each in RULES.values()
        if each.id.startswith("BST1") and each.id not in OWN
    ]
    every = [*table, *tomllib.loads(VARIANTS.read_text(encoding="utf-8"))["variant"]]
    return [each for each in every if each.get("file", "app.py").endswith(".py")]


def _count(count: Callable[[Path], int], folder: Path, twin: dict[str, Any], kind: str) -> int:
    path = folder / twin.get("file", "app.py")
    path.write_text(f"{twin[kind].strip()}\n", encoding="utf-8")
    return count(path)


if __name__ == "__main__":
    console = Console()
    console.print(speed_table())
    console.print(twins_table())
