"""Rotates the keys of one blog, in a process of its own: ``rotate.py FRAMEWORK URL FOLDER KEYS [KILLED_AFTER]``."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bastide import housekeeping
from bastide.testing import FrozenClock
from conftest import make_blog


def die_after(most: int) -> Callable[[str], object]:
    """Return a progress bar that kills the process once so many values are done."""

    @contextmanager
    def bar(_title: str) -> Iterator[Callable[[int, int], object]]:
        def watch(done: int, _total: int) -> None:
            if done >= most:
                os.kill(os.getpid(), signal.SIGKILL)

        yield watch

    return bar


if __name__ == "__main__":
    framework, url, folder, keys, *killed_after = sys.argv[1:]
    if killed_after:
        housekeeping._progress = die_after(int(killed_after[0]))  # type: ignore[assignment]  # noqa: SLF001
    blog = make_blog(url, Path(folder), FrozenClock(), framework=framework, keys=keys)
    status, output = blog.run("keys", "rotate")
    blog.close()
    sys.stdout.write(output)
    sys.exit(status)
