"""Stores in SQLite or PostgreSQL through SQLAlchemy."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import MetaData

from bastide.core.api_tokens import LoadOwner, OutsideOwners
from bastide.core.foundation import Units
from bastide.core.request import Layer, Stores, absent_stores
from bastide.stores.sql import encrypted_attributes as _attributes  # noqa: F401 -- watches mapped classes
from bastide.stores.sql.account_mixin import AccountMixin, AdoptedAccountMixin, ExistingAccountMixin
from bastide.stores.sql.accounts import SqlAccounts
from bastide.stores.sql.attempts import SqlAttempts
from bastide.stores.sql.connection import Database
from bastide.stores.sql.encrypted import EncryptedBytes, EncryptedText, use_keys
from bastide.stores.sql.encrypted_statements import IsSealed
from bastide.stores.sql.engines import drop_read_only, tune_sqlite
from bastide.stores.sql.events import SqlEvents
from bastide.stores.sql.factors import SqlFactors
from bastide.stores.sql.identities import SqlIdentities
from bastide.stores.sql.mail import SqlMail
from bastide.stores.sql.migrations import render_item, require_keys
from bastide.stores.sql.one_connection import OneConnection, open_database
from bastide.stores.sql.passkeys import SqlPasskeys
from bastide.stores.sql.policies import compile_policy
from bastide.stores.sql.queries import contains, order_by, starts_with
from bastide.stores.sql.rule_text import RuleText
from bastide.stores.sql.sessions import SqlSessions
from bastide.stores.sql.tables import SecurityTables, layer_tables, security_tables
from bastide.stores.sql.tickets import SqlTickets
from bastide.stores.sql.tokens import OutsideTokens, SqlTokens
from bastide.stores.sql.uploads import SqlUploads
from bastide.stores.sql.violations import SqlViolations

__all__ = [
    "AccountMixin",
    "AdoptedAccountMixin",
    "Database",
    "EncryptedBytes",
    "EncryptedText",
    "ExistingAccountMixin",
    "IsSealed",
    "OneConnection",
    "RuleText",
    "SecurityTables",
    "compile_policy",
    "contains",
    "drop_read_only",
    "layer_stores",
    "open_database",
    "order_by",
    "render_item",
    "require_keys",
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
        users: the application's mapped class with ``AccountMixin`` or ``ExistingAccountMixin``.
    """
    tables = security_tables(users.metadata, users.__table__)
    return Stores(
        accounts=SqlAccounts(database, tables),
        attempts=SqlAttempts(database, tables),
        sessions=SqlSessions(database, tables),
        tickets=SqlTickets(database, tables),
        identities=SqlIdentities(database, tables),
        factors=SqlFactors(database, tables),
        passkeys=SqlPasskeys(database, tables),
        tokens=SqlTokens(database, tables),
        events=SqlEvents(database, tables),
        violations=SqlViolations(database, tables),
        mail=SqlMail(database, tables),
        uploads=SqlUploads(database, tables),
        units=Units(database.unit),
    )


def layer_stores(
    database: Database | None,
    metadata: MetaData | None,
    user: Any,
    *,
    layers: Collection[Layer],
    load_owner: LoadOwner,
) -> Stores:
    """Return the stores of layers that are taken alone; each other one refuses by name whoever asks it.

    Args:
        database: as for ``sql_stores``; None where no layer keeps anything.
        metadata: the application's, likewise.
        user: its user table, which uploads and tokens refer to, or None.
        layers: those that are on.
        load_owner: tells who has a token, by the account's id; a stranger for nobody.
    """
    stores = absent_stores()
    if database is not None and metadata is not None:
        tables = layer_tables(metadata, user, layers=layers)
        stores["units"] = Units(database.unit)
        if Layer.ATTEMPTS in layers:
            stores["attempts"] = SqlAttempts(database, tables)
        if Layer.LOG in layers:
            stores["events"] = SqlEvents(database, tables)
        if Layer.API_TOKENS in layers:
            stores["tokens"] = OutsideTokens(database, tables, load_owner)
            stores["accounts"] = OutsideOwners(load_owner)
        if Layer.REPORTS in layers:
            stores["violations"] = SqlViolations(database, tables)
        if Layer.UPLOADS in layers:
            stores["uploads"] = SqlUploads(database, tables)
    return Stores(**stores)
