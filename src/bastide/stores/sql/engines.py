"""The engine that the stores keep beside the application's, which connects as that one does."""

from typing import Any, Final

from sqlalchemy import Engine, NullPool, Pool, QueuePool, create_engine, event
from sqlalchemy.engine import ExceptionContext

MOST_SECONDS_TO_WAIT: Final = 5
READ_ONLY: Final = "25006"
SQLITE_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
)


def tune_sqlite(engine: Engine, *, wait_ms: int = 5000) -> None:
    """Make every new SQLite connection of the engine wait for locks, share readers and check keys."""

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (*SQLITE_PRAGMAS, f"PRAGMA busy_timeout = {wait_ms}"):
            cursor.execute(pragma)
        cursor.close()


def engine_beside(engine: Engine) -> Engine:
    """Return an engine whose every connection is made as the application's engine makes its own by then.

    Its address, ``connect_args``, ``creator`` and listeners to ``do_connect`` and ``connect`` hold, also
    those that are added later. The pool is another one of the same size: a request that holds the
    application's last connection never waits for itself.

    Threat: connections that go past what the application demands of its server's certificate (V12.3.2).
    """
    return create_engine(
        engine.url,
        creator=lambda: _connection_of(engine),
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        **_pool_options(engine.pool),
    )


def drop_read_only(engine: Engine) -> None:
    """Let no connection that a fail-over made read-only be used again after its first refusal."""

    @event.listens_for(engine, "handle_error")
    def _take_for_gone(context: ExceptionContext) -> None:
        if sqlstate(context.original_exception) == READ_ONLY:
            context.is_disconnect = True


def sqlstate(error: Any) -> str | None:
    """Return the database's own code of a driver's error."""
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


def kept_at_hand(pool: Pool, most: int) -> int:
    """Return how many connections may be kept out of the pool: one at least stays for transactions."""
    # Whoever wants connections gone after a use, or after a time, wants that of these too.
    if not isinstance(pool, QueuePool) or pool._recycle >= 0:  # noqa: SLF001 -- without a public name
        return 0
    if pool.size() == 0 or pool._max_overflow < 0:  # noqa: SLF001
        return most
    return min(most, pool.size() + pool._max_overflow - 1)  # noqa: SLF001


def _pool_options(pool: Pool) -> dict[str, Any]:
    if isinstance(pool, NullPool):
        return {"poolclass": NullPool}
    options: dict[str, Any] = {"poolclass": QueuePool}
    options["pool_pre_ping"] = pool._pre_ping  # noqa: SLF001
    options["pool_recycle"] = pool._recycle  # noqa: SLF001
    if isinstance(pool, QueuePool):
        options |= {
            "pool_size": pool.size(),
            "max_overflow": pool._max_overflow,  # noqa: SLF001
            "pool_timeout": min(pool.timeout(), MOST_SECONDS_TO_WAIT),
        }
    return options


def _connection_of(engine: Engine) -> Any:
    """Return a new connection of the driver, made by the application's engine and known to no pool."""
    # A pool for this one connection: the application's own may be used up by whoever asks.
    pooled = engine.pool.recreate().connect()
    connection: Any = pooled.dbapi_connection
    pooled.detach()
    # What a listener began without an end would keep the isolation level as it is.
    connection.commit()
    return connection
