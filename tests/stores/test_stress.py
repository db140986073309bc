"""The stores on a database that locks, waits, repeats, or turned read-only."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text

from bastide.core.foundation import StoreUnavailable
from bastide.core.request import Stores, StoreSettings
from bastide.core.security_log import Event, EventKind, Outcome
from bastide.stores.sql import Database, sql_stores
from bastide.testing.clock import START
from support.at_once import race
from support.core import CHAIN
from support.stores import LATER, User, new_account, session
from support.templates import put_empty_database, split_url

SHORT = StoreSettings(lock_timeout=timedelta(milliseconds=100), statement_timeout=timedelta(milliseconds=400))


class Kept:
    """Stores, the application's engine beside them, and one account."""

    def __init__(self, url: str, settings: StoreSettings | None = None) -> None:
        put_empty_database(url)
        self.url = url
        self.engine: Engine = create_engine(url)
        self.database = Database(self.engine, settings)
        self.stores: Stores = sql_stores(self.database, User)
        User.metadata.create_all(self.engine)
        self.stores.accounts.define_roles({"reader": frozenset({"read"})})
        self.account = self.stores.accounts.add_account(new_account(), ticket_digest=None, now=START)

    def set_default(self, name: str, value: str) -> None:
        """Set what new transactions of this database have, as an operator or a fail-over does."""
        server, database = split_url(self.url)
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {database} SET {name} = '{value}'")

    def close(self) -> None:
        self.database.dispose()
        self.engine.dispose()


@pytest.fixture
def kept(postgres_url: str) -> Iterator[Kept]:
    made = Kept(postgres_url, SHORT)
    yield made
    made.close()


def append(stores: Stores) -> None:
    stores.events.append_event(
        Event(kind=EventKind.PASSWORD_CHANGED, outcome=Outcome.SUCCESS, at=START), CHAIN
    )


@pytest.mark.asvs("V13.2.6", "V16.5.2")
def test_what_another_transaction_holds_is_waited_for_no_longer_than_said(kept: Kept) -> None:
    stores = kept.stores
    stores.sessions.create_session(session(b"s" * 32, kept.account), now=START)
    append(stores)
    with kept.engine.begin() as application:
        for table in ("person", "bastide_session", "bastide_chain"):
            application.execute(text(f"SELECT 1 FROM {table} FOR UPDATE"))
        for verb in (
            lambda: stores.sessions.create_session(session(b"t" * 32, kept.account), now=START),
            lambda: stores.sessions.end_session(b"s" * 32),
            lambda: stores.sessions.end_account_sessions(kept.account, keep=None),
            lambda: stores.accounts.set_active(kept.account, is_active=False),
            lambda: append(stores),
        ):  # fmt: skip
            with pytest.raises(StoreUnavailable) as refused:
                verb()
            assert "lock timeout" in str(refused.value.__cause__)
        with pytest.raises(StoreUnavailable), stores.units():
            stores.accounts.lock_account(kept.account)
        assert stores.sessions.load_session(b"s" * 32) is not None
    assert stores.sessions.end_session(b"s" * 32)


def test_a_statement_runs_no_longer_than_said_and_the_limits_stay_with_the_transaction(kept: Kept) -> None:
    for way in (kept.database.reading, kept.database.transaction):
        with pytest.raises(StoreUnavailable) as refused, way() as connection:
            connection.exec_driver_sql("SELECT pg_sleep(20)")
        assert "statement timeout" in str(refused.value.__cause__)
    with pytest.raises(StoreUnavailable), kept.database.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")
    limits = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
    with kept.database.reading() as connection:
        assert tuple(connection.exec_driver_sql(limits).one()) == ("100ms", "400ms")
    with kept.database.engine.connect() as connection:
        assert tuple(connection.exec_driver_sql(limits).one()) == ("0", "0")


def test_sqlite_waits_for_its_lock_no_longer_than_said(tmp_path: Path) -> None:
    kept = Kept(f"sqlite:///{tmp_path / 'a.sqlite3'}", SHORT)
    with kept.engine.connect() as application:
        application.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="did not answer"):
            append(kept.stores)
        application.exec_driver_sql("ROLLBACK")
    append(kept.stores)
    with kept.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 100
    kept.close()


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
def test_a_database_whose_transactions_are_serializable_refuses_nobody(level: str, postgres_url: str) -> None:
    kept = Kept(postgres_url)
    kept.set_default("default_transaction_isolation", level)
    kept.database.dispose()

    def sign_in_and_out(number: int) -> None:
        for turn in range(8):
            digest = bytes([number, turn]) * 16
            append(kept.stores)
            with kept.stores.units():
                assert kept.stores.accounts.lock_account(kept.account) is not None
                kept.stores.sessions.create_session(session(digest, kept.account), now=START)
                append(kept.stores)
            assert kept.stores.sessions.touch_session(digest, now=LATER, seen_before=LATER)
            assert kept.stores.sessions.load_session(digest) is not None
            assert kept.stores.sessions.end_session(digest)

    assert race(*((lambda number=number: sign_in_and_out(number)) for number in range(6))) == [None] * 6
    kept.close()


@pytest.mark.asvs("V16.5.2")
def test_connections_that_a_fail_over_made_read_only_are_dropped_at_the_first_refusal(kept: Kept) -> None:
    stores = kept.stores
    for verb in (
        lambda: append(stores),
        lambda: stores.sessions.create_session(session(b"s" * 32, kept.account), now=START),
        lambda: stores.accounts.set_active(kept.account, is_active=True),
    ):  # fmt: skip
        kept.set_default("default_transaction_read_only", "on")
        kept.database.dispose()
        # Some are kept at hand and some in the pool, all from before the fail-over's end.
        race(*(lambda: stores.sessions.load_session(b"x" * 32),) * 6)
        for pooled in [kept.database.engine.raw_connection() for _ in range(3)]:
            pooled.close()
        kept.set_default("default_transaction_read_only", "off")
        with pytest.raises(StoreUnavailable):
            verb()
        for _ in range(8):
            append(stores)
            stores.accounts.grant_role(kept.account, "reader")
