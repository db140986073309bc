"""The security tables beside an application's user table.

Times are whole microseconds since 1970 in UTC, so that every driver and every framework reads the same.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.event import listens_for

from bastide.core.request import KEEPING_LAYERS, Absent, Layer
from bastide.stores.sql.account_columns import AccountColumns, id_column, require_account_columns

# Written into the statement: a bound separator would be compiled anew at every execution.
SEPARATOR: Final[Any] = literal_column("','")
_AUTO_KEY: Final = BigInteger().with_variant(Integer, "sqlite")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityTables:
    """The tables beside the application's user table."""

    user: Table
    role: Table
    role_permission: Table
    account_role: Table
    session: Table
    totp: Table
    backup_code: Table
    passkey: Table
    token: Table
    attempt: Table
    ticket: Table
    mail: Table
    upload: Table
    event: Table
    chain: Table
    violation: Table

    @property
    def account(self) -> AccountColumns:
        """The columns of the user table, whatever they are called there."""
        return require_account_columns(self.user)

    @property
    def user_id(self) -> Column[Any]:
        """The key of the user table, which may be anybody's where layers are taken alone."""
        return id_column(self.user)


def security_tables(metadata: MetaData, user: Any) -> SecurityTables:
    """Return the security tables in ``metadata``, made on the first call; migrations see them there.

    Raises:
        ConfigurationError: the user table lacks what accounts need.
    """
    require_account_columns(user)
    if "bastide_role" not in metadata.tables:
        _add_role_tables(metadata, user)
        _add_session_table(metadata, user)
        _add_factor_tables(metadata, user)
        _add_ticket_table(metadata)
        _add_mail_table(metadata)
    layer_tables(metadata, user, layers=KEEPING_LAYERS)
    return SecurityTables(user=user, **_found(metadata))


def layer_tables(metadata: MetaData, user: Any, *, layers: Collection[Layer]) -> SecurityTables:
    """Return the tables of layers that are taken alone, made on the first call; all others are absent.

    Args:
        metadata: the application's.
        user: its user table, which uploads and tokens refer to, or None.
        layers: those that are on.
    """
    if Layer.ATTEMPTS in layers and "bastide_attempt" not in metadata.tables:
        _add_attempt_table(metadata)
    if Layer.UPLOADS in layers and "bastide_upload" not in metadata.tables:
        _add_upload_table(metadata, user)
    if Layer.API_TOKENS in layers and "bastide_token" not in metadata.tables:
        _add_token_table(metadata, user)
    if Layer.REPORTS in layers and "bastide_violation" not in metadata.tables:
        _add_violation_table(metadata)
    if Layer.LOG in layers and "bastide_event" not in metadata.tables:
        _add_log_tables(metadata)
    absent: Any = Absent(Layer.ACCOUNTS)
    names = {field.name: absent for field in fields(SecurityTables)}
    return SecurityTables(**{**names, "user": user, **_found(metadata)})


def _found(metadata: MetaData) -> dict[str, Table]:
    names = {f"bastide_{field.name}": field.name for field in fields(SecurityTables)}
    return {names[name]: table for name, table in metadata.tables.items() if name in names}


def _account_key(user: Any, *, ondelete: str = "CASCADE", **options: Any) -> Column[Any]:
    key = id_column(user)
    return Column("account_id", key.type, ForeignKey(key, ondelete=ondelete), **options)


def _add_role_tables(metadata: MetaData, user: Any) -> None:
    Table("bastide_role", metadata, Column("name", String(50), primary_key=True))
    role = "bastide_role.name"
    Table(
        "bastide_role_permission",
        metadata,
        Column("role", String(50), ForeignKey(role, ondelete="CASCADE"), primary_key=True),
        Column("permission", String(100), primary_key=True),
    )
    Table(
        "bastide_account_role",
        metadata,
        _account_key(user, primary_key=True),
        Column("role", String(50), ForeignKey(role), primary_key=True, index=True),
    )


