"""What SQLite and PostgreSQL spell differently."""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite

from bastide.core.foundation import ConfigurationError


def insert_for(engine: Engine) -> Any:
    """Return the dialect's ``insert``, which knows ``ON CONFLICT``."""
    if engine.dialect.name == "sqlite":
        return sqlite.insert
    if engine.dialect.name == "postgresql":
        return postgresql.insert
    msg = f"the stores run on SQLite and PostgreSQL, not on {engine.dialect.name}"
    raise ConfigurationError(msg)
