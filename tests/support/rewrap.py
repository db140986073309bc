"""Wraps the weak hashes of one blog, in a process of its own, which is killed as in `support.rotate`."""

from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bastide import housekeeping
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import CHEAP_HASHING
from support.rotate import die_after, die_at_write

FORMATS: dict[str, Any] = {"hashing": {**CHEAP_HASHING, "formats": ("argon2", "hex_md5")}}


def rewrap(url: str, folder: Path, killed_after: str, told: Connection) -> None:
    """Wrap, and tell the exit status and the output, unless the process is killed before it is done."""
    if killed_after.isdecimal():
        housekeeping.progress = die_after(int(killed_after))  # type: ignore[assignment]
    blog = make_blog(url, folder, FrozenClock(), framework="flask", settings=FORMATS)
    if killed_after.startswith("w"):
        die_at_write("flask", int(killed_after[1:]))
    told.send(blog.run("rewrap", "--workers", "2"))
    blog.close()
