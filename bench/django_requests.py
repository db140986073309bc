"""What Bastide adds to a Django request, beside stock Django and the usual packages."""

import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.django_candidate import KINDS

ROUNDS = 31
TARGETS = {"anonymous": "<= 20 us over kept", "signed in": "<= 120 us, <= 0.08x"}


def django_table(folder: Path) -> Table:
    """Measure all candidates in turns, each in a process of its own, and return one table."""
    table = Table("Django GET", "candidate", "us", "added to bare", "over kept", "of full", "target")
    with ExitStack() as stack:
        running = {kind: stack.enter_context(_start(kind, folder)) for kind in KINDS}
        for kind, target in TARGETS.items():
            costs: dict[str, list[float]] = {name: [] for name in running}
            for turn in range(ROUNDS + 3):
                for name, process in running.items():
                    cost = _ask(process, kind)
                    if turn >= 3:
                        costs[name].append(cost)
            medians = {name: statistics.median(values) for name, values in costs.items()}
            base = medians["bare"]
            full = medians["full"] - base
            for name, cost in medians.items():
                mine = name == "bastide"
                over = f"{cost - medians['kept']:.1f}" if mine else ""
                ratio = f"{(cost - base) / full:.3f}x" if mine else ""
                table.add_row(
                    kind, name, f"{cost:.1f}", f"{cost - base:.1f}", over, ratio, target if mine else ""
                )
        for process in running.values():
            process.stdin.close()
    return table


def _start(kind: str, folder: Path) -> Any:
    return subprocess.Popen(  # noqa: S603 -- this interpreter
        [sys.executable, "-W", "ignore", "-m", "bench.django_candidate", kind, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def _ask(process: Any, kind: str) -> float:
    process.stdin.write(kind + "\n")
    process.stdin.flush()
    return float(process.stdout.readline())
