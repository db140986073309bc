"""Calls measured beside each other: batches in turns, so that a busy moment falls on all of them."""

import statistics
from collections.abc import Callable, Mapping


def in_turns(
    calls: Mapping[str, Callable[[], object]], *, clock: Callable[[], float], rounds: int, times: int
) -> dict[str, float]:
    """Return the median microseconds of each call.

    Args:
        calls: by name.
        clock: ``time.perf_counter`` for the clock on the wall, ``time.process_time`` for the processor's.
        rounds: batches of each.
        times: calls in a batch.
    """
    costs: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            start = clock()
            for _ in range(times):
                call()
            costs[name].append((clock() - start) / times * 1e6)
    return {name: statistics.median(found) for name, found in costs.items()}
