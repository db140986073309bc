"""Prints the CPU time that each assembly adds to a request: medians, candidates interleaved."""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.assemblies import Candidate, bare, bastide, flask_security, usual
from bench.checking import speed_table, twins_table
from bench.controls import controls_table
from bench.django_requests import django_table
from bench.documents import documents_table
from bench.encryption import encryption_table
from bench.enumeration import enumeration_table
from bench.servers import servers_table
from bench.tokens import tokens_table
from bench.uploads import uploads_table

ROUNDS = 41
CALLS = 150
PACKAGES = (
    "bandit",
    "ruff",
    "flask",
    "sqlalchemy",
    "flask-talisman",
    "flask-wtf",
    "flask-login",
    "flask-session",
    "flask-limiter",
    "flask-security-too",
    "django",
    "django-axes",
    "django-csp",
    "django-allauth",
    "djangorestframework",
    "django-rest-knox",
    "sqlalchemy-utils",
    "django-fernet-encrypted-fields",
    "tink",
    "gunicorn",
    "pikepdf",
    "pillow",
    "puremagic",
)
TARGETS = {
    "anonymous": "<= 15 us",
    "signed in": "<= 70 us, <= 0.03x; <= 0.05x",
    "signed-in POST": "<= 0.03x; <= 0.08x",
}


def median_cost(call: Callable[[], Any]) -> float:
    """Return the CPU microseconds of one call, averaged over a batch."""
    start = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - start) / CALLS * 1e6


def measure(candidates: list[Candidate], kind: str) -> dict[str, float]:
    """Return the median cost of each candidate, batches interleaved so that drift hits all alike."""
    costs: dict[str, list[float]] = {candidate.name: [] for candidate in candidates}
    for candidate in candidates:
        candidate.request(kind)
    for _ in range(ROUNDS):
        for candidate in candidates:
            costs[candidate.name].append(median_cost(lambda one=candidate: one.request(kind)))
    return {name: statistics.median(values) for name, values in costs.items()}


def main() -> None:
    """Measure and print one table."""
    with tempfile.TemporaryDirectory() as folder:
        candidates = [bare(), bastide(Path(folder)), usual(Path(folder)), flask_security(Path(folder))]
        table = Table("request", "candidate", "us", "added to bare", "of usual; of Flask-Security", "target")
        for kind, target in TARGETS.items():
            costs = measure(candidates, kind)
            added = {name: cost - costs["bare"] for name, cost in costs.items()}
            ratios = "; ".join(
                f"{added['bastide'] / added[peer]:.3f}x" for peer in ("usual", "Flask-Security")
            )
            for name, cost in costs.items():
                last = (ratios, target) if name == "bastide" else ("", "")
                table.add_row(kind, name, f"{cost:.1f}", f"{added[name]:.1f}", *last)
        Console(width=110).print(table)
        Console(width=110).print(django_table(Path(folder)))
        Console(width=110).print(controls_table(Path(folder)))
        Console(width=110).print(encryption_table())
        Console(width=110).print(tokens_table(Path(folder)))
        Console(width=110).print(uploads_table(Path(folder)))
        Console(width=120).print(documents_table())
        Console(width=110).print(enumeration_table(Path(folder) / "enumeration"))
        Console(width=110).print(servers_table())
        Console(width=110).print(speed_table())
        Console(width=110).print(twins_table())
        Console(width=110).print(
            f"Python {sys.version.split()[0]}, " + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
        )


if __name__ == "__main__":
    main()