def _add_session_table(metadata: MetaData, user: Any) -> None:
    Table(
        "bastide_session",
        metadata,
        Column("digest", LargeBinary(32), primary_key=True),
        _account_key(user, nullable=True, index=True),
        Column("state", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("last_seen_at", BigInteger, nullable=False, index=True),
        Column("confirmed_at", BigInteger),
        Column("agent_family", String(60), nullable=False),
        Column("network", String(50), nullable=False),
        Column("must_rotate", Boolean, nullable=False, server_default=false()),
        Column("is_pending", Boolean, nullable=False, server_default=false()),
    )


def _add_factor_tables(metadata: MetaData, user: Any) -> None:
    Table(
        "bastide_totp",
        metadata,
        _account_key(user, primary_key=True, autoincrement=False),
        Column("secret", LargeBinary(100), nullable=False),
        Column("is_confirmed", Boolean, nullable=False, server_default=false()),
        Column("last_step", BigInteger, nullable=False),
    )
    Table(
        "bastide_backup_code",
        metadata,
        _account_key(user, primary_key=True, autoincrement=False),
        Column("digest", LargeBinary(32), primary_key=True),
    )
    Table(
        "bastide_passkey",
        metadata,
        Column("credential_id", LargeBinary(1023), primary_key=True),
        _account_key(user, nullable=False, index=True),
        Column("public_key", LargeBinary(1024), nullable=False),
        Column("sign_count", BigInteger, nullable=False),
        Column("transports", String(60), nullable=False),
        Column("name", String(60), nullable=False),
        Column("is_backed_up", Boolean, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("last_used_at", BigInteger),
        Column("user_handle", LargeBinary(64)),
    )


def _add_token_table(metadata: MetaData, user: Any) -> None:
    Table(
        "bastide_token",
        metadata,
        Column("id", String(11), primary_key=True),
        _account_key(user, nullable=False, index=True),
        Column("digest", LargeBinary(32), nullable=False),
        Column("name", String(60), nullable=False),
        Column("scopes", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False, index=True),
        Column("last_used_at", BigInteger),
    )


def _add_attempt_table(metadata: MetaData) -> None:
    Table(
        "bastide_attempt",
        metadata,
        Column("kind", String(10), primary_key=True),
        Column("subject", String(400), primary_key=True),
        Column("owner", String(64), nullable=False, index=True),
        Column("used", Integer, nullable=False),
        Column("most", Integer, nullable=False),
        Column("ends_at", BigInteger, nullable=False, index=True),
    )


def _add_ticket_table(metadata: MetaData) -> None:
    Table(
        "bastide_ticket",
        metadata,
        Column("digest", LargeBinary(32), primary_key=True),
        Column("purpose", String(20), nullable=False),
        Column("subject", String(300), nullable=False),
        Column("facts", Text, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        UniqueConstraint("purpose", "subject"),
    )


def _add_mail_table(metadata: MetaData) -> None:
    Table(
        "bastide_mail",
        metadata,
        Column("id", LargeBinary(16), primary_key=True),
        Column("sealed", LargeBinary, nullable=False),
        Column("due_at", BigInteger, nullable=False, index=True),
        Column("good_until", BigInteger, nullable=False),
        Column("tries", Integer, nullable=False),
    )


def _add_upload_table(metadata: MetaData, user: Any) -> None:
    Table(
        "bastide_upload",
        metadata,
        Column("name", String(40), primary_key=True),
        # The row outlives its account, so that the bytes are found and deleted.
        _account_key(user, ondelete="SET NULL", nullable=True, index=True),
        Column("subject", String(100), nullable=False, index=True),
        Column("display_name", String(200), nullable=False),
        Column("media_type", String(50), nullable=False),
        Column("size_bytes", BigInteger, nullable=False),
        Column("digest", LargeBinary(32), nullable=False),
        Column("state", String(10), nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Index("ix_bastide_upload_state_created_at", "state", "created_at"),
    )


# Kind and outcome go together; unless PostgreSQL is told, it takes a pair that never occurs for a frequent
# one and reads the whole log backwards for it.
_STATISTICS: Final = text(
    "CREATE STATISTICS bastide_event_kind_outcome (mcv) ON kind, outcome FROM bastide_event"
)


@listens_for(Table, "after_create")
def _tell_postgresql(table: Table, connection: Any, *, _ddl_runner: Any, **_: Any) -> None:
    """Tell it wherever the table is made, in a migration too; one without a chain is of an older version."""
    if table.name == "bastide_event" and "link" in table.c and _ddl_runner.dialect.name == "postgresql":
        # Alembic has no connection where it only writes SQL.
        (connection or _ddl_runner).execute(_STATISTICS)


def _add_log_tables(metadata: MetaData) -> None:
    Table(
        "bastide_event",
        metadata,
        Column("id", _AUTO_KEY, primary_key=True, autoincrement=True),
        Column("at", BigInteger, nullable=False, index=True),
        Column("kind", String(60), nullable=False),
        Column("outcome", String(10), nullable=False),
        # A neutralised text of 200 characters may hold six per character.
        *(Column(name, String(1300), nullable=False)
          for name in ("actor", "target", "session", "address", "route", "request_id")),
        Column("detail", Text, nullable=False),
        # Each way to read the log, newest first.
        Index("ix_bastide_event_kind_outcome_at", "kind", "outcome", "at"),
        *(Index(f"ix_bastide_event_{name}_at", name, "at") for name in ("actor", "target", "address")),
        # Empty in rows that are older than the chain.
        Column("key_id", BigInteger),
        Column("link", LargeBinary(32)),
    )  # fmt: skip
    Table(
        "bastide_chain",
        metadata,
        Column("name", String(4), primary_key=True),
        Column("sequence", BigInteger, nullable=False),
        Column("key_id", BigInteger, nullable=False),
        Column("link", LargeBinary(32), nullable=False),
        Column("seal", LargeBinary(32), nullable=False),
    )


def _add_violation_table(metadata: MetaData) -> None:
    Table(
        "bastide_violation",
        metadata,
        Column("fingerprint", String(32), primary_key=True),
        *(Column(name, String(1300), nullable=False) for name in ("directive", "blocked", "document")),
        Column("count", Integer, nullable=False),
        Column("first_seen", BigInteger, nullable=False),
        Column("last_seen", BigInteger, nullable=False, index=True),
    )
