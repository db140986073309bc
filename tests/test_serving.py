"""What runs beside the requests of `make run`."""

from dataclasses import dataclass
from threading import Event
from threading import enumerate as threads

import pytest

from bastide.core.errors import StoreUnavailable
from blog_shared import serving


@dataclass
class Worker:
    alive: bool = True


def test_the_housekeeper_works_on_through_outages_and_ends_with_its_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving, "PAUSE_SECONDS", 0)
    worker, has_worked_on, calls = Worker(), Event(), list[int]()

    def keep_house() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise StoreUnavailable("away")
        has_worked_on.set()

    serving._start_housekeeper(keep_house, worker)  # noqa: SLF001
    assert has_worked_on.wait(10)
    worker.alive = False
    for thread in threads():
        if thread.name == "housekeeper":
            thread.join(10)
            assert not thread.is_alive()
