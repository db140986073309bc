"""Violations of CSP: counted in groups, within a cap."""

from datetime import timedelta

from bastide.core.http import Violation
from bastide.core.request import Stores
from bastide.testing.clock import START
from support.at_once import race
from support.stores import LATER, THREADS


def test_violations_are_counted_in_groups_up_to_the_cap(stores: Stores) -> None:
    def violation(number: int) -> Violation:
        return Violation(directive="script-src", blocked=f"https://{number}.example", document="/")

    outcomes = race(*[
        lambda: stores.violations.record_violation(violation(0), now=START, max_groups=3) for _ in range(THREADS)
    ])  # fmt: skip
    assert outcomes.count(True) == 1
    race(*[
        lambda number=number: stores.violations.record_violation(violation(number), now=LATER, max_groups=3)
        for number in range(1, 9)
    ])  # fmt: skip
    groups = stores.violations.list_violations(limit=9)
    assert len(groups) == 3
    assert groups[-1].violation == violation(0)
    assert (groups[-1].count, groups[-1].first_seen, groups[-1].last_seen) == (THREADS, START, START)


def test_the_rarest_and_oldest_violations_give_way(stores: Stores) -> None:
    def record(number: int, minute: int) -> bool:
        violation = Violation(directive="script-src", blocked=f"https://{number}.example", document="/")
        now = START + timedelta(minutes=minute)
        return stores.violations.record_violation(violation, now=now, max_groups=3)

    assert [record(*call) for call in ((0, 0), (0, 1), (1, 2), (2, 3), (3, 4))] == [
        True,
        False,
        True,
        True,
        True,
    ]
    kept = {group.violation.blocked[8] for group in stores.violations.list_violations(limit=9)}
    assert kept == {"0", "2", "3"}
