"""Takes up many users on one database, and says how long each step took and how high memory went.

    python -m bench.adopting postgresql+psycopg://localhost/scratch 200000
    python -m bench.adopting sqlite:////tmp/scratch.sqlite3 200000 --kills 2 --framework django

The database must be an empty one. With ``--kills`` a run is ended by SIGKILL so many times before the last.
Django's stores keep the keys beside the users, in a database of the blog's.
"""

import argparse
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from multiprocessing import get_context
from typing import Any

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bastide.core.accounts import Adoption
from bastide.core.api_tokens import OutsideNotices
from bastide.core.encryption import new_ring
from bastide.core.foundation import Client, Secret, SystemClock, SystemEntropy
from bastide.core.security_log import Chain, ChainedLog, Recorder, Vocabulary
from bastide.stores.sql import Database, ExistingAccountMixin, sql_stores

HERE = Client(address="bench")


class Base(DeclarativeBase):
    """The application's."""


class Person(ExistingAccountMixin, Base):
    """A user as an application has them."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)


def set_django_up(url: str) -> None:
    """Point the blog on Django at the database."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "blog_django.settings", "BLOG_SECRET_KEY": "k" * 64,
        "BLOG_KEYS": new_ring(SystemEntropy()), "BLOG_DATABASE_URL": url.replace("+psycopg", ""),
    }  # fmt: skip
    import django

    django.setup()


def adoption(url: str, framework: str) -> Adoption:
    """Return the control over the stores at the address."""
    if framework == "django":
        set_django_up(url)
        from bastide.django.accounts.stores import django_stores

        stores = django_stores()
    else:
        stores = sql_stores(Database(create_engine(url)), Person)
    log = ChainedLog(store=stores.events, chain=Chain.from_secrets(Secret("k" * 64), None))
    recorder = Recorder(sink=log, clock=SystemClock(), vocabulary=Vocabulary(()))
    return Adoption(
        identities=stores.identities, recorder=recorder, notices=OutsideNotices(recorder), units=stores.units
    )


def name_of(number: int) -> str:
    """Return a name; one in a thousand is another one's."""
    return f"User {number}" if number % 1000 else f"USER {number + 1}"


def fill(url: str, framework: str, number: int) -> None:
    """Make the tables and the users."""
    batches = [range(start, min(number, start + 10_000)) for start in range(0, number, 10_000)]
    if framework == "django":
        fill_django(url, batches)
        return
    sql_stores(Database(engine := create_engine(url)), Person)
    Base.metadata.create_all(engine)
    none = {"username_key": None, "username_skeleton": None, "email_key": None, "password_hash": "x"}
    for numbers in batches:
        rows: list[dict[str, Any]] = [
            {**none, "username": name_of(n), "email": f"user.{n}@example.org"} for n in numbers
        ]
        with engine.begin() as connection:
            connection.execute(insert(Person.__table__), rows)  # type: ignore[arg-type]  # a Table
    engine.dispose()


def fill_django(url: str, batches: Sequence[Sequence[int]]) -> None:
    """Make the same on Django, as other programs do: past everything that keeps keys."""
    set_django_up(url)
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from bastide.django.accounts import following

    call_command("migrate", verbosity=0, skip_checks=True)
    users: Any = get_user_model()
    for numbers in batches:
        made = [users(username=name_of(n), email=f"user.{n}@example.org", password="x") for n in numbers]
        following._BULK_CREATE(users.objects.all(), made)  # noqa: SLF001 -- what it stands in front of


def write(url: str, framework: str) -> None:
    """Take the users up, in a process that may be ended."""
    adoption(url, framework).write(HERE)


def timed(what: str, act: Any) -> Any:
    """Say how long the act took, by the clock and of the processor, and the most memory there was."""
    start, worked = time.perf_counter(), time.process_time()
    outcome = act()
    took, worked = time.perf_counter() - start, time.process_time() - worked
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{what}: {took:.1f} s ({worked:.1f} s of CPU), at most {most} MiB, {outcome}\n")
    return outcome


def main() -> None:
    """Do it all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("number", type=int)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--framework", choices=("flask", "django"), default="flask")
    asked = parser.parse_args()
    context = get_context("spawn")
    filling = context.Process(target=fill, args=(asked.url, asked.framework, asked.number))
    filling.start()
    filling.join()
    own = adoption(asked.url, asked.framework)
    sys.stdout.write(f"before: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB\n")
    timed("look", lambda: own.survey(lambda _finding: None))
    for _ in range(asked.kills):
        worker = context.Process(target=write, args=(asked.url, asked.framework))
        worker.start()
        time.sleep(5)
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join()
        left = own.survey(lambda _finding: None).without_keys
        sys.stdout.write(f"killed: {left} left\n")
    timed("write", lambda: own.write(HERE))
    timed("look", lambda: own.survey(lambda _finding: None))


if __name__ == "__main__":
    main()
