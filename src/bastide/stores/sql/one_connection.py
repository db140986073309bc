"""SQLite in memory, for the tests of an application: its one connection is shared."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, StaticPool, create_engine

from bastide.core.foundation import ConfigurationError
from bastide.core.request import StoreSettings
from bastide.stores.sql.connection import PART, Bounds, Database, is_in_memory
from bastide.stores.sql.statements import Statement


def open_database(
    engine: Engine, settings: StoreSettings | None = None, *, is_test: bool = False
) -> Database:
    """Return the stores' way to the application's database; in tests, also to one in memory.

    Raises:
        ConfigurationError: it is in memory, and this is no test, or each thread has another one.
    """
    kind = OneConnection if is_test and is_in_memory(engine) else Database
    return kind(engine, settings)


class OneConnection(Database):
    """The application's only connection, lent: what the stores write joins a transaction that is open there.

    Not for serving: what a request takes back is taken back here too, an attempt that was counted among it.

    Args:
        engine: the application's, with ``StaticPool``.
        settings: see ``Database``.

    Raises:
        ConfigurationError: the engine makes more than one connection, and so more than one database.
    """

    def _connect_beside(self, engine: Engine, settings: StoreSettings) -> Engine:  # noqa: ARG002 -- as declared
        pool = engine.pool
        if not isinstance(pool, StaticPool):
            msg = "a database in memory needs poolclass=StaticPool, or each connection has one of its own"
            raise ConfigurationError(msg)
        return create_engine(
            "sqlite://", creator=lambda: _Lent(pool.connection.dbapi_connection), poolclass=NullPool
        )

    def run(self, statement: Statement, values: Mapping[str, Any]) -> Any:
        """See ``Database``."""
        with self.cursor() as cursor:
            cursor.execute(statement.sql, statement.bind(values))
            return cursor.fetchone() if cursor.description else None

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """See ``Database``."""
        with self.transaction() as connection, closing(connection.connection.cursor()) as cursor:
            yield cursor

    def _by_itself(self) -> AbstractContextManager[Connection]:
        return self.transaction()

    def _bounds(self, connection: Connection) -> Bounds:
        lent: Any = connection.connection.driver_connection
        return PART if lent.in_transaction else self._whole


class _Lent:
    """The driver's connection, of which transactions are begun and ended by statements only."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def commit(self) -> None:
        """Leave it to the statements."""

    rollback = close = commit
