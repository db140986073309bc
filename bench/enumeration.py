"""Whether the time of an answer tells accounts apart: the Mann-Whitney statistic over wall-clock times.

For two kinds of name, A is the share of pairs in which the first took longer: 0.5 where the times tell
nothing. Its standard error under that assumption is sqrt((n + m + 1) / 12nm); beyond three of them,
somebody with as many tries tells the two apart.
"""

import math
import random
import time
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.table import Table

from bastide.core.foundation import Client, Secret
from bastide.core.request import Services
from bench.assemblies import bastide
from bench.controls import WRONG, add_account

ROUNDS = 400
OFTEN = 10**6
STRANGER = Client(address="198.51.100.1")
SETTINGS: dict[str, dict[str, Any]] = {
    "attempts": {"account_limit": OFTEN, "network_limit": OFTEN, "global_limit": OFTEN},
    "recovery": {"network_limit": OFTEN, "address_limit": OFTEN},
    "registration": {"network_limit": OFTEN, "address_limit": OFTEN},
}


def enumeration_table(folder: Path) -> Table:
    """Measure and return one table."""
    folder.mkdir()
    services: Services = bastide(folder, **SETTINGS).application.extensions["bastide"].services
    for name in ("known", "locked"):
        add_account(services, name)
    _lock(services, "locked")
    table = Table("what is asked", "names", "A", "standard errors off 0.5", "verdict")
    for what, ask in (("sign in", _sign_in), ("ask for a reset", _reset), ("register", _register)):
        for one, other in (("known", "nobody"), ("locked", "known"), ("locked", "nobody")):
            if "locked" in (one, other) and what != "sign in":
                continue
            share, errors = compare(lambda: ask(services, one), lambda: ask(services, other))  # noqa: B023 -- called at once
            verdict = "not told apart" if abs(errors) <= 3 else "TOLD APART"
            table.add_row(what, f"{one} against {other}", f"{share:.3f}", f"{errors:+.1f}", verdict)
    return table


def compare(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Return A and how many standard errors it is off one half; the order within each round is drawn."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for place in random.sample((0, 1), 2):
            start = time.perf_counter()
            (one, other)[place]()
            times[place].append(time.perf_counter() - start)
    ordered = sorted(times[1])
    share = sum(bisect_left(ordered, value) for value in times[0]) / ROUNDS**2
    error = math.sqrt((2 * ROUNDS + 1) / (12 * ROUNDS**2))
    return share, (share - 0.5) / error


def _sign_in(services: Services, name: str) -> None:
    services.login.sign_in(f"{name}@example.org", WRONG, STRANGER, previous=None)


def _reset(services: Services, name: str) -> None:
    services.recovery.request(f"{name}@example.org", STRANGER, link_to=_link)


def _register(services: Services, name: str) -> None:
    services.registration.request(f"{name}@example.org", STRANGER, link_to=_link)


def _link(token: Secret) -> str:
    return f"https://blog.example/{token.reveal()}"


def _lock(services: Services, name: str) -> None:
    """Shut the account's own lane, which is answered like a wrong password."""
    _sign_in(services, name)
    database: Any = services.stores.attempts._database  # type: ignore[attr-defined]  # noqa: SLF001
    with database.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE bastide_attempt SET used = most WHERE kind = 'account' AND owner <> ''"
        )
