"""What runs beside the requests of `make run`."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, Event
from threading import enumerate as threads

import pytest

from bastide.core.foundation import StoreUnavailable
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


def test_servers_started_at_once_read_one_whole_secret(tmp_path: Path) -> None:
    for number in range(40):
        path, barrier = tmp_path / str(number), Barrier(8)

        def start(path: Path = path, barrier: Barrier = barrier, secret: str = "") -> str:
            barrier.wait()
            return serving._kept(path, secret * 64)  # noqa: SLF001

        with ThreadPoolExecutor(8) as pool:
            read = set(pool.map(lambda letter: start(secret=letter), "abcdefgh"))
        assert len(read) == 1
        assert len(read.pop()) == 64
        assert path.stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.iterdir())) == 40
