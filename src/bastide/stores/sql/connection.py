"""The stores' own way to the database: short transactions, statements compiled once."""

import os
import weakref
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import UpdateBase

from bastide.core.foundation import ConfigurationError, StoreUnavailable
from bastide.core.request import StoreSettings
from bastide.stores.sql.engines import (
    READ_ONLY,
    drop_read_only,
    engine_beside,
    kept_at_hand,
    sqlstate,
    tune_sqlite,
)
from bastide.stores.sql.statements import Statement

MOST_AT_HAND: Final = 4
_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"
_BEGIN_SQLITE: Final = ("BEGIN IMMEDIATE",)
Bounds: TypeAlias = tuple[Sequence[str], str, str]
PART: Final[Bounds] = (("SAVEPOINT part",), "ROLLBACK TO SAVEPOINT part", "RELEASE SAVEPOINT part")
# SQLAlchemy forgets the count of an INSERT otherwise, and an upsert may meet no row.
_COUNTS_INSERTS: Final = {"preserve_rowcount": True}
SERIALIZATION_FAILURE: Final = "40001"
_TRIES: Final = 4
_UNAVAILABLE: Final = "the database did not answer"


class Database:
    """Connections beside the application's: autocommit, never inside the request's transaction.

    Driver errors never leave: what cannot be answered is ``StoreUnavailable``. A pooled connection
    that the database dropped meanwhile is replaced before that, and one that a fail-over made read-only
    serves nobody after its first refusal.

    On PostgreSQL every transaction says its isolation level, whatever the database's default is: the stores'
    statements lock what they decide on, and a level that asks for their repetition would only refuse people.

    Args:
        engine: the application's; connections are made as it makes its own, see ``engine_beside``.
        settings: how long is waited.

    Raises:
        ConfigurationError: the database is SQLite in memory, which only one connection can see.
    """

    def __init__(self, engine: Engine, settings: StoreSettings | None = None) -> None:
        self.is_sqlite: bool = engine.dialect.name == "sqlite"
        settings = settings or StoreSettings()
        self.engine: Engine = self._connect_beside(engine, settings)
        self._begin = _BEGIN_SQLITE if self.is_sqlite else (_BEGIN, _limit(settings))
        self._whole: Bounds = (self._begin, "ROLLBACK", "COMMIT")
        drop_read_only(self.engine)
        event.listen(self.engine, "handle_error", self._note_error)
        self._unit: ContextVar[Connection | None] = ContextVar("unit", default=None)
        # Checking a connection in and out again costs more than the keyed reads that are run on it.
        self._at_hand: deque[tuple[Any, Any]] = deque()
        self._most_at_hand = kept_at_hand(self.engine.pool, MOST_AT_HAND)
        self._driver_error: Any = self.engine.dialect.loaded_dbapi.Error
        _forget_connections_after_fork(self)

    def _connect_beside(self, engine: Engine, settings: StoreSettings) -> Engine:
        if is_in_memory(engine):
            msg = (
                "the stores need a database that a second connection can open: use a file;"
                " only tests (TESTING) can do with one in memory"
            )
            raise ConfigurationError(msg)
        beside = engine_beside(engine)
        if self.is_sqlite:
            tune_sqlite(beside, wait_ms=settings.lock_timeout_ms)
        return beside

    def compile(self, element: ClauseElement) -> Statement:
        """Return the statement, compiled for this database."""
        return Statement(element, self.engine)

    def run(self, statement: Statement, values: Mapping[str, Any]) -> Any:
        """Run one statement by itself; return its first row, or None."""
        if self._unit.get() is not None or (statement.writes and not self.is_sqlite):
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
        begin, *rest = self._begin
        pooled, cursor = self._execute(begin)
        try:
            for statement in rest:
                cursor.execute(statement)
            yield cursor
            cursor.execute("COMMIT")
        except self._driver_error as error:
            # A closed SQLite connection keeps its lock for as long as anybody holds one of its statements.
            with suppress(self._driver_error):
                cursor.execute("ROLLBACK")
            self._give_up(pooled, error)
            raise StoreUnavailable(_UNAVAILABLE) from error
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        finally:
            pooled.close()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a SQLAlchemy connection inside one short write transaction, or a part of the unit at hand."""
        with self._connection() as connection:
            begin, undo, keep = self._bounds(connection)
            self._start(connection, begin)
            try:
                yield connection
            except BaseException:
                if not connection.invalidated:
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
        with self._by_itself() as connection:
            yield connection

    def write(self, statement: UpdateBase) -> int:
        """Run one statement that writes, by itself or in the unit at hand; return how many rows it met."""
        with self._by_itself() as connection:
            return connection.execute(statement, execution_options=_COUNTS_INSERTS).rowcount

    def _bounds(self, connection: Connection) -> Bounds:  # noqa: ARG002 -- others ask it
        """Return how a transaction begins, is undone and kept."""
        return self._whole if self._unit.get() is None else PART

    def _by_itself(self) -> AbstractContextManager[Connection]:
        """Give the connection of the unit at hand, or one with limits, which only a transaction has."""
        is_bound = self.is_sqlite or self._unit.get() is not None
        return self._connection() if is_bound else self.transaction()

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
    def _start(connection: Connection, begin: Sequence[str]) -> None:
        """Begin; a pooled connection that the database dropped meanwhile is replaced once."""
        first, *rest = begin
        try:
            connection.exec_driver_sql(first)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            connection.rollback()
            connection.exec_driver_sql(first)
        for statement in rest:
            connection.exec_driver_sql(statement)

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

    def _execute(self, sql: str, parameters: Any = (), *, tries: int = _TRIES) -> tuple[Any, Any]:
        """Run the SQL on a pooled connection; what another connection or moment may answer is tried anew."""
        pooled, cursor = self._checkout()
        try:
            cursor.execute(sql, parameters)
        except self._driver_error as error:
            is_passing = self._give_up(pooled, error) or sqlstate(error) == SERIALIZATION_FAILURE
            pooled.close()
            if is_passing and tries > 1:
                return self._execute(sql, parameters, tries=tries - 1)
            raise StoreUnavailable(_UNAVAILABLE) from error
        return pooled, cursor

    def _give_up(self, pooled: Any, error: Any) -> bool:
        """Drop the connection; with one that is gone or read-only all of its age, and say so."""
        is_stale = sqlstate(error) == READ_ONLY or self.engine.dialect.is_disconnect(
            error, pooled.driver_connection, None
        )
        if is_stale:
            self.engine.pool._invalidate(pooled, error)  # noqa: SLF001 -- as SQLAlchemy itself does it
            self._clear_hands()
        else:
            pooled.invalidate()
        return bool(is_stale)

    def _note_error(self, context: ExceptionContext) -> None:
        if context.is_disconnect:
            self._clear_hands()

    def _clear_hands(self) -> None:
        while self._at_hand:
            self._at_hand.pop()[0].close()


def is_in_memory(engine: Engine) -> bool:
    """Tell whether the database is SQLite's in memory, which only one connection can see."""
    return engine.dialect.name == "sqlite" and engine.url.database in {None, "", ":memory:"}


def _limit(settings: StoreSettings) -> str:
    # A pooler hands plain SET on to the next client; what is local ends with the transaction.
    return (
        f"SELECT set_config('lock_timeout', '{settings.lock_timeout_ms}', true), "
        f"set_config('statement_timeout', '{settings.statement_timeout_ms}', true)"
    )


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
