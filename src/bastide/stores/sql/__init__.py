"""Stores in SQLite or PostgreSQL through SQLAlchemy."""

from typing import Any

from bastide.core.foundation import Units
from bastide.core.request import Stores
from bastide.stores.sql import encrypted_attributes as _attributes  # noqa: F401 -- watches mapped classes
from bastide.stores.sql.account_mixin import AccountMixin
from bastide.stores.sql.accounts import SqlAccounts
from bastide.stores.sql.attempts import SqlAttempts
from bastide.stores.sql.connection import Database
from bastide.stores.sql.encrypted import EncryptedBytes, EncryptedText, use_keys
from bastide.stores.sql.encrypted_statements import IsSealed
from bastide.stores.sql.engines import drop_read_only, tune_sqlite
from bastide.stores.sql.events import SqlEvents
from bastide.stores.sql.factors import SqlFactors
from bastide.stores.sql.mail import SqlMail
from bastide.stores.sql.migrations import render_item
from bastide.stores.sql.passkeys import SqlPasskeys
from bastide.stores.sql.policies import compile_policy
from bastide.stores.sql.queries import contains, order_by, starts_with
from bastide.stores.sql.rule_text import RuleText
from bastide.stores.sql.sessions import SqlSessions
from bastide.stores.sql.tables import SecurityTables, security_tables
from bastide.stores.sql.tickets import SqlTickets
from bastide.stores.sql.tokens import SqlTokens
from bastide.stores.sql.uploads import SqlUploads
from bastide.stores.sql.violations import SqlViolations

__all__ = [
    "AccountMixin",
    "Database",
    "EncryptedBytes",
    "EncryptedText",
    "IsSealed",
    "RuleText",
    "SecurityTables",
    "compile_policy",
    "contains",
    "drop_read_only",
    "order_by",
    "render_item",
    "security_tables",
    "sql_stores",
    "starts_with",
    "tune_sqlite",
    "use_keys",
]


def sql_stores(database: Database, users: type[Any]) -> Stores:
    """Return stores beside the application's tables.

    Args:
        database: connections of their own to the application's database, so that what the stores write
            outlives a request that rolls back.
        users: the application's mapped class with ``AccountMixin``.
    """
    tables = security_tables(users.metadata, users.__table__)
    return Stores(
        accounts=SqlAccounts(database, tables),
        attempts=SqlAttempts(database, tables),
        sessions=SqlSessions(database, tables),
        tickets=SqlTickets(database, tables),
        factors=SqlFactors(database, tables),
        passkeys=SqlPasskeys(database, tables),
        tokens=SqlTokens(database, tables),
        events=SqlEvents(database, tables),
        violations=SqlViolations(database, tables),
        mail=SqlMail(database, tables),
        uploads=SqlUploads(database, tables),
        units=Units(database.unit),
    )
