"""The same moment for many visits: threads of several processes that post together."""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Barrier, Thread
from typing import Any, TypeVar

import pytest

from bastide.core.inputs import JsonBody
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import Blog
from support.django_blog import close_all
from support.processes import own_processes

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """One form, posted with one session cookie."""

    path: str
    session: str
    fields: dict[str, str]


# Large enough for all: what decides is the single use and not the budget.
_BUDGET = {"attempts": {"account_limit": 99, "network_limit": 99}}


def race(*actions: Callable[[], T]) -> list[T | Exception]:
    """Run all actions at one moment; return what each returned or raised."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], T]) -> T | Exception:
        barrier.wait()
        try:
            return action()
        except Exception as error:  # noqa: BLE001 -- the outcome is what is compared
            return error
        finally:
            if "django" in sys.modules:
                close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def beside(blog: Blog, act: Callable[[], T]) -> T:
    """Return what the visit of another thread comes to, in the middle of one of this thread."""

    def visit() -> T:
        try:
            return act()
        finally:
            blog.leave_thread()

    with ThreadPoolExecutor(1) as other:
        return other.submit(visit).result()


def before_it_is_read(blog: Blog, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have another visit act once, between the arrival of a JSON body and its reading."""
    parse, acts = JsonBody.parse, [act]

    def late(body: JsonBody, raw: bytes, *, content_type: str | None) -> dict[str, Any]:
        if acts:
            beside(blog, acts.pop())
        return parse(body, raw, content_type=content_type)

    monkeypatch.setattr(JsonBody, "parse", late)


def post_at_once(
    framework: str, url: str, folder: Path, now: datetime, visits: Sequence[Visit], *, processes: int
) -> list[tuple[int, str]]:
    """Return the status and the Location of every answer, in the order they came."""
    context = own_processes()
    answers = context.Queue()
    workers = [
        context.Process(
            target=_post_share, args=(framework, url, folder, now, number, visits[number::processes], answers)
        )
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    got = [answers.get() for _ in visits]
    for worker in workers:
        worker.join()
    return got


def _post_share(
    framework: str, url: str, folder: Path, now: datetime, process: int, visits: Sequence[Visit], answers: Any
) -> None:
    blog = make_blog(url, folder, FrozenClock(now), framework=framework, settings=_BUDGET)
    barrier = Barrier(len(visits))

    def run(number: int) -> None:
        visit = visits[number]
        browser = blog.browser(address=f"198.51.100.{process * 10 + number}")
        browser.set_cookie("__Host-session", visit.session)
        token = browser.token()
        barrier.wait()
        answer = browser.open(
            "POST", visit.path, data={browser.token_field: token, **visit.fields},
            headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        answers.put((answer.status_code, answer.headers.get("Location", "")))
        blog.leave_thread()

    threads = [Thread(target=run, args=(number,)) for number in range(len(visits))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    blog.close()
