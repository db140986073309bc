"""How long Django's stores wait for their database, and in which order they write to SQLite."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bastide.core.foundation import StoreUnavailable
from bastide.testing import FrozenClock
from conftest import make_blog
from support.at_once import race
from support.blog import Blog

SHORT = {
    "stores": {"lock_timeout": timedelta(milliseconds=100), "statement_timeout": timedelta(milliseconds=400)}
}


@pytest.fixture
def impatient(database_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Blog]:
    made = make_blog(database_url, tmp_path, clock, framework="django", settings=SHORT)
    yield made
    made.close()


@pytest.mark.asvs("V13.2.6", "V16.5.2")
def test_what_another_transaction_holds_is_waited_for_no_longer_than_said(
    impatient: Blog, database_url: str
) -> None:
    from django.contrib.auth import get_user_model

    blog = impatient
    account = blog.add_account("maud", "author")
    maud = blog.browser()
    assert maud.sign_in("maud").status_code == 303
    stores = blog.services.stores
    other = create_engine(database_url)
    users = get_user_model()._meta.db_table  # noqa: SLF001 -- Django's documented name
    is_sqlite = other.dialect.name == "sqlite"
    with other.connect() as application:
        if is_sqlite:
            application.exec_driver_sql("BEGIN IMMEDIATE")
        for table in () if is_sqlite else ("bastide_session", "bastide_chain", users):
            application.execute(text(f'SELECT 1 FROM "{table}" FOR UPDATE'))
        writes: list[Any] = [
            partial(stores.sessions.end_account_sessions, account, keep=None),
            partial(stores.accounts.set_active, account, is_active=False),
        ]
        for write in writes:
            with pytest.raises(StoreUnavailable) as refused:
                write()
            assert "lock" in str(refused.value.__cause__)
        answer = maud.open("POST", "/account/sign-out", data={blog.token_field: maud.token()})
        assert answer.status_code == 503
        application.rollback()
    other.dispose()
    assert stores.sessions.end_account_sessions(account, keep=None) == 1


def test_limits_end_with_the_transaction(postgres_url: str, tmp_path: Path, clock: FrozenClock) -> None:
    blog = make_blog(postgres_url, tmp_path, clock, framework="django", settings=SHORT)
    from django.db import connections

    from bastide.django.connection import ALIAS, atomic

    def limits() -> Any:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'),"
                " current_setting('transaction_isolation')"
            )
            return cursor.fetchone()

    with atomic():
        assert limits() == ("100ms", "400ms", "read committed")
    assert limits()[:2] == ("0", "0")
    blog.close()


def test_a_burst_of_sign_ins_on_sqlite_loses_no_event_though_nobody_waits_for_a_lock(
    tmp_path: Path, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path / 'burst.sqlite3'}"
    impatient = {"stores": {"lock_timeout": timedelta(milliseconds=1)}}
    blog = make_blog(url, tmp_path, clock, framework="django", settings=impatient)
    names = [f"person{number}" for number in range(16)]
    for name in names:
        blog.add_account(name, "author")

    def visit(name: str) -> int:
        return blog.browser(address=f"198.51.100.{names.index(name)}").sign_in(name).status_code

    assert race(*(partial(visit, name) for name in names)) == [303] * 16
    assert blog.kinds().count("account:login:success") == 16
    assert "Traceback" not in caplog.text
    blog.close()
