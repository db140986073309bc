"""The stores' own way to the database: short transactions beside the request's."""

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final, ParamSpec, TypeVar

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    IntegrityError,
    InterfaceError,
    connections,
    router,
    transaction,
)
from django.db.backends.signals import connection_created
from django.db.utils import ConnectionRouter

from bastide.core.foundation import StoreUnavailable
from bastide.core.request import StoreSettings
from bastide.django.conf import read_settings

P = ParamSpec("P")
R = TypeVar("R")

ALIAS: Final = "bastide"
SQLITE_OPTIONS: Final[dict[str, Any]] = {
    "timeout": 5,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
}
READ_ONLY: Final = "25006"
SERIALIZATION_FAILURE: Final = "40001"
_TRIES: Final = 4
_UNAVAILABLE: Final = "the database did not answer"
# A pooler hands plain SET on to the next client; what is local ends with the transaction.
_LIMIT: Final = "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)"
# SQLite lets writers try again and again, and the unlucky ones never; here they stand in line.
_QUEUE_SECONDS: Final = 30
_queue = Lock()


def register_alias() -> None:
    """Make ``bastide`` a second way to the users' database, outside every request's transaction.

    That is the one that the project's routers write users to, the default one without routers or users.
    What is written there stays when the request rolls back (``ATOMIC_REQUESTS``). Django's test runner
    mirrors it onto that connection, so that test cases see it and roll it back.
    """
    has_users = apps.is_installed("django.contrib.auth")
    primary = router.db_for_write(get_user_model()) if has_users else DEFAULT_DB_ALIAS
    settings = connections.settings[primary]
    options = dict(settings["OPTIONS"])
    if settings["ENGINE"].endswith("sqlite3"):
        options |= SQLITE_OPTIONS
    if settings["ENGINE"].endswith("postgresql"):
        # What the stores decide on they lock: a level that asks for repetition would only refuse people.
        options["isolation_level"] = _read_committed()
    connections.settings[ALIAS] = {
        **settings,
        "ENGINE": "bastide.django.in_tests",
        "OPTIONS": options,
        "ATOMIC_REQUESTS": False,
        "AUTOCOMMIT": True,
        "TEST": {**settings["TEST"], "MIRROR": primary},
    }
    # Beside the routers, not among them: those are made anew where a test overrides the setting.
    asked: Any = router
    for name in ("db_for_read", "db_for_write"):
        setattr(asked, name, _beside_stores(getattr(ConnectionRouter, name)))
    connection_created.connect(_limit_sqlite, dispatch_uid="bastide.limits")


def users_as_written() -> Any:
    """Return the users as they are where they are written; a replica may not know the newest yet."""
    users: Any = get_user_model()
    return users._base_manager.using(router.db_for_write(users))  # noqa: SLF001 -- Django's documented name


def lock_account(account_id: Any) -> None:
    """Let one change of what belongs to the account at a time; SQLite has one writer anyway."""
    users: Any = get_user_model()._base_manager.using(ALIAS)  # noqa: SLF001 -- Django's documented name
    users.select_for_update(no_key=True).filter(pk=account_id).values_list("pk").first()


def _beside_stores(ask: Callable[..., str]) -> Callable[..., str]:
    """Keep what hangs on the stores' own objects on their connection, whatever the project's routers say.

    Threat: roles that are read from a replica which lags behind, and written past the transaction.
    """

    @functools.wraps(ask)
    def answer(model: Any, **hints: Any) -> str:
        instance = hints.get("instance")
        is_theirs = instance is not None and instance._state.db == ALIAS  # noqa: SLF001 -- Django's documented name
        return ALIAS if is_theirs else ask(router, model, **hints)

    return answer


def _read_committed() -> Any:
    from django.db.backends.postgresql.psycopg_any import IsolationLevel  # noqa: PLC0415 -- needs a driver

    return IsolationLevel.READ_COMMITTED


@functools.cache
def limits() -> StoreSettings:
    """Return how long the stores wait, as the settings say."""
    return read_settings().stores


