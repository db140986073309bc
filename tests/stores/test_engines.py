"""The stores' connections are made as the application's: certificates, creators, listeners and pools hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, NullPool, StaticPool, create_engine, event
from sqlalchemy.exc import OperationalError

from bastide.core.foundation import StoreUnavailable
from bastide.stores.sql import Database, sql_stores
from bastide.stores.sql.engines import engine_beside, kept_at_hand
from bastide.testing.clock import START
from support.certificates import make_certificate
from support.postgres import cluster
from support.stores import User, new_account
from support.templates import put_empty_database


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    """The address of a server that takes TLS alone, its certificate, and another one of the same name."""
    folder, others = tmp_path_factory.mktemp("tls"), tmp_path_factory.mktemp("others")
    certificate, _ = files = make_certificate(folder, "server")
    other, _ = make_certificate(others, "server")
    with cluster(certificate=files) as server:
        yield f"postgresql+psycopg://{server.address}/postgres", certificate, other


def ask(engine: Engine, question: str) -> Any:
    """Return what the stores' own connection answers, by each of their ways to the database."""
    database = Database(engine)
    try:
        with database.reading() as connection:
            read = connection.exec_driver_sql(question).scalar()
        with database.cursor() as cursor:
            cursor.execute(question)
            assert cursor.fetchone()[0] == read
        with database.transaction() as connection:
            assert connection.exec_driver_sql(question).scalar() == read
    finally:
        database.dispose()
        engine.dispose()
    return read


@pytest.mark.asvs("V12.3.2")
def test_a_server_with_a_wrong_certificate_is_refused_as_the_application_refuses_it(
    tls_server: tuple[str, Path, Path],
) -> None:
    url, certificate, other = tls_server
    demands = {"sslmode": "verify-full", "sslrootcert": str(certificate)}
    trusting = create_engine(url, connect_args=demands)
    assert ask(trusting, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") is True
    wary = create_engine(url, connect_args={**demands, "sslrootcert": str(other)})
    with pytest.raises(OperationalError, match="certificate verify failed"):
        wary.connect()
    for way in (
        Database(wary).reading,
        Database(wary).cursor,
        Database(wary).transaction,
        Database(wary).unit,
    ):
        with pytest.raises(StoreUnavailable) as refused, way():
            pass
        assert "certificate verify failed" in str(refused.value.__cause__)


def test_a_creator_and_what_listens_to_connections_hold_also_when_it_is_added_later(
    postgres_url: str,
) -> None:
    put_empty_database(postgres_url)
    address = postgres_url.replace("postgresql+psycopg:", "postgresql:")
    by_creator = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(address))
    name = postgres_url.rpartition("/")[2]
    assert ask(by_creator, "SELECT current_database()") == name

    nobody = create_engine(postgres_url.replace("bastide@", "nobody_there@"))
    stores = Database(nobody)

    @event.listens_for(nobody, "do_connect")
    def use_the_right_name(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        options["user"] = "bastide"

    @event.listens_for(nobody, "connect")
    def say_who(connection: Any, _record: Any) -> None:
        connection.execute("SET application_name = 'the application'")

    for _ in range(2):
        with stores.reading() as connection:
            shown = connection.exec_driver_sql(
                "SELECT current_user || ', ' || current_setting('application_name')"
            )
            assert shown.scalar() == "bastide, the application"
        stores.engine.dispose()
        nobody.dispose()


def test_what_the_application_asks_of_its_schema_and_isolation_holds(postgres_url: str) -> None:
    put_empty_database(postgres_url)
    plain = create_engine(postgres_url)
    with plain.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA app")
    plain.dispose()
    arguments = {"options": "-c search_path=app", "prepare_threshold": None}
    engine = create_engine(postgres_url, connect_args=arguments, isolation_level="SERIALIZABLE")
    stores = sql_stores(database := Database(engine), User)
    User.metadata.create_all(engine)
    stores.accounts.define_roles({"reader": frozenset({"read"})})
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT id FROM app.person").scalar() == account
    with database.reading() as connection:
        assert connection.connection.driver_connection.prepare_threshold is None  # type: ignore[union-attr]
    database.dispose()
    engine.dispose()


def test_the_pool_is_as_large_as_the_applications_and_its_last_connection_is_waited_for_by_nobody(
    postgres_url: str,
) -> None:
    put_empty_database(postgres_url)
    engine = create_engine(postgres_url, pool_size=1, max_overflow=0, pool_timeout=1)
    stores = sql_stores(database := Database(engine), User)
    User.metadata.create_all(engine)
    stores.accounts.define_roles({"reader": frozenset({"read"})})
    with engine.connect() as held:
        held.exec_driver_sql("SELECT 1")
        # The ways that keep a connection at hand, and those that take one from the pool, one after another.
        for _ in range(2):
            assert stores.sessions.load_session(b"x" * 32) is None
            assert stores.accounts.find_account("maud") is None
            with stores.units():
                assert stores.sessions.load_session(b"x" * 32) is None
        stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    with database.reading(), pytest.raises(StoreUnavailable), database.reading():
        pass
    database.dispose()
    engine.dispose()


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, 4), ({"pool_size": 1, "max_overflow": 0}, 0), ({"pool_size": 1, "max_overflow": 2}, 2),
        ({"pool_size": 0}, 4), ({"pool_size": 1, "max_overflow": -1}, 4), ({"poolclass": NullPool}, 0),
        ({"pool_recycle": 0}, 0), ({"pool_recycle": 300}, 0), ({"poolclass": StaticPool}, 4),
    ],
)  # fmt: skip
def test_connections_are_kept_out_of_the_pool_as_far_as_it_has_others(
    options: dict[str, Any], kept: int, tmp_path: Path
) -> None:
    beside = engine_beside(create_engine(f"sqlite:///{tmp_path / 'a.sqlite3'}", **options))
    assert isinstance(beside.pool, NullPool) is (options.get("poolclass") is NullPool)
    assert kept_at_hand(beside.pool, 4) == kept
