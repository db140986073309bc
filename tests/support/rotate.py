"""Rotates the keys of one blog, in a process of its own.

The process is killed between two transactions once so many values are done (``200``), or inside one, right
after so many were written (``w200``).
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bastide import housekeeping
from bastide.testing import FrozenClock
from conftest import make_blog


def die_after(most: int) -> Callable[[str], object]:
    """Return a progress bar that kills the process once so many values are done."""

    @contextmanager
    def bar(_title: str) -> Iterator[Callable[[int, int], object]]:
        def watch(done: int, _total: int) -> None:
            if done >= most:
                die()

        yield watch

    return bar


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at_write(framework: str, number: int) -> None:
    """Have the process killed right after the write of that number, before its transaction ends."""
    writes = 0

    def wrote(statement: str) -> None:
        nonlocal writes
        writes += statement.startswith("UPDATE")
        if writes == number:
            die()

    if framework == "flask":
        event.listen(Engine, "after_cursor_execute", lambda _c, _cursor, sql, *_: wrote(sql))
        return
    from django.db import connections

    def wrapper(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        wrote(sql)
        return result

    connections["bastide"].execute_wrappers.append(wrapper)


def rotate(framework: str, url: str, folder: Path, keys: str, killed_after: str, told: Connection) -> None:
    """Rotate, and tell the exit status and the output, unless the process is killed before it is done."""
    if killed_after.isdecimal():
        housekeeping.progress = die_after(int(killed_after))  # type: ignore[assignment]
    blog = make_blog(url, folder, FrozenClock(), framework=framework, keys=keys)
    if killed_after.startswith("w"):
        die_at_write(framework, int(killed_after[1:]))
    told.send(blog.run("keys", "rotate"))
    blog.close()


def tend(
    framework: str, url: str, folder: Path, keys: str, commands: list[tuple[str, ...]], told: Connection
) -> None:
    """Run commands as an operator does, in a process that reads the ring anew; tell what came of each."""
    blog = make_blog(url, folder, FrozenClock(), framework=framework, keys=keys)
    told.send([blog.run(*command) for command in commands])
    blog.close()
