"""Thousands of users are taken up by several processes, some of which are killed."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bastide.core.accounts import Finding, Problem
from bastide.core.request import Stores
from bastide.stores.sql import Database, sql_stores
from support.adopters import HERE, Person, adopt, adoption, rename
from support.django_blog import database_at
from support.processes import own_processes
from support.templates import put_empty_database

NUMBER = 3000


@pytest.fixture
def stores(framework: str, database_url: str) -> Iterator[Stores]:
    """Stores of each framework on each database, with users who have no keys; one in a hundred has the next one's."""
    rows = [
        {"name": f"n{n + 1}" if n % 100 == 0 else f"N{n}", "email": f"n{n}@example.org"}
        for n in range(NUMBER)
    ]
    if framework == "django":
        with database_at(database_url):
            from django.contrib.auth import get_user_model

            from bastide.django.accounts import following
            from bastide.django.accounts.stores import django_stores

            users: Any = get_user_model()
            made = [users(username=row["name"], email=row["email"], password="!") for row in rows]
            following._BULK_CREATE(users.objects.all(), made)  # noqa: SLF001 -- as other programs write
            yield django_stores()
        return
    put_empty_database(database_url)
    engine = create_engine(database_url)
    found = sql_stores(Database(engine), Person)
    Person.metadata.create_all(engine)
    with engine.begin() as connection:
        put = "INSERT INTO person (username, email, is_active) VALUES (:name, :email, true)"
        connection.execute(text(put), rows)
    yield found
    found.accounts._database.dispose()  # type: ignore[attr-defined]  # noqa: SLF001
    engine.dispose()


def test_two_kills_and_two_at_once_leave_nobody_out(
    stores: Stores, framework: str, database_url: str
) -> None:
    context = own_processes()
    left = [stores.identities.count_without_keys(limit=NUMBER)]
    for _ in range(2):
        # A worker is never far ahead of what is seen of it.
        seen = context.Queue(maxsize=1)
        worker = context.Process(target=adopt, args=(framework, database_url, seen))
        worker.start()
        for _ in range(len(left) * 2):
            seen.get(timeout=60)
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join()
        left.append(stores.identities.count_without_keys(limit=NUMBER))
    assert left[0] > left[1] > left[2] > 0
    with ProcessPoolExecutor(3, mp_context=context) as pool:
        runs = [pool.submit(adopt, framework, database_url) for _ in range(3)]
        written = sum(run.result() for run in runs)
    findings = list[Finding]()
    after = adoption(stores).survey(findings.append)
    assert (after.without_keys, after.changed, after.in_step) == (0, 0, after.total - after.left_out)
    assert written == left[2] - after.left_out
    assert {each.problem for each in findings} <= {Problem.NAME_TAKEN}
    assert len(findings) == after.left_out == NUMBER // 100
    seen = context.Queue(maxsize=1)
    worker = context.Process(target=rename, args=(framework, database_url, seen))
    worker.start()
    done = {seen.get(timeout=60) for _ in range(5)}
    os.kill(worker.pid or 0, signal.SIGKILL)
    worker.join()
    renamed = list[Finding]()
    adoption(stores).rename(HERE, renamed.append)
    # The one after those that were seen may be kept by then, and the next one after that.
    assert NUMBER // 100 - 8 < len(renamed) < NUMBER // 100
    assert done.isdisjoint(each.new_name for each in renamed), "nobody is renamed twice"
    after = adoption(stores).survey(findings.append)
    assert (after.left_out, after.in_step) == (0, NUMBER)
