"""What SQLite and PostgreSQL spell differently."""

from typing import Any

from sqlalchemy import Engine

from bastide.core.foundation import ConfigurationError


def insert_for(engine: Engine) -> Any:
    """Return the dialect's ``insert``, which knows ``ON CONFLICT``."""
    # A site has one of them, and each takes long to import.
    if engine.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415

        return insert
    if engine.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_in_postgresql  # noqa: PLC0415

        return insert_in_postgresql
    msg = f"the stores run on SQLite and PostgreSQL, not on {engine.dialect.name}"
    raise ConfigurationError(msg)
