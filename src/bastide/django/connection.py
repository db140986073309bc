"""The stores' own way to the database: short transactions beside the request's."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, InterfaceError, connections, transaction

from bastide.core.foundation import StoreUnavailable

P = ParamSpec("P")
R = TypeVar("R")

ALIAS: Final = "bastide"
SQLITE_OPTIONS: Final[dict[str, Any]] = {
    "timeout": 5,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
}
_UNAVAILABLE: Final = "the database did not answer"


def register_alias() -> None:
    """Make ``bastide`` a second way to the default database, outside every request's transaction.

    What is written there stays when the request rolls back (``ATOMIC_REQUESTS``). Django's test runner
    mirrors it onto the default connection, so that test cases see it and roll it back.
    """
    default = connections.settings["default"]
    options = dict(default["OPTIONS"])
    if default["ENGINE"].endswith("sqlite3"):
        options |= SQLITE_OPTIONS
    connections.settings[ALIAS] = {
        **default,
        "OPTIONS": options,
        "ATOMIC_REQUESTS": False,
        "AUTOCOMMIT": True,
        "TEST": {**default["TEST"], "MIRROR": "default"},
    }


def store_verb(verb: Callable[P, R]) -> Callable[P, R]:
    """Let no driver error leave a verb: what cannot be answered is ``StoreUnavailable``.

    A connection that the database dropped meanwhile is replaced once before that.
    """

    @functools.wraps(verb)
    def run(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return verb(*arguments, **options)
        except IntegrityError:
            raise
        except (DatabaseError, InterfaceError) as error:
            if not _drop_if_stale():
                raise StoreUnavailable(_UNAVAILABLE) from error
        try:
            return verb(*arguments, **options)
        except IntegrityError:
            raise
        except (DatabaseError, InterfaceError) as error:
            connections[ALIAS].close()
            raise StoreUnavailable(_UNAVAILABLE) from error

    return run


@contextmanager
def unit() -> Iterator[None]:
    """Make what this thread does from here on one transaction: all of it is kept, or nothing."""
    _drop_if_stale()
    try:
        with transaction.atomic(using=ALIAS):
            yield
    except IntegrityError:
        raise
    except (DatabaseError, InterfaceError) as error:
        raise StoreUnavailable(_UNAVAILABLE) from error


def _drop_if_stale() -> bool:
    connection: Any = connections[ALIAS]
    if connection.in_atomic_block or (connection.connection is not None and connection.is_usable()):
        return False
    had_one = connection.connection is not None
    connection.close()
    return had_one
