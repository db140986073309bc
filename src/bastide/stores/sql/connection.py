"""The stores' own way to the database: short transactions, statements compiled once."""

import os
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import UpdateBase

from bastide.core.foundation import ConfigurationError, StoreUnavailable
from bastide.stores.sql.engines import engine_beside, kept_at_hand

MOST_AT_HAND: Final = 4
_PART_OF_UNIT: Final = ("SAVEPOINT part", "ROLLBACK TO SAVEPOINT part", "RELEASE SAVEPOINT part")
# SQLAlchemy forgets the count of an INSERT otherwise, and an upsert may meet no row.
_COUNTS_INSERTS: Final = {"preserve_rowcount": True}
_UNAVAILABLE: Final = "the database did not answer"


class Statement:
    """SQL compiled once for one dialect, run on the driver's own cursor."""

    __slots__ = ("_constants", "_names", "sql")

    def __init__(self, element: ClauseElement, engine: Engine) -> None:
        compiled: Any = element.compile(dialect=engine.dialect)
        self.sql: str = str(compiled)
        self._constants: dict[str, Any] = {
            name: value for name, value in compiled.params.items() if value is not None
        }
        self._names: tuple[str, ...] | None = (
            tuple(compiled.positiontup) if compiled.positiontup is not None else None
        )

    def bind(self, values: Mapping[str, Any]) -> Any:
        """Return the parameters in the shape that the driver takes."""
        merged = {**self._constants, **values}
        return merged if self._names is None else [merged[name] for name in self._names]


class Database:
    """Connections beside the application's: autocommit, never inside the request's transaction.

    Driver errors never leave: what cannot be answered is ``StoreUnavailable``. A pooled connection
    that the database dropped meanwhile is replaced once before that.

    Args:
        engine: the application's; connections are made as it makes its own, see ``engine_beside``.

    Raises:
        ConfigurationError: the database is SQLite in memory, which only one connection can see.
    """

    def __init__(self, engine: Engine) -> None:
        self.is_sqlite: bool = engine.dialect.name == "sqlite"
        if self.is_sqlite and engine.url.database in {None, "", ":memory:"}:
            msg = "the stores need a database that a second connection can open: use a file"
            raise ConfigurationError(msg)
        self.engine: Engine = engine_beside(engine)
        self._begin = "BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN"
        self._unit: ContextVar[Connection | None] = ContextVar("unit", default=None)
        # Checking a connection in and out again costs more than the keyed reads that are run on it.
        self._at_hand: deque[tuple[Any, Any]] = deque()
        self._most_at_hand = kept_at_hand(self.engine.pool, MOST_AT_HAND)
        self._driver_error: Any = self.engine.dialect.loaded_dbapi.Error
        _forget_connections_after_fork(self)

    def compile(self, element: ClauseElement) -> Statement:
        """Return the statement, compiled for this database."""
        return Statement(element, self.engine)

    def run(self, statement: Statement, values: Mapping[str, Any]) -> Any:
        """Run one statement by itself; return its first row, or None."""
        if self._unit.get() is not None:
            with self.cursor() as cursor:
                cursor.execute(statement.sql, statement.bind(values))
                return cursor.fetchone() if cursor.description else None
        pooled, cursor = self._execute(statement.sql, statement.bind(values))
        try:
            row = cursor.fetchone() if cursor.description else None
        except self._driver_error as error:
            _discard(pooled)
            raise StoreUnavailable(_UNAVAILABLE) from error
        if len(self._at_hand) < self._most_at_hand:
            self._at_hand.append((pooled, cursor))
        else:
            pooled.close()
        return row

    def dispose(self, *, close: bool = True) -> None:
        """Give up every connection that is not in use; ``close`` says whether they are this process's."""
        while self._at_hand:
            pooled, _cursor = self._at_hand.pop()
            if close:
                pooled.close()
            else:
                pooled.detach()
        self.engine.dispose(close=close)

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Make what this thread does from here on one transaction: all of it is kept, or nothing."""
        with self.transaction() as connection:
            token = self._unit.set(connection)
            try:
                yield
            finally:
                self._unit.reset(token)

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """Give a driver cursor inside one short write transaction."""
        unit = self._unit.get()
        if unit is not None:
            with self._connection(), closing(unit.connection.cursor()) as cursor:
                yield cursor
            return
        pooled, cursor = self._execute(self._begin)
        try:
            yield cursor
            cursor.execute("COMMIT")
        except self._driver_error as error:
            # A closed SQLite connection keeps its lock for as long as anybody holds one of its statements.
            with suppress(self._driver_error):
                cursor.execute("ROLLBACK")
            pooled.invalidate()
            raise StoreUnavailable(_UNAVAILABLE) from error
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        finally:
            pooled.close()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a SQLAlchemy connection inside one short write transaction, or a part of the unit at hand."""
        begin, undo, keep = (self._begin, "ROLLBACK", "COMMIT") if self._unit.get() is None else _PART_OF_UNIT
        with self._connection() as connection:
            self._start(connection, begin)
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql(undo)
                raise
            connection.exec_driver_sql(keep)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a session of the ORM; what it holds in the end is written as a part of the unit at hand."""
        with (
            self.transaction() as connection,
            Session(connection, join_transaction_mode="create_savepoint") as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a SQLAlchemy connection to read on: each statement sees what is there when it is run."""
        with self._connection() as connection:
            yield connection

    def write(self, statement: UpdateBase) -> int:
        """Run one statement that writes, by itself or in the unit at hand; return how many rows it met."""
        with self._connection() as connection:
            return connection.execute(statement, execution_options=_COUNTS_INSERTS).rowcount

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """Give the connection of the unit at hand, or one on which each statement stands by itself."""
        unit = self._unit.get()
        try:
            if unit is not None:
                yield unit
                return
            with self.engine.connect() as connection:
                yield connection
        except IntegrityError:
            raise
        except (DBAPIError, PoolTimeoutError, self._driver_error) as error:
            raise StoreUnavailable(_UNAVAILABLE) from error

    @staticmethod
    def _start(connection: Connection, begin: str) -> None:
        """Begin; a pooled connection that the database dropped meanwhile is replaced once."""
        try:
            connection.exec_driver_sql(begin)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            connection.rollback()
            connection.exec_driver_sql(begin)

    def _checkout(self) -> tuple[Any, Any]:
        try:
            return self._at_hand.pop()
        except IndexError:
            pass
        try:
            pooled = self.engine.raw_connection()
            return pooled, pooled.cursor()
        except (DBAPIError, PoolTimeoutError, self._driver_error) as error:
            raise StoreUnavailable(_UNAVAILABLE) from error

    def _execute(self, sql: str, parameters: Any = (), *, may_retry: bool = True) -> tuple[Any, Any]:
        """Run the SQL on a pooled connection; one that the database dropped meanwhile is replaced once."""
        pooled, cursor = self._checkout()
        try:
            cursor.execute(sql, parameters)
        except self._driver_error as error:
            is_stale = self.engine.dialect.is_disconnect(error, pooled.driver_connection, None)
            _discard(pooled)
            if is_stale and may_retry:
                return self._execute(sql, parameters, may_retry=False)
            raise StoreUnavailable(_UNAVAILABLE) from error
        return pooled, cursor


def _discard(pooled: Any) -> None:
    pooled.invalidate()
    pooled.close()


def _forget_connections_after_fork(database: Database) -> None:
    """A child process must not speak on its parent's connections."""
    reference = weakref.ref(database)

    def forget() -> None:
        inherited = reference()
        if inherited is not None:
            inherited.dispose(close=False)

    os.register_at_fork(after_in_child=forget)