def _limit_sqlite(*, connection: Any, **_: Any) -> None:
    if connection.alias == ALIAS and connection.vendor == "sqlite":
        connection.connection.execute(f"PRAGMA busy_timeout = {limits().lock_timeout_ms}")


@contextmanager
def atomic() -> Iterator[None]:
    """Make what this thread does from here on one short transaction of the stores, or a part of one."""
    connection: Any = connections[ALIAS]
    if connection.in_atomic_block:
        with transaction.atomic(using=ALIAS):
            yield
        return
    with _in_line(connection), transaction.atomic(using=ALIAS):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(_LIMIT, [str(limits().lock_timeout_ms), str(limits().statement_timeout_ms)])
        yield


@contextmanager
def _in_line(connection: Any) -> Iterator[None]:
    """Let one thread of this process at a time write to SQLite, in its turn."""
    if connection.vendor != "sqlite":
        yield
        return
    if not _queue.acquire(timeout=_QUEUE_SECONDS):
        raise StoreUnavailable(_UNAVAILABLE)
    try:
        yield
    finally:
        _queue.release()


def store_verb(verb: Callable[P, R]) -> Callable[P, R]:
    """Let no driver error leave a verb: what cannot be answered is ``StoreUnavailable``.

    A connection that the database dropped meanwhile, or that a fail-over made read-only, is replaced before
    that; a read that the database wants repeated is.
    """

    @functools.wraps(verb)
    def run(*arguments: P.args, **options: P.kwargs) -> R:
        for _ in range(_TRIES - 1):
            try:
                return verb(*arguments, **options)
            except IntegrityError:
                raise
            except (DatabaseError, InterfaceError) as error:
                if not _may_retry(error):
                    raise StoreUnavailable(_UNAVAILABLE) from error
        try:
            return verb(*arguments, **options)
        except IntegrityError:
            raise
        except (DatabaseError, InterfaceError) as error:
            connections[ALIAS].close()
            raise StoreUnavailable(_UNAVAILABLE) from error

    return run


def writing_verb(verb: Callable[P, R]) -> Callable[P, R]:
    """Run a verb of one statement that writes in a transaction, where limits hold; see ``store_verb``."""

    @functools.wraps(verb)
    def run(*arguments: P.args, **options: P.kwargs) -> R:
        if connections[ALIAS].in_atomic_block:
            return verb(*arguments, **options)
        with atomic():
            return verb(*arguments, **options)

    return store_verb(run)


@contextmanager
def unit() -> Iterator[None]:
    """Make what this thread does from here on one transaction: all of it is kept, or nothing."""
    _drop_if_stale()
    try:
        with atomic():
            yield
    except IntegrityError:
        raise
    except (DatabaseError, InterfaceError) as error:
        drop_read_only(error)
        raise StoreUnavailable(_UNAVAILABLE) from error
    except StoreUnavailable as error:
        drop_read_only(error.__cause__)
        raise


def drop_read_only(error: BaseException | None) -> bool:
    """Close the connections of this thread, where the error says that a fail-over left one read-only."""
    if sqlstate(error) != READ_ONLY:
        return False
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
    return True


def sqlstate(error: BaseException | None) -> str | None:
    """Return the database's own code of an error that Django wrapped."""
    cause: Any = getattr(error, "__cause__", None)
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)


def _may_retry(error: BaseException) -> bool:
    if connections[ALIAS].in_atomic_block:
        return False
    return drop_read_only(error) or sqlstate(error) == SERIALIZATION_FAILURE or _drop_if_stale()


def _drop_if_stale() -> bool:
    connection: Any = connections[ALIAS]
    if connection.in_atomic_block or (connection.connection is not None and connection.is_usable()):
        return False
    had_one = connection.connection is not None
    connection.close()
    return had_one


def _renew_queue() -> None:
    """A child process must not wait for a thread that only its parent has."""
    global _queue  # noqa: PLW0603 -- the lock is the process's
    _queue = Lock()


os.register_at_fork(after_in_child=_renew_queue)
